import type { HashCache } from '../models/content-hash.ts'
import type { Store } from './store.ts'

/** A model that was used or chosen once; it stays where it lies. */
export interface ModelRow {
  /** The id that jobs name. */
  readonly id: string
  readonly path: string
}

/** Where the person's models lie, and what the hashes of their files are, which take seconds to compute. */
export class ModelTable {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  list(): ModelRow[] {
    return this.#store.all<ModelRow>('SELECT id, path FROM models ORDER BY addedAt, id')
  }

  remember({ id, path }: ModelRow, now = Date.now()): void {
    this.#store.run('INSERT INTO models (id, path, addedAt) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING', [
      id,
      path,
      now,
    ])
  }

  /** Hashes of large files by path, size and time of change, so that each is read once. */
  readonly fileHashes: HashCache = {
    get: file => this.#store.get<{ hash: string }>('SELECT hash FROM fileHashes WHERE file = ?', [file])?.hash,
    set: (file, hash) => this.#store.run('INSERT OR REPLACE INTO fileHashes (file, hash) VALUES (?, ?)', [file, hash]),
  }
}
