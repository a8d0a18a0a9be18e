import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileProblem, syncFolder } from '../../weights/safe-file.ts'
import type { PlannedFile } from './records.ts'

/** A file that is arriving, under its name with `.part` behind it. What is there already, from an earlier start too, counts. */
export class PartFile {
  readonly #path: string
  readonly #planned: PlannedFile
  readonly #file: FileHandle
  #hash: Hash
  /** Bytes that are there. */
  length = 0

  private constructor(path: string, planned: PlannedFile, file: FileHandle) {
    this.#path = path
    this.#planned = planned
    this.#file = file
    this.#hash = hashFor(planned)
  }

  /** @param path the final name; its folder is made  @throws Problem FILE_*, DISK_FULL */
  static async open(path: string, planned: PlannedFile, signal: AbortSignal): Promise<PartFile> {
    let part: PartFile | undefined
    try {
      await mkdir(dirname(path), { recursive: true })
      part = new PartFile(path, planned, await open(partOf(path), 'a+'))
      await part.#readAgain(signal)
      return part
    } catch (error) {
      await part?.close()
      signal.throwIfAborted()
      throw fileProblem(error, path)
    }
  }

  /** Hashes what an earlier start left. */
  async #readAgain(signal: AbortSignal): Promise<void> {
    const { size } = await this.#file.stat()
    if (size > this.#planned.size) return await this.reset()
    const piece = Buffer.alloc(2 ** 20)
    while (this.length < size) {
      signal.throwIfAborted()
      const { bytesRead } = await this.#file.read(piece, 0, piece.length, this.length)
      if (bytesRead === 0) return
      this.#hash.update(piece.subarray(0, bytesRead))
      this.length += bytesRead
    }
  }

  /** @throws Problem DISK_FULL, FILE_* */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      // `a+` writes at the end whatever was read; a short write is gone on with.
      await this.#file.appendFile(bytes)
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
    this.#hash.update(bytes)
    this.length += bytes.length
  }

  /** Begins anew. */
  async reset(): Promise<void> {
    try {
      await this.#file.truncate(0)
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
    this.#hash = hashFor(this.#planned)
    this.length = 0
  }

  /** Whether the bytes are those that the hub declares; true where it declares nothing. */
  isRight(): boolean {
    const { sha256, gitSha1 } = this.#planned
    const declared = sha256 ?? gitSha1
    return declared === undefined || this.#hash.copy().digest('hex') === declared
  }

  /** Puts the bytes on the disk, then gives them their final name. */
  async finish(): Promise<void> {
    try {
      await this.#file.sync()
      await this.#file.close()
      await rename(partOf(this.#path), this.#path)
      syncFolder(dirname(this.#path))
    } catch (error) {
      throw fileProblem(error, this.#path)
    }
  }

  /** Lets go of the file; what arrived stays. */
  async close(): Promise<void> {
    await this.#file.close().catch(() => {})
  }
}

export const partOf = (path: string): string => `${path}.part`

/** SHA-256 of the bytes, or git's SHA-1 of a blob, whichever is declared. */
function hashFor({ size, sha256, gitSha1 }: PlannedFile): Hash {
  return sha256 === undefined && gitSha1 !== undefined
    ? createHash('sha1').update(`blob ${size}\0`)
    : createHash('sha256')
}
