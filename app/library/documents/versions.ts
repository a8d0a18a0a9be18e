import { randomUUID } from 'node:crypto'
import { Problem } from '../../problem.ts'
import type { BlobStore } from '../blobs.ts'
import type { Store } from '../store.ts'
import type { StudioDocument } from './document.ts'
import type { DocumentVersion } from './records.ts'

interface Row {
  number: number
  id: string
  name: string
  createdAt: number
  thumbnail: string | null
}

/** States of documents that were kept under a name. */
export class Versions {
  readonly #store: Store
  readonly #blobs: BlobStore

  constructor(store: Store, blobs: BlobStore) {
    this.#store = store
    this.#blobs = blobs
  }

  /** The newest first. */
  list(document: number): DocumentVersion[] {
    const rows = this.#store.all<Row>(
      'SELECT number, id, name, createdAt, thumbnail FROM documentVersions WHERE document = ? ORDER BY number DESC',
      [document],
    )
    return rows.map(infoOf)
  }

  /** Keeps what a document is now; to be called in a transaction. */
  keep(
    document: number,
    body: StudioDocument,
    { name, thumbnail, now }: { name: string; thumbnail: string | null; now: number },
  ): DocumentVersion {
    const id = randomUUID()
    this.#store.run(
      'INSERT INTO documentVersions (id, document, name, createdAt, thumbnail, body) VALUES (?, ?, ?, ?, ?, ?)',
      [id, document, name, now, thumbnail, JSON.stringify(body)],
    )
    const { number, ...row } = this.#row(document, id)
    this.#store.run(
      'INSERT OR IGNORE INTO versionTiles (version, tile) SELECT ?, tile FROM documentTiles WHERE document = ?',
      [number, document],
    )
    return infoOf(row)
  }

  /** @throws Problem VERSION_UNKNOWN; as do the next two */
  info(document: number, id: string): DocumentVersion {
    return infoOf(this.#row(document, id))
  }

  read(document: number, id: string): StudioDocument {
    const { number } = this.#row(document, id)
    const row = this.#store.get<{ body: string }>('SELECT body FROM documentVersions WHERE number = ?', [number])
    return JSON.parse(row?.body ?? '')
  }

  remove(document: number, id: string): void {
    this.#store.transaction(() => {
      const { number, thumbnail } = this.#row(document, id)
      this.#store.run('DELETE FROM documentVersions WHERE number = ?', [number])
      if (thumbnail !== null) this.#blobs.doomUnused([thumbnail])
    })
  }

  #row(document: number, id: string): Row {
    const row = this.#store.get<Row>(
      'SELECT number, id, name, createdAt, thumbnail FROM documentVersions WHERE document = ? AND id = ?',
      [document, id],
    )
    if (!row) throw new Problem('VERSION_UNKNOWN', 'This version of the document is not in the library any more.')
    return row
  }
}

const infoOf = ({ id, name, createdAt, thumbnail }: Omit<Row, 'number'>): DocumentVersion => ({
  ...{ id, name, createdAt },
  ...(thumbnail !== null && { thumbnail }),
})
