import { setImmediate } from 'node:timers/promises'
import { Problem } from '../../problem.ts'
import type { BlobStore } from '../blobs.ts'
import type { Store } from '../store.ts'
import { checkPicture } from './check-picture.ts'
import { tileSize } from './document.ts'

/** Milliseconds that a tile may wait for the edit that names it. */
const PATIENCE = 3600_000
/** Tiles that are looked at in one go while other work waits. */
const SLICE = 500
/** Milliseconds after the last tiles when the disk is waited for, and how many files at once. */
const SETTLE_AFTER = 1000
const FEW = 48
/** How often something is stored anew that is removed at the same moment. */
const ATTEMPTS = 3

/** The tiles of all documents: small PNG pictures in the content store, each checked once. */
export class TileTable {
  readonly #store: Store
  readonly #blobs: BlobStore
  #settling: ReturnType<typeof setTimeout> | undefined

  constructor(store: Store, blobs: BlobStore) {
    this.#store = store
    this.#blobs = blobs
  }

  /** Puts tiles on the disk. They stay for an hour; those that an edit, a document or a version names by then stay longer.
   *  One write of the database makes all of them safe; their files, which are there at once, follow by themselves.
   *  @param pictures bytes of PNG files, 8-bit RGBA, at most 256 x 256  @returns their hashes, in their order
   *  @throws Problem TILE_INVALID, DISK_FULL ... with none recorded */
  async store(pictures: readonly Uint8Array[], now = Date.now()): Promise<string[]> {
    await Promise.all(pictures.map(png => checkPicture(png, tileSize)))
    const hashes = this.#store.transaction(() => {
      const blobs = this.#blobs.putUnsynced(pictures, 'image/png')
      for (const [index, blob] of blobs.entries()) {
        this.#blobs.record(blob)
        const sql = 'UPDATE tiles SET storedAt = ? WHERE hash = ?'
        if (this.#store.run(sql, [now, blob.hash]) > 0) continue
        this.#store.run('INSERT INTO tiles (hash, storedAt) VALUES (?, ?)', [blob.hash, now])
        this.#store.run('INSERT INTO tileBytes (tile, png) SELECT number, ? FROM tiles WHERE hash = ?', [
          pictures[index],
          blob.hash,
        ])
      }
      return blobs.map(({ hash }) => hash)
    })
    this.settleSoon()
    return hashes
  }

  /** Makes sure, a moment later, that the files of all tiles are on the disk. What fails is done after the next start, or with the next tiles. */
  settleSoon(): void {
    clearTimeout(this.#settling)
    this.#settling = setTimeout(() => this.settle().catch(() => {}), SETTLE_AFTER)
    this.#settling.unref()
  }

  /** Makes sure that the files of all tiles are on the disk. @throws Problem DISK_FULL ...; nothing is lost, for the bytes are rows */
  async settle(): Promise<void> {
    for (;;) {
      const rows = this.#store.all<{ tile: number; png: Uint8Array }>('SELECT tile, png FROM tileBytes LIMIT ?', [FEW])
      if (rows.length === 0) return
      const pictures = rows.map(({ png }) => png)
      await this.#blobs.putAll(pictures, 'image/png', { anew: true })
      this.#store.transaction(() => {
        for (const { tile } of rows) this.#store.run('DELETE FROM tileBytes WHERE tile = ?', [tile])
      })
    }
  }

  /** Does nothing more by itself. */
  close(): void {
    clearTimeout(this.#settling)
  }

  /** Puts one picture on the disk. @param side its most pixels, either way  @param record gives it its meaning, in a transaction
   *  @throws Problem TILE_INVALID, DISK_FULL ... */
  async storePicture(png: Uint8Array, side: number, record: (hash: string) => void): Promise<void> {
    await checkPicture(png, side)
    for (let attempt = 1; ; attempt++) {
      const blob = await this.#blobs.put(png, 'image/png')
      try {
        return this.#store.transaction(() => {
          this.#blobs.record(blob)
          record(blob.hash)
        })
      } catch (error) {
        // The same content was collected in this very moment.
        if (!(error instanceof Problem) || error.code !== 'BLOB_GONE' || attempt === ATTEMPTS) throw error
      }
    }
  }

  /** The numbers by which rows name tiles, and the bytes of their files. @throws Problem TILE_UNKNOWN */
  numbered(hashes: ReadonlySet<string>): Map<string, { number: number; bytes: number }> {
    const rows = this.#store.all<{ hash: string; number: number; bytes: number }>(
      `SELECT tiles.hash, number, bytes FROM json_each(?) JOIN tiles ON tiles.hash = value JOIN blobs ON blobs.hash = value`,
      [JSON.stringify([...hashes])],
    )
    if (rows.length < hashes.size) {
      throw new Problem('TILE_UNKNOWN', `${hashes.size - rows.length} pieces of this change are not in the library.`, {
        hint: 'They have to be sent before the change that names them.',
      })
    }
    return new Map(rows.map(({ hash, number, bytes }) => [hash, { number, bytes }]))
  }

  /** Removes the tiles that nothing names and that were stored more than an hour ago, a few at a time. @returns how many */
  async collect(now = Date.now()): Promise<number> {
    let removed = 0
    for (let from = 0; ; ) {
      const to = this.#endOfSlice(from)
      if (to === undefined) break
      removed += this.#store.transaction(() => this.#removeUnnamed(from, to, now - PATIENCE))
      from = to
      await setImmediate()
    }
    if (removed > 0) await this.#blobs.removeDoomed()
    return removed
  }

  #endOfSlice(from: number): number | undefined {
    const sql = 'SELECT max(number) AS last FROM (SELECT number FROM tiles WHERE number > ? ORDER BY number LIMIT ?)'
    return this.#store.get<{ last: number | null }>(sql, [from, SLICE])?.last ?? undefined
  }

  #removeUnnamed(from: number, to: number, before: number): number {
    const namedIn = ['documentTiles', 'editTiles', 'versionTiles']
    const unnamed = namedIn.map(table => `NOT EXISTS (SELECT 1 FROM ${table} WHERE tile = tiles.number)`).join(' AND ')
    const gone = this.#store.all<{ hash: string }>(
      `DELETE FROM tiles WHERE number > ? AND number <= ? AND storedAt < ? AND ${unnamed} RETURNING hash`,
      [from, to, before],
    )
    if (gone.length > 0) this.#blobs.doomUnused(gone.map(({ hash }) => hash))
    return gone.length
  }
}
