import { type Layer, type StudioDocument, type Tiles, tileSize } from '../../../app/api/documents.ts'
import { cells, intersection, isEmpty, type Rectangle } from './rectangle.ts'
import { giveTile, takeTile } from './surface.ts'
import { blockOf, placeOf, TiledLayer, tilesOfBlock } from './tiled-layer.ts'

interface Held {
  readonly tiles: TiledLayer
  /** What each tile shows: a hash of the document. A tile that was painted on and is not stored yet has none. */
  readonly shown: Map<string, string>
  /** How many strokes on a tile are not in the document yet: until they are, the tile knows better than the document. */
  readonly ahead: Map<string, number>
  readonly loading: Map<string, string>
  /** When each block was used last, by `performance.now()`. */
  readonly used: Map<string, number>
  /** Blocks that are on their way back into memory. */
  readonly waking: Map<string, Promise<void>>
  /** Blocks that could not be read, and when. */
  readonly lost: Map<string, number>
  followed: Tiles | undefined
}

export interface LayerStoreOptions {
  /** The decoded pixels of a stored tile. */
  readonly load: (hash: string) => Promise<ImageBitmap>
  /** Pixels of a layer have changed, in its own space. */
  readonly changed: (id: string, part: Rectangle) => void
  readonly failed: (error: unknown) => void
  /** Bytes of fine pixels that are kept in memory beside those that are wanted; the others rest in the library until they are needed.
   *  Default: all. */
  readonly budget?: number
  /** Where a layer's fine pixels are wanted, in its own space; nowhere where it says nothing. */
  readonly wanted?: (id: string) => Rectangle | undefined
  /** Pixels that rested are back: what is drawn from them looks better. */
  readonly woken?: (id: string, part: Rectangle) => void
}

/** Tiles that are decoded at the same time. */
const AT_ONCE = 8
const TILE_BYTES = 4 * tileSize * tileSize
/** Milliseconds in which what was used does not go. */
const GRACE = 2000
/** Milliseconds between looks at what may go. */
const TIDY = 500
/** Milliseconds until what could not be read is tried again. */
const RETRY = 10_000
/** Share of the budget that is left full when something goes, so that not each tile makes another one go. */
const LEFT = 0.9

/** The pixels of all layers of the open document. They follow the document: what an edit, undo or another window has changed is
 *  loaded, what left it is freed. */
export class LayerStore {
  readonly #options: LayerStoreOptions
  readonly #layers = new Map<string, Held>()
  readonly #queue: (() => Promise<void>)[] = []
  #running = 0
  #tidying: ReturnType<typeof setTimeout> | undefined
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
      used: new Map(),
      waking: new Map(),
      lost: new Map(),
      followed: undefined,
    }
    this.#layers.set(id, held)
    return held
  }

  #empty(id: string, held: Held, key: string): void {
    held.loading.delete(key)
    held.shown.delete(key)
    const [column, row] = placeOf(key)
    const isResting = held.tiles.resting.has(key)
    const before = held.tiles.exchange(column, row, undefined)
    if (before === undefined && !isResting) return
    if (before !== undefined) giveTile(before)
    this.#changed(id, held, column, row)
  }

  #changed(id: string, { tiles, used }: Held, column: number, row: number): void {
    tiles.changed(column, row)
    used.set(blockOf(column, row), performance.now())
    this.#tidySoon()
    this.#options.changed(id, { x: column * tileSize, y: row * tileSize, width: tileSize, height: tileSize })
  }

  #load(id: string, held: Held, key: string, hash: string): void {
    held.loading.set(key, hash)
    this.#queue.push(async () => {
      if (held.loading.get(key) !== hash) return
      try {
        const picture = await this.#options.load(hash)
        // Its neighbours first: their common half is made of all of them.
        await this.#wake(id, held, blockOf(...placeOf(key)), key)
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

  /** Resolves when all of a layer's pixels are in memory: only then can they be painted on. */
  loaded(id: string): Promise<void> {
    return this.fine(id)
  }

  /** Resolves when all of a layer was seen once: what is drawn from afar is right. */
  seen(id: string): Promise<void> {
    if (this.#isSeen(id)) return Promise.resolve()
    return new Promise(resolve => this.#waiting.push({ id, resolve }))
  }

  #isSeen(id: string): boolean {
    return (this.#layers.get(id)?.loading.size ?? 0) === 0
  }

  /** Whether all of a layer's pixels are in memory. */
  isLoaded(id: string): boolean {
    const held = this.#layers.get(id)
    return held === undefined || (held.loading.size === 0 && held.tiles.resting.size === 0)
  }

  /** Resolves when a layer's fine pixels are in memory, in a part of its own space; they stay for the moment.
   *  @throws what keeps one of them from being read: nothing may be painted on it then */
  async fine(id: string, part?: Rectangle): Promise<void> {
    await this.seen(id)
    const held = this.#layers.get(id)
    if (held === undefined) return
    const blocks = this.#blocksIn(held, part)
    await Promise.all(blocks.map(block => this.#wake(id, held, block)))
    this.#use(held, blocks)
  }

  /** Blocks that the layer has something in. */
  #blocksIn({ tiles }: Held, part: Rectangle | undefined): readonly string[] {
    const within = part === undefined ? tiles.bounds() : intersection(part, tiles.bounds())
    const blocks = new Set<string>()
    for (const [column, row] of cells(within, 2 * tileSize)) blocks.add(blockOf(2 * column, 2 * row))
    return [...blocks].filter(block => tiles.held(block) > 0 || this.#rests(tiles, block))
  }

  readonly #rests = (tiles: TiledLayer, block: string): boolean =>
    tilesOfBlock(block).some(key => tiles.resting.has(key))

  #use({ used }: Held, blocks: readonly string[]): void {
    const now = performance.now()
    for (const block of blocks) used.set(block, now)
    this.#tidySoon()
  }

  /** Brings a block back into memory. @param except a tile of it that is replaced anyhow */
  #wake(id: string, held: Held, block: string, except?: string): Promise<void> {
    const { tiles, waking, shown, lost } = held
    const known = waking.get(block)
    if (known !== undefined) return known
    const keys = tilesOfBlock(block).filter(key => key !== except && tiles.resting.has(key))
    if (keys.length === 0) return Promise.resolve()
    const work = async () => {
      try {
        const loaded = keys.map(async key => [key, await this.#options.load(shown.get(key) ?? '')] as const)
        const pictures = new Map(await Promise.all(loaded))
        if (this.#layers.get(id) === held) this.#back(id, held, block, pictures)
        for (const picture of pictures.values()) picture.close()
      } catch (error) {
        lost.set(block, performance.now())
        throw error
      } finally {
        waking.delete(block)
      }
    }
    const promise = work()
    waking.set(block, promise)
    return promise
  }

  #back(id: string, held: Held, block: string, pictures: ReadonlyMap<string, ImageBitmap>): void {
    held.tiles.wake(pictures)
    this.#use(held, [block])
    const [column, row] = placeOf(block)
    const side = 2 * tileSize
    this.#options.woken?.(id, { x: column * side, y: row * side, width: side, height: side })
    this.#answer()
  }

  /** Brings back what is wanted now and rests, and lets go what is over the budget and not wanted. */
  tend(): void {
    for (const [id, held] of this.#layers) {
      const part = this.#options.wanted?.(id)
      if (part === undefined || held.tiles.resting.size === 0) continue
      const now = performance.now()
      const resting = this.#blocksIn(held, part).filter(block => this.#rests(held.tiles, block))
      const readable = resting.filter(block => now - (held.lost.get(block) ?? Number.NEGATIVE_INFINITY) > RETRY)
      Promise.all(readable.map(block => this.#wake(id, held, block))).catch(this.#options.failed)
    }
    this.#tidySoon()
  }

  #tidySoon(): void {
    if (this.#options.budget === undefined) return
    this.#tidying ??= setTimeout(() => {
      this.#tidying = undefined
      this.#tidy()
    }, TIDY)
  }

  /** What was used longest ago goes first. */
  #tidy(): void {
    const { budget = Number.POSITIVE_INFINITY } = this.#options
    const all = [...this.#layers].flatMap(([id, held]) => this.#heldBlocks(id, held))
    let bytes = all.reduce((sum, each) => sum + each.bytes, 0)
    if (bytes <= budget) return
    const now = performance.now()
    const free = all.filter(({ isFree, used }) => isFree && now - used > GRACE).sort((a, b) => a.used - b.used)
    for (const { held, block, bytes: own } of free) {
      if (bytes <= LEFT * budget) return
      held.tiles.rest(block)
      held.used.delete(block)
      bytes -= own
    }
    // What is still in grace is looked at again.
    if (bytes > budget && all.some(({ isFree }) => isFree)) this.#tidySoon()
  }

  #heldBlocks(id: string, held: Held) {
    const part = this.#options.wanted?.(id)
    const side = 2 * tileSize
    return this.#blocksIn(held, undefined).map(block => {
      const [column, row] = placeOf(block)
      const place = { x: column * side, y: row * side, width: side, height: side }
      const isWanted = part !== undefined && !isEmpty(intersection(part, place))
      return {
        ...{ held, block, bytes: held.tiles.held(block) * TILE_BYTES, used: held.used.get(block) ?? 0 },
        isFree: !isWanted && held.tiles.held(block) > 0 && this.#isSafe(held, block),
      }
    })
  }

  /** Whether the library has all of a block's pixels as they are. */
  #isSafe({ tiles, shown, ahead, loading, waking }: Held, block: string): boolean {
    const isKept = (key: string): boolean => {
      const isThere = tiles.tile(...placeOf(key)) !== undefined
      return (ahead.get(key) ?? 0) === 0 && !loading.has(key) && (!isThere || shown.has(key))
    }
    return !waking.has(block) && tilesOfBlock(block).every(isKept)
  }

  /** Whether all that is wanted is in memory. */
  get isTended(): boolean {
    return [...this.#layers].every(([id, held]) => {
      const part = this.#options.wanted?.(id)
      return part === undefined || this.#blocksIn(held, part).every(block => !this.#rests(held.tiles, block))
    })
  }

  /** Bytes of fine pixels in memory. */
  get heldBytes(): number {
    const blocks = [...this.#layers].flatMap(([id, held]) => this.#heldBlocks(id, held))
    return blocks.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  release(): void {
    clearTimeout(this.#tidying)
  }

  #answer(): void {
    const ready = this.#waiting.filter(({ id }) => this.#isSeen(id))
    this.#waiting = this.#waiting.filter(({ id }) => !this.#isSeen(id))
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
    this.#tidySoon()
  }
}
