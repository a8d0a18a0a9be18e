import type { Blob, BlobStore } from './blobs.ts'
import type { Store } from './store.ts'

/** A picture that jobs begin from: a canvas' frame, a mask, a file that a person named. */
export interface KeptPicture {
  /** SHA-256 of the file, a PNG. */
  readonly hash: string
  readonly width: number
  readonly height: number
}

/** The canvas that a kept picture is a part of. */
export interface CanvasPart {
  /** Ids of the pictures of the library that it showed. */
  readonly shows: readonly string[]
}

/** Milliseconds that a picture is kept which nothing was made from yet: it may wait in a form. */
const KEPT_UNUSED = 24 * 60 * 60 * 1000

interface Keeping {
  readonly now?: number
  readonly canvas?: CanvasPart
}

/** Pictures in the content store that are no results. Each is kept as long as a picture of the library was made from it. */
export class KeptPictures {
  readonly #store: Store
  readonly #blobs: BlobStore

  constructor(store: Store, blobs: BlobStore) {
    this.#store = store
    this.#blobs = blobs
  }

  /** Records a picture whose file is in the blob store. @param canvas where it is a part of one  @throws Problem BLOB_GONE */
  add(blob: Blob, width: number, height: number, { now = Date.now(), canvas }: Keeping = {}): KeptPicture {
    return this.#store.transaction(() => {
      this.#blobs.record(blob)
      this.#store.run(
        `INSERT INTO keptPictures (hash, width, height, keptAt, isCanvas) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (hash) DO UPDATE SET keptAt = excluded.keptAt, isCanvas = max(isCanvas, excluded.isCanvas)`,
        [blob.hash, width, height, now, canvas === undefined ? 0 : 1],
      )
      this.#store.run(
        `INSERT OR IGNORE INTO keptSources (kept, image) SELECT ?, number FROM images, json_each(?) WHERE images.id = json_each.value`,
        [blob.hash, JSON.stringify(canvas?.shows ?? [])],
      )
      return { hash: blob.hash, width, height }
    })
  }

  /** A picture that was kept, or one of the library; undefined for whatever is none. */
  find(hash: string): KeptPicture | undefined {
    return this.#store.get<KeptPicture>(
      `SELECT hash, width, height FROM keptPictures WHERE hash = @hash
       UNION ALL SELECT hash, width, height FROM images WHERE hash = @hash LIMIT 1`,
      { hash },
    )
  }

  /** Lets go of what nothing was made from; to be called where blobs that nothing names are removed next. */
  forgetUnused(now = Date.now()): void {
    this.#store.run(
      `DELETE FROM keptPictures WHERE keptAt < ? AND NOT EXISTS (SELECT 1 FROM parents WHERE parents.hash = keptPictures.hash)
         AND NOT EXISTS (SELECT 1 FROM jobs WHERE jobs.state IN ('waiting', 'running', 'paused') AND instr(jobs.parameters, keptPictures.hash) > 0)`,
      [now - KEPT_UNUSED],
    )
  }
}
