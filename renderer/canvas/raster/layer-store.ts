import { type Layer, type StudioDocument, type Tiles, tileSize } from '../../../app/api/documents.ts'
import type { Rectangle } from './rectangle.ts'
import { giveTile, takeTile } from './surface.ts'
import { placeOf, TiledLayer } from './tiled-layer.ts'

interface Held {
  readonly tiles: TiledLayer
  /** What each tile shows: a hash of the document. A tile that was painted on and is not stored yet has none. */
  readonly shown: Map<string, string>
  /** How many strokes on a tile are not in the document yet: until they are, the tile knows better than the document. */
  readonly ahead: Map<string, number>
  readonly loading: Map<string, string>
  followed: Tiles | undefined
}

export interface LayerStoreOptions {
  /** The decoded pixels of a stored tile. */
  readonly load: (hash: string) => Promise<ImageBitmap>
  /** Pixels of a layer have changed, in its own space. */
  readonly changed: (id: string, part: Rectangle) => void
  readonly failed: (error: unknown) => void
}

/** Tiles that are decoded at the same time. */
const AT_ONCE = 8

/** The pixels of all layers of the open document. They follow the document: what an edit, undo or another window has changed is
 *  loaded, what left it is freed. */
export class LayerStore {
  readonly #options: LayerStoreOptions
  readonly #layers = new Map<string, Held>()
  readonly #queue: (() => Promise<void>)[] = []
  #running = 0
  #waiting: { readonly id: string; readonly resolve: () => void }[] = []

  constructor(options: LayerStoreOptions) {
    this.#options = options
  }

  get(id: string): TiledLayer | undefined {
    return this.#layers.get(id)?.tiles
  }

  /** Takes over what the document says. */
  follow(document: StudioDocument): void {
    const ids = new Set(document.layers.map(({ id }) => id))
    for (const [id, held] of this.#layers) {
      if (ids.has(id)) continue
      held.tiles.release()
      this.#layers.delete(id)
    }
    for (const layer of document.layers) if (layer.kind !== 'group') this.#follow(layer)
    this.#answer()
  }

  #follow(layer: Layer): void {
    const held = this.#layers.get(layer.id) ?? this.#open(layer.id)
    if (held.followed === layer.tiles) return
    held.followed = layer.tiles
    for (const key of new Set([...held.shown.keys(), ...held.tiles.keys, ...Object.keys(layer.tiles)])) {
      if ((held.ahead.get(key) ?? 0) > 0) continue
      const wanted = layer.tiles[key]
      if (wanted === undefined) this.#empty(layer.id, held, key)
      else if (held.shown.get(key) === wanted) held.loading.delete(key)
      else if (held.loading.get(key) !== wanted) this.#load(layer.id, held, key, wanted)
    }
  }

  #open(id: string): Held {
    const held = {
      tiles: new TiledLayer(),
      shown: new Map(),
      ahead: new Map(),
      loading: new Map(),
      followed: undefined,
    }
    this.#layers.set(id, held)
    return held
  }

  #empty(id: string, held: Held, key: string): void {
    held.loading.delete(key)
    held.shown.delete(key)
    const [column, row] = placeOf(key)
    const before = held.tiles.exchange(column, row, undefined)
    if (before === undefined) return
    giveTile(before)
    this.#changed(id, held, column, row)
  }

  #changed(id: string, { tiles }: Held, column: number, row: number): void {
    tiles.changed(column, row)
    this.#options.changed(id, { x: column * tileSize, y: row * tileSize, width: tileSize, height: tileSize })
  }

  #load(id: string, held: Held, key: string, hash: string): void {
    held.loading.set(key, hash)
    this.#queue.push(async () => {
      if (held.loading.get(key) !== hash) return
      try {
        const picture = await this.#options.load(hash)
        if (held.loading.get(key) === hash && this.#layers.get(id) === held) this.#take(id, held, key, hash, picture)
        picture.close()
      } catch (error) {
        if (held.loading.get(key) === hash) held.loading.delete(key)
        this.#options.failed(error)
      }
      this.#answer()
    })
    this.#next()
  }

  #take(id: string, held: Held, key: string, hash: string, picture: ImageBitmap): void {
    held.loading.delete(key)
    held.shown.set(key, hash)
    const [column, row] = placeOf(key)
    const surface = held.tiles.tile(column, row) ?? takeTile()
    surface.context.clearRect(0, 0, tileSize, tileSize)
    surface.context.drawImage(picture, 0, 0)
    held.tiles.exchange(column, row, surface)
    this.#changed(id, held, column, row)
  }

  #next(): void {
    while (this.#running < AT_ONCE) {
      const work = this.#queue.shift()
      if (work === undefined) return
      this.#running++
      void work().finally(() => {
        this.#running--
        this.#next()
      })
    }
  }

  /** Resolves when all of a layer's pixels are there: only then can they be painted on. */
  loaded(id: string): Promise<void> {
    if (this.isLoaded(id)) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ id, resolve }))
  }

  isLoaded(id: string): boolean {
    return (this.#layers.get(id)?.loading.size ?? 0) === 0
  }

  #answer(): void {
    const ready = this.#waiting.filter(({ id }) => this.isLoaded(id))
    this.#waiting = this.#waiting.filter(({ id }) => !this.isLoaded(id))
    for (const { resolve } of ready) resolve()
  }

  /** A layer that is painted on before the document knows it. */
  begin(id: string): TiledLayer {
    return (this.#layers.get(id) ?? this.#open(id)).tiles
  }

  /** These tiles were painted on: until `settle` says so, the document does not know it. */
  hold(id: string, keys: readonly string[]): void {
    const held = this.#layers.get(id)
    for (const key of keys) held?.ahead.set(key, (held.ahead.get(key) ?? 0) + 1)
  }

  /** The document knows the tiles that were held; a newer stroke may be on its way. */
  settle(id: string, tiles: Readonly<Record<string, string | null>>): void {
    const held = this.#layers.get(id)
    if (held === undefined) return
    for (const [key, hash] of Object.entries(tiles)) {
      const left = (held.ahead.get(key) ?? 1) - 1
      if (left > 0) held.ahead.set(key, left)
      else held.ahead.delete(key)
      if (left > 0) continue
      if (hash === null) held.shown.delete(key)
      else held.shown.set(key, hash)
    }
    // Whatever happened to these tiles meanwhile is looked at again.
    held.followed = undefined
  }
}
