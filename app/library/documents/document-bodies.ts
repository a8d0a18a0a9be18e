import type { Store } from '../store.ts'
import type { Layer, StudioDocument } from './document.ts'

/** Documents whose layers stay in memory. */
const REMEMBERED = 4

/** What the row of a document says of it beside its body. */
interface Head {
  readonly number: number
  readonly id: string
  readonly name: string
  readonly width: number
  readonly height: number
  readonly revision: number
}

/** Documents in rows: one for the layers, one for each tile, so that an edit writes what it changes. */
export class DocumentBodies {
  readonly #store: Store
  /** By id, the one that was used last at the end. */
  readonly #remembered = new Map<string, { revision: number; document: StudioDocument }>()

  constructor(store: Store) {
    this.#store = store
  }

  read(head: Head): StudioDocument {
    const { number, id, name, width, height, revision } = head
    const known = this.#remembered.get(id)
    if (known?.revision === revision) return known.document
    const row = this.#store.get<{ body: string }>('SELECT body FROM documents WHERE number = ?', [number])
    const { frame, layers }: Pick<StudioDocument, 'frame'> & { layers: Omit<Layer, 'tiles'>[] } = JSON.parse(
      row?.body ?? '',
    )
    const tiles = this.#tiles(number)
    const document: StudioDocument = {
      ...{ id, name, width, height, frame },
      layers: layers.map(layer => ({ ...layer, tiles: tiles.get(layer.id) ?? {} })),
    }
    this.remember(id, revision, document)
    return document
  }

  /** Keeps a document in memory that is on the disk. */
  remember(id: string, revision: number, document: StudioDocument): void {
    this.#remembered.delete(id)
    this.#remembered.set(id, { revision, document })
    const [oldest] = this.#remembered.keys()
    if (this.#remembered.size > REMEMBERED) this.#remembered.delete(oldest)
  }

  /** Writes what differs. @param numbers of the tiles that are new in it */
  write(
    number: number,
    before: StudioDocument,
    { frame, layers }: StudioDocument,
    numbers: ReadonlyMap<string, { readonly number: number }>,
  ): void {
    const bare = layers.map(({ tiles: _, ...layer }) => layer)
    this.#store.run('UPDATE documents SET body = ? WHERE number = ?', [JSON.stringify({ frame, layers: bare }), number])
    const after = new Map(layers.map(({ id, tiles }) => [id, tiles]))
    for (const { id, tiles } of before.layers) {
      const now = after.get(id)
      after.delete(id)
      if (now !== tiles) this.#writeTiles({ number, layer: id }, tiles, now ?? {}, numbers)
    }
    for (const [id, tiles] of after) this.#writeTiles({ number, layer: id }, {}, tiles, numbers)
  }

  #writeTiles(
    { number, layer }: { number: number; layer: string },
    before: Layer['tiles'],
    after: Layer['tiles'],
    numbers: ReadonlyMap<string, { readonly number: number }>,
  ): void {
    for (const place of Object.keys(before)) {
      if (place in after) continue
      this.#store.run('DELETE FROM documentTiles WHERE document = ? AND layer = ? AND place = ?', [
        number,
        layer,
        place,
      ])
    }
    for (const [place, hash] of Object.entries(after)) {
      if (before[place] === hash) continue
      const tile = numbers.get(hash)
      if (tile === undefined) throw new Error(`nobody said which tile ${hash} is`)
      this.#store.run(
        `INSERT INTO documentTiles (document, layer, place, tile) VALUES (?, ?, ?, ?)
         ON CONFLICT (document, layer, place) DO UPDATE SET tile = excluded.tile`,
        [number, layer, place, tile.number],
      )
    }
  }

  #tiles(number: number): Map<string, Record<string, string>> {
    const rows = this.#store.all<{ layer: string; place: string; hash: string }>(
      'SELECT layer, place, hash FROM documentTiles JOIN tiles ON tiles.number = tile WHERE document = ?',
      [number],
    )
    const tiles = new Map<string, Record<string, string>>()
    for (const { layer, place, hash } of rows) {
      const own = tiles.get(layer) ?? {}
      own[place] = hash
      tiles.set(layer, own)
    }
    return tiles
  }
}
