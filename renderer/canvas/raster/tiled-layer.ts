import { tileSize } from '../../../app/api/documents.ts'
import { cells, intersection, isEmpty, moved, outward, type Rectangle, scaled, union } from './rectangle.ts'
import { giveTile, type Surface, takeTile } from './surface.ts'

/** How often a layer is halved: 1/32 at the least. */
export const LAST_LEVEL = 5

const whole: Rectangle = { x: 0, y: 0, width: tileSize, height: tileSize }
export const keyOf = (column: number, row: number): string => `${column},${row}`
export function placeOf(key: string): readonly [column: number, row: number] {
  const [column = 0, row = 0] = key.split(',').map(Number)
  return [column, row]
}

/** From this level on a layer's pixels are always there; finer ones may rest, and are drawn from this one until they are back. */
export const COARSE_LEVEL = 2

/** Tiles rest and come back together with their neighbours that lie in the same tile of the first level: the key of that. */
export const blockOf = (column: number, row: number): string => keyOf(column >> 1, row >> 1)

/** Keys of the four tiles of a block. */
export function tilesOfBlock(block: string): readonly string[] {
  const [column, row] = placeOf(block)
  return [0, 1, 2, 3].map(k => keyOf(2 * column + (k & 1), 2 * row + (k >> 1)))
}

/** The pixels of a layer: sparse tiles, and each of them halved again and again, so that a view from afar draws few pixels.
 *  Level 0 is the layer's own size, level n has sides of 1/2^n. */
export class TiledLayer {
  readonly #levels: Map<string, Surface>[] = Array.from({ length: LAST_LEVEL + 1 }, () => new Map())
  /** Keys of tiles that are part of the layer, but whose pixels are in the library alone. */
  readonly #resting = new Set<string>()

  tile(column: number, row: number, level = 0): Surface | undefined {
    return this.#levels[level]?.get(keyOf(column, row))
  }

  /** Of all tiles, resting ones too. */
  get keys(): Iterable<string> {
    return [...this.#base.keys(), ...this.#resting]
  }

  get resting(): ReadonlySet<string> {
    return this.#resting
  }

  /** How many surfaces of a block are in memory, of level 0 and 1. */
  held(block: string): number {
    const there = tilesOfBlock(block).filter(key => this.#base.has(key)).length
    return there + Number(this.#level(1).has(block))
  }

  /** Gives the memory of a block's fine pixels back; they must be in the library. */
  rest(block: string): void {
    for (const key of tilesOfBlock(block)) {
      const surface = this.#base.get(key)
      if (surface === undefined) continue
      this.#base.delete(key)
      this.#resting.add(key)
      giveTile(surface)
    }
    const half = this.#level(1).get(block)
    this.#level(1).delete(block)
    if (half !== undefined) giveTile(half)
  }

  /** Brings tiles of a block back, all that rest at once. @param pictures of them, by key */
  wake(pictures: ReadonlyMap<string, CanvasImageSource>): void {
    for (const [key, picture] of pictures) {
      if (!this.#resting.delete(key)) continue
      const surface = takeTile()
      surface.context.drawImage(picture, 0, 0)
      this.#base.set(key, surface)
      const [column, row] = placeOf(key)
      this.changed(column, row, whole, 1)
    }
  }

  get #base(): Map<string, Surface> {
    return this.#level(0)
  }

  #level(level: number): Map<string, Surface> {
    const tiles = this.#levels[level]
    if (tiles === undefined) throw new RangeError(`A layer has no level ${level}.`)
    return tiles
  }

  /** The rectangle of all tiles, in the layer's own pixels. */
  bounds(): Rectangle {
    let all: Rectangle = { x: 0, y: 0, width: 0, height: 0 }
    for (const key of this.keys) {
      const [column, row] = placeOf(key)
      all = union(all, moved(whole, column * tileSize, row * tileSize))
    }
    return all
  }

  /** Puts another surface in the place of a tile and returns the one before, which belongs to the caller then. The smaller
   *  levels are as before until `changed` is called. */
  exchange(column: number, row: number, surface: Surface | undefined): Surface | undefined {
    const key = keyOf(column, row)
    const before = this.#base.get(key)
    this.#resting.delete(key)
    if (surface === undefined) this.#base.delete(key)
    else this.#base.set(key, surface)
    return before
  }

  /** Draws a part of a tile that has changed into the smaller levels.
   *  @param part in the tile's own pixels  @param last the smallest level that has to follow */
  changed(column: number, row: number, part: Rectangle = whole, last = LAST_LEVEL, first = 1): void {
    const upper = first - 1
    let place = { column: column >> upper, row: row >> upper }
    let dirty = upper === 0 ? part : partAt(column, row, part, upper)
    for (let level = first; level <= last; level++) {
      const source = this.tile(place.column, place.row, level - 1)
      const half = { column: place.column >> 1, row: place.row >> 1 }
      const corner = { x: (place.column & 1) * (tileSize / 2), y: (place.row & 1) * (tileSize / 2) }
      const small = outward(scaled(dirty, 0.5))
      const target = this.#halved(half.column, half.row, level, source !== undefined)
      // Where the neighbours rest, their half does too, but what is smaller is there.
      if (target === undefined && level >= COARSE_LEVEL) return
      const { context } = target ?? {}
      context?.clearRect(corner.x + small.x, corner.y + small.y, small.width, small.height)
      if (source !== undefined && context !== undefined) {
        const { x, y, width, height } = scaled(small, 2)
        context.imageSmoothingQuality = 'low'
        context.drawImage(
          source.canvas,
          x,
          y,
          width,
          height,
          corner.x + small.x,
          corner.y + small.y,
          small.width,
          small.height,
        )
      }
      place = half
      dirty = moved(small, corner.x, corner.y)
    }
  }

  #halved(column: number, row: number, level: number, wanted: boolean): Surface | undefined {
    const tiles = this.#level(level)
    const key = keyOf(column, row)
    const known = tiles.get(key)
    if (known !== undefined || !wanted) return known
    const made = takeTile()
    tiles.set(key, made)
    return made
  }

  /** Draws what of the layer lies in `rectangle` (in pixels of the level) at its own place. */
  draw(context: OffscreenCanvasRenderingContext2D, rectangle: Rectangle, level: number): void {
    for (const [column, row] of cells(rectangle, tileSize)) {
      const tile = this.tile(column, row, level)
      const place = moved(whole, column * tileSize, row * tileSize)
      const part = intersection(place, rectangle)
      if (isEmpty(part)) continue
      const { x, y, width, height } = part
      if (tile === undefined) this.#drawCoarse(context, part, column, row, level)
      else context.drawImage(tile.canvas, x - place.x, y - place.y, width, height, x, y, width, height)
    }
  }

  /** What rests is drawn from the coarse level meanwhile. */
  #drawCoarse(
    context: OffscreenCanvasRenderingContext2D,
    { x, y, width, height }: Rectangle,
    column: number,
    row: number,
    level: number,
  ): void {
    const down = COARSE_LEVEL - level
    if (down <= 0 || this.#resting.size === 0) return
    const keys = level === 0 ? [keyOf(column, row)] : tilesOfBlock(keyOf(column, row))
    if (!keys.some(key => this.#resting.has(key))) return
    const coarse = this.tile(column >> down, row >> down, COARSE_LEVEL)
    if (coarse === undefined) return
    const share = 1 / 2 ** down
    const [left, top] = [(column >> down) * tileSize, (row >> down) * tileSize]
    context.imageSmoothingQuality = 'low'
    context.drawImage(
      coarse.canvas,
      x * share - left,
      y * share - top,
      width * share,
      height * share,
      x,
      y,
      width,
      height,
    )
  }

  release(): void {
    for (const tiles of this.#levels) {
      for (const surface of tiles.values()) giveTile(surface)
      tiles.clear()
    }
    this.#resting.clear()
  }
}

/** A part of a tile of level 0 in the pixels of the tile of a smaller level that shows it. */
function partAt(column: number, row: number, part: Rectangle, level: number): Rectangle {
  const side = tileSize >> level
  const mask = (1 << level) - 1
  return moved(outward(scaled(part, 1 / 2 ** level)), (column & mask) * side, (row & mask) * side)
}
