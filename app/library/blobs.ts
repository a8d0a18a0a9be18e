import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { Problem } from '../problem.ts'
import { libraryProblem, type Store } from './store.ts'

/** What the store asks of the disk; tests put failing ones in its place. */
export interface Disk {
  makeFolder(path: string): Promise<void>
  /** Writes a new file and makes sure that its bytes are on the disk. */
  writeDurably(path: string, bytes: Uint8Array): Promise<void>
  rename(from: string, to: string): Promise<void>
  syncFolder(path: string): Promise<void>
  remove(path: string): Promise<void>
}

export const realDisk: Disk = {
  async makeFolder(path) {
    await mkdir(path, { recursive: true })
  },
  async writeDurably(path, bytes) {
    const file = await open(path, 'wx')
    try {
      await file.writeFile(bytes)
      await file.sync()
    } finally {
      await file.close()
    }
  },
  rename,
  async syncFolder(path) {
    // Windows keeps names itself and lets nobody open a folder.
    if (process.platform === 'win32') return
    const folder = await open(path, 'r')
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  },
  async remove(path) {
    await rm(path, { force: true })
  },
}

/** A file in the store. */
export interface Blob {
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  readonly hash: string
  readonly type: string
  readonly bytes: number
}

/** What a check of the folder against the rows found. Nothing of it was changed, except that leftovers were removed. */
export interface BlobReport {
  /** Whole files that no row knows: they were written, and then the engine ended before it could record them. */
  readonly filesWithoutRow: readonly string[]
  /** Rows whose file is not there. */
  readonly rowsWithoutFile: readonly string[]
  /** Files that an engine that is no more was still writing: nothing that was ever whole. */
  readonly leftovers: readonly string[]
}

/** The columns that name blobs. What none of them names is removed for good. */
const NAMED_IN = ['images.hash', 'keptPictures.hash', 'tiles.hash', 'documents.thumbnail', 'documentVersions.thumbnail']
const UNNAMED = NAMED_IN.map(
  column => `NOT EXISTS (SELECT 1 FROM ${column.slice(0, column.indexOf('.'))} WHERE ${column} = blobs.hash)`,
).join(' AND ')

const ENDINGS: Readonly<Record<string, string>> = { 'image/png': '.png' }

/** Files by the hash of their content, under `blobs/`: a temporary name, the bytes on the disk, the final name, the folder on
 *  the disk; only then may a row name them. What has the same content is stored once. */
export class BlobStore {
  readonly #folder: string
  readonly #store: Store
  readonly #engine: string
  readonly #disk: Disk

  constructor(folder: string, store: Store, engine: string, disk: Disk = realDisk) {
    this.#folder = folder
    this.#store = store
    this.#engine = engine
    this.#disk = disk
  }

  /** Puts bytes on the disk under their hash. Until `record` is called they belong to nobody.
   *  @throws Problem DISK_FULL, DISK_ERROR or LIBRARY_READ_ONLY, with nothing half written left behind */
  async put(bytes: Uint8Array, type: string): Promise<Blob> {
    const [blob] = await this.putAll([bytes], type)
    return blob
  }

  /** Puts many at once, in about the time of a few. @param options.anew also what is there already
   *  @returns them in their order  @throws Problem as `put` */
  async putAll(all: readonly Uint8Array[], type: string, { anew = false } = {}): Promise<Blob[]> {
    const blobs = all.map(bytes => blobOf(bytes, type))
    const contents = new Map(blobs.map(({ hash }, index) => [this.#path(hash, type), all[index]]))
    const found = await Promise.all([...contents].map(([path, bytes]) => !anew && isWhole(path, bytes.length)))
    await this.#write([...contents].filter((_, index) => !found[index]))
    return blobs
  }

  /** Puts bytes where they can be read, without waiting for the disk: for what is safe elsewhere until it was put anew by `putAll`. No file is ever
   *  half written, but a power cut may take it.  @returns blobs, in their order  @throws Problem as `put` */
  putUnsynced(all: readonly Uint8Array[], type: string): Blob[] {
    return all.map(bytes => {
      const blob = blobOf(bytes, type)
      const path = this.#path(blob.hash, type)
      if (statSync(path, { throwIfNoEntry: false })?.size === bytes.length) return blob
      const temporary = join(this.#folder, 'incoming', `${this.#engine}.${randomUUID()}`)
      try {
        for (const folder of [dirname(temporary), dirname(path)])
          if (!existsSync(folder)) mkdirSync(folder, { recursive: true })
        writeFileSync(temporary, bytes, { flag: 'wx' })
        renameSync(temporary, path)
      } catch (error) {
        rmSync(temporary, { force: true })
        throw libraryProblem(error, path)
      }
      return blob
    })
  }

  async #write(contents: readonly (readonly [path: string, bytes: Uint8Array])[]): Promise<void> {
    if (contents.length === 0) return
    const incoming = join(this.#folder, 'incoming')
    const files = contents.map(([path, bytes]) => ({
      ...{ path, bytes },
      temporary: join(incoming, `${this.#engine}.${randomUUID()}`),
    }))
    const folders = [...new Set(files.map(({ path }) => dirname(path)))]
    try {
      await toTheEnd([incoming, ...folders].map(folder => this.#disk.makeFolder(folder)))
      await toTheEnd(files.map(({ temporary, bytes }) => this.#disk.writeDurably(temporary, bytes)))
      await toTheEnd(files.map(({ temporary, path }) => this.#disk.rename(temporary, path)))
      await toTheEnd([...folders, this.#folder].map(folder => this.#disk.syncFolder(folder)))
    } catch (error) {
      await Promise.all(files.map(({ temporary }) => this.#disk.remove(temporary).catch(() => {})))
      throw libraryProblem(error, files[0].path)
    }
  }

  /** Writes the row of a blob; to be called inside the transaction that gives it its meaning.
   *  @throws Problem BLOB_GONE when the same content was removed for good since `put`: put it again */
  record(blob: Blob): void {
    if (!existsSync(this.#path(blob.hash, blob.type))) {
      throw new Problem('BLOB_GONE', 'The picture was removed from the library while it was being added.', {
        hint: 'Try again.',
      })
    }
    this.#store.run('INSERT INTO blobs (hash, type, bytes) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING', [
      blob.hash,
      blob.type,
      blob.bytes,
    ])
    this.#store.run('DELETE FROM doomedBlobs WHERE hash = ?', [blob.hash])
  }

  /** Where a recorded blob lies; undefined for what is none, whatever the string is. */
  find(hash: string): { path: string; type: string } | undefined {
    const row = this.#store.get<{ type: string }>('SELECT type FROM blobs WHERE hash = ?', [hash])
    return row && { path: this.#path(hash, row.type), type: row.type }
  }

  /** Marks blobs that nothing names any more; to be called inside the transaction that removed what named them.
   *  @param hashes of those that may be such; default: any */
  doomUnused(hashes?: readonly string[]): void {
    const unused = `FROM blobs WHERE ${hashes ? 'hash IN (SELECT value FROM json_each(?)) AND' : ''} ${UNNAMED}`
    const values = hashes ? [JSON.stringify(hashes)] : []
    this.#store.run(`INSERT OR IGNORE INTO doomedBlobs (hash, type) SELECT hash, type ${unused}`, values)
    this.#store.run(`DELETE ${unused}`, values)
  }

  /** Removes the files that `doomUnused` marked; goes on where an engine that ended left off. Under the write lock, a few at a
   *  time, so that no file goes while another engine records the same content. */
  async removeDoomed(): Promise<void> {
    for (;;) {
      const doomed = this.#store.all<{ hash: string; type: string }>('SELECT hash, type FROM doomedBlobs LIMIT 32')
      if (doomed.length === 0) return
      this.#store.transaction(() => {
        for (const { hash, type } of doomed) {
          const recorded = this.#store.get('SELECT 1 FROM blobs WHERE hash = ?', [hash])
          if (!recorded) rmSync(this.#path(hash, type), { force: true })
          this.#store.run('DELETE FROM doomedBlobs WHERE hash = ?', [hash])
        }
      })
      await setImmediate()
    }
  }

  /** Compares files and rows. @param alive ids of engines that run now; what they are writing is left alone */
  async check(alive: ReadonlySet<string>): Promise<BlobReport> {
    const known = new Map<string, string>()
    for (const { hash, type } of this.#store.all<{ hash: string; type: string }>('SELECT hash, type FROM blobs')) {
      known.set(this.#path(hash, type), hash)
    }
    const doomed = this.#store.all<{ hash: string; type: string }>('SELECT hash, type FROM doomedBlobs')
    const removing = new Set(doomed.map(({ hash, type }) => this.#path(hash, type)))
    const filesWithoutRow: string[] = []
    for (const folder of await names(this.#folder)) {
      if (folder === 'incoming') continue
      for (const name of await names(join(this.#folder, folder))) {
        const path = join(this.#folder, folder, name)
        if (!known.delete(path) && !removing.has(path)) filesWithoutRow.push(path)
      }
    }
    return { filesWithoutRow, rowsWithoutFile: [...known.values()], leftovers: await this.#removeLeftovers(alive) }
  }

  async #removeLeftovers(alive: ReadonlySet<string>): Promise<string[]> {
    const incoming = join(this.#folder, 'incoming')
    const dead = (await names(incoming)).filter(name => !alive.has(name.slice(0, name.indexOf('.'))))
    const paths = dead.map(name => join(incoming, name))
    for (const path of paths) await this.#disk.remove(path)
    return paths
  }

  #path(hash: string, type: string): string {
    return join(this.#folder, hash.slice(0, 2), `${hash}${ENDINGS[type] ?? ''}`)
  }
}

const blobOf = (bytes: Uint8Array, type: string): Blob => ({
  hash: createHash('sha256').update(bytes).digest('hex'),
  ...{ type, bytes: bytes.length },
})

/** Waits for all, also where one fails: then nobody writes any more what is taken away after that. */
async function toTheEnd(work: readonly Promise<void>[]): Promise<void> {
  const results = await Promise.allSettled(work)
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function isWhole(path: string, bytes: number): Promise<boolean> {
  try {
    return (await stat(path)).size === bytes
  } catch {
    return false
  }
}

async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch {
    return []
  }
}
