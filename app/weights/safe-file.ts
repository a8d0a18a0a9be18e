import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { Problem } from '../problem.ts'

/** Most bytes that one read or write call of the system takes (Linux stops at 2^31 - 4096). */
export const largestTransfer = 2 ** 30

/** What the system's error codes mean to the person who chose the file. */
const reasons: Readonly<Record<string, readonly [code: string, what: string, hint: string]>> = {
  ENOENT: ['FILE_MISSING', 'does not exist', 'Check the path.'],
  ENOTDIR: ['FILE_MISSING', 'does not exist, because a part of its path is not a folder', 'Check the path.'],
  EACCES: ['FILE_DENIED', 'may not be accessed', 'Change its permissions, or choose another place.'],
  EPERM: ['FILE_DENIED', 'may not be accessed', 'Change its permissions, or choose another place.'],
  EROFS: ['FILE_DENIED', 'is on a file system that is read-only', 'Choose another place.'],
  EISDIR: ['FILE_IS_FOLDER', 'is a folder, not a file', 'Name a file in it.'],
  ENOSPC: ['DISK_FULL', 'does not fit: the disk is full', 'Free some space, or choose another disk.'],
  EDQUOT: ['DISK_FULL', 'does not fit: your quota on this disk is used up', 'Free some space, or choose another disk.'],
  EFBIG: ['DISK_FULL', 'is larger than this disk allows', 'Choose another disk.'],
  ENAMETOOLONG: ['FILE_NAME', 'has a name that is too long', 'Choose a shorter name.'],
  EMFILE: ['FILE_LIMIT', 'could not be opened: too many files are open', 'Close other programs and try again.'],
}

/** Puts an error of the file system into words. Problems pass through unchanged. */
export function fileProblem(error: unknown, path: string): Problem {
  if (error instanceof Problem) return error
  const system = error instanceof Error && 'code' in error ? String(error.code) : ''
  const [code, what, hint] = reasons[system] ?? ['FILE_FAILED', `could not be used (${system || error})`, 'Try again.']
  return new Problem(code, `${path} ${what}.`, { hint, cause: error, details: { system } })
}

/** Writes a file so that, at any moment and whatever fails, `path` holds the old content or all of the new:
 *  to a temporary name in the same folder, flushed to the disk, then renamed. Nothing is left behind on failure.
 *  @param chunks the content, in order
 *  @throws Problem FILE_*, DISK_FULL */
export function writeFileSafely(path: string, chunks: Iterable<Uint8Array>): void {
  const temporary = temporaryName(path)
  try {
    const file = openSync(temporary, 'wx')
    try {
      fill(file, chunks)
      renameSync(temporary, path)
    } catch (error) {
      rmSync(temporary, { force: true })
      throw error
    }
    syncFolder(dirname(path))
  } catch (error) {
    throw fileProblem(error, path)
  }
}

/** Makes a folder so that `path` is never half of it: under a temporary name beside it, then renamed. Nothing is left behind on failure.
 *  @param path where nothing is yet  @param fill puts all that belongs there into the folder that it is given; files that it writes safely
 *  are on the disk  @throws Problem FILE_*, DISK_FULL */
export function writeFolderSafely(path: string, fill: (folder: string) => void): void {
  const temporary = temporaryName(path)
  try {
    mkdirSync(temporary, { recursive: true })
    fill(temporary)
    syncFolder(temporary)
    renameSync(temporary, path)
    syncFolder(dirname(path))
  } catch (error) {
    throw fileProblem(error, path)
  } finally {
    rmSync(temporary, { recursive: true, force: true })
  }
}

/** A file that is made piece by piece, as safely: under a temporary name until it is finished; whoever makes it closes it in any case. */
export class NewFile {
  readonly #path: string
  readonly #temporary: string
  #file: number | undefined

  /** @throws Problem FILE_*, DISK_FULL */
  constructor(path: string) {
    this.#path = path
    this.#temporary = temporaryName(path)
    this.#file = this.#named(() => openSync(this.#temporary, 'wx'))
  }

  /** Puts bytes at the end. @throws Problem DISK_FULL, FILE_* */
  write(bytes: Uint8Array): void {
    const file = this.#file
    if (file !== undefined) this.#named(() => writeAll(file, bytes))
  }

  /** Makes sure that everything is on the disk and gives the file its name. @throws Problem DISK_FULL, FILE_* */
  finish(): void {
    const file = this.#file
    if (file === undefined) return
    this.#named(() => {
      fsyncSync(file)
      closeSync(file)
      this.#file = undefined
      renameSync(this.#temporary, this.#path)
      syncFolder(dirname(this.#path))
    })
  }

  /** Removes what is not finished. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    rmSync(this.#temporary, { force: true })
  }

  #named<Result>(work: () => Result): Result {
    try {
      return work()
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
  }
}

/** A name beside a path for what is not finished. */
export const temporaryName = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.part`)

/** Writes everything, makes sure that it is on the disk, and closes the file. */
function fill(file: number, chunks: Iterable<Uint8Array>): void {
  try {
    for (const chunk of chunks) writeAll(file, chunk)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, largestTransfer))
  }
}

/** Makes sure that a file's bytes are on the disk. */
export function syncFile(path: string): void {
  const file = openSync(path, 'r+')
  try {
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** Makes sure that a folder's names are on the disk: a rename is there only then. Windows keeps them itself and lets nobody open a folder. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
