import type { HashCache } from '../models/content-hash.ts'
import type { Identity } from '../weights/identify.ts'
import type { Store } from './store.ts'

/** A model that was imported, or used once; it stays where it lies. */
export interface ModelRow {
  /** The id that jobs name. */
  readonly id: string
  readonly path: string
  /** What its files said when they looked as the fingerprint tells; undefined where nobody looked yet. */
  readonly identity: Identity | undefined
  readonly fingerprint: string | undefined
  /** SHA-256 of its weights, once it was computed. */
  readonly hash: string | undefined
}

interface StoredRow {
  readonly id: string
  readonly path: string
  readonly kind: Identity['kind']
  readonly family: Identity['family']
  readonly precision: string
  readonly bytes: number
  readonly title: string | null
  readonly licence: string | null
  readonly triggerWords: string
  readonly preview: string | null
  readonly fingerprint: string | null
  readonly hash: string | null
}

/** Where the person's models lie, what they are, and what the hashes of their files are, which take seconds to compute. */
export class ModelTable {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  list(): ModelRow[] {
    return this.#store.all<StoredRow>('SELECT * FROM models ORDER BY addedAt, id').map(fromStored)
  }

  /** Adds a model that nobody looked at yet. */
  add({ id, path }: { id: string; path: string }, now = Date.now()): void {
    this.#store.run('INSERT INTO models (id, path, addedAt) VALUES (?, ?, ?) ON CONFLICT (id) DO NOTHING', [
      id,
      path,
      now,
    ])
  }

  /** Adds a model, or writes down anew what it is; a hash that was computed before is forgotten when its files changed. */
  remember(model: { id: string; path: string; identity: Identity; fingerprint: string }, now = Date.now()): void {
    const { kind, family, precision, bytes, title, licence, triggerWords, preview } = model.identity
    this.#store.run(
      `INSERT INTO models (id, path, addedAt, kind, family, precision, bytes, title, licence, triggerWords, preview, fingerprint)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, family = excluded.family, precision = excluded.precision,
         bytes = excluded.bytes, title = excluded.title, licence = excluded.licence, triggerWords = excluded.triggerWords,
         preview = excluded.preview, fingerprint = excluded.fingerprint,
         hash = CASE WHEN fingerprint = excluded.fingerprint THEN hash END`,
      [
        ...[model.id, model.path, now, kind, family, precision, bytes, title ?? null, licence ?? null],
        ...[JSON.stringify(triggerWords), preview ?? null, model.fingerprint],
      ],
    )
  }

  /** Writes down where a model lies now; another row for that place goes. */
  relocate(id: string, path: string, fingerprint: string): void {
    this.#store.run('DELETE FROM models WHERE path = ? AND id <> ?', [path, id])
    this.#store.run('UPDATE models SET path = ?, fingerprint = ? WHERE id = ?', [path, fingerprint, id])
  }

  /** Forgets models; their files stay. @returns the ids that were known */
  forget(ids: readonly string[]): string[] {
    return ids.filter(id => this.#store.run('DELETE FROM models WHERE id = ?', [id]) > 0)
  }

  /** Writes down the hash of a model whose files are still the ones with this fingerprint. */
  setHash(id: string, fingerprint: string, hash: string): void {
    this.#store.run('UPDATE models SET hash = ? WHERE id = ? AND fingerprint = ?', [hash, id, fingerprint])
  }

  /** Hashes of large files by path, size and time of change, so that each is read once. */
  readonly fileHashes: HashCache = {
    get: file => this.#store.get<{ hash: string }>('SELECT hash FROM fileHashes WHERE file = ?', [file])?.hash,
    set: (file, hash) => this.#store.run('INSERT OR REPLACE INTO fileHashes (file, hash) VALUES (?, ?)', [file, hash]),
  }
}

function fromStored(row: StoredRow): ModelRow {
  const { id, path, kind, family, precision, bytes, title, licence, triggerWords, preview, fingerprint, hash } = row
  const words: unknown = JSON.parse(triggerWords)
  const identity: Identity = {
    ...{ kind, family, precision, bytes },
    ...(title !== null && { title }),
    ...(licence !== null && { licence }),
    ...(preview !== null && { preview }),
    triggerWords: Array.isArray(words) ? words.filter(word => typeof word === 'string') : [],
  }
  const isKnown = fingerprint !== null
  return {
    id,
    path,
    identity: isKnown ? identity : undefined,
    fingerprint: fingerprint ?? undefined,
    hash: hash ?? undefined,
  }
}
