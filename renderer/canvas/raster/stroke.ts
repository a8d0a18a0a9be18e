import { tileSize } from '../../../app/api/documents.ts'
import { type Dab, drawDab } from './dab.ts'
import { cells, intersection, isEmpty, moved, outward, type Rectangle, union } from './rectangle.ts'
import { giveTile, type Surface, takeTile } from './surface.ts'
import { keyOf, LAST_LEVEL, placeOf, type TiledLayer } from './tiled-layer.ts'

export interface Ink {
  /** A CSS colour. */
  readonly colour: string
  /** 0 to 1: the most that the whole stroke covers, however often it crosses itself. */
  readonly opacity: number
  readonly erases: boolean
  /** 0 soft to 1 hard. */
  readonly hardness: number
  /** Draws what of the selection lies in a tile as coverage; absent where nothing is selected. */
  readonly clip?: (context: OffscreenCanvasRenderingContext2D, column: number, row: number) => void
}

interface Touched {
  readonly column: number
  readonly row: number
  /** The tile before the stroke. */
  readonly base: Surface | undefined
  /** What stands in the layer meanwhile: the base under the stroke. */
  readonly live: Surface
  /** The dabs alone. */
  readonly covered: Surface
  dirty: Rectangle
}

const nothing: Rectangle = { x: 0, y: 0, width: 0, height: 0 }
const whole: Rectangle = { x: 0, y: 0, width: tileSize, height: tileSize }
const HARD = 0.98

const boundsOf = ({ x, y, radius }: Dab): Rectangle =>
  outward({ x: x - radius - 1, y: y - radius - 1, width: 2 * radius + 2, height: 2 * radius + 2 })

/** A stroke under the hand. Its dabs gather in a buffer of their own, which is laid over the layer with the stroke's opacity:
 *  so dabs that overlap never cover more than that. */
export class Stroke {
  readonly #layer: TiledLayer
  readonly #ink: Ink
  readonly #touched = new Map<string, Touched>()

  constructor(layer: TiledLayer, ink: Ink) {
    this.#layer = layer
    this.#ink = ink
  }

  /** Adds dabs; they are in the layer after the next `merge`. */
  stamp(dabs: readonly Dab[]): void {
    const parts = new Map<Touched, Dab[]>()
    for (const dab of dabs) {
      const bounds = boundsOf(dab)
      for (const [column, row] of cells(bounds, tileSize)) {
        const touched = this.#touch(column, row)
        touched.dirty = union(touched.dirty, intersection(moved(bounds, -column * tileSize, -row * tileSize), whole))
        const list = parts.get(touched)
        if (list === undefined) parts.set(touched, [dab])
        else list.push(dab)
      }
    }
    for (const [touched, list] of parts) this.#draw(touched, list)
  }

  #touch(column: number, row: number): Touched {
    const key = keyOf(column, row)
    const known = this.#touched.get(key)
    if (known !== undefined) return known
    const live = takeTile()
    const base = this.#layer.exchange(column, row, live)
    if (base !== undefined) live.context.drawImage(base.canvas, 0, 0)
    const touched = { column, row, base, live, covered: takeTile(), dirty: nothing }
    this.#touched.set(key, touched)
    return touched
  }

  #draw({ column, row, covered: { context } }: Touched, dabs: readonly Dab[]): void {
    const { hardness, colour } = this.#ink
    const [left, top] = [column * tileSize, row * tileSize]
    if (hardness >= HARD && dabs.every(({ flow }) => flow === 1)) {
      context.fillStyle = colour
      context.beginPath()
      for (const { x, y, radius } of dabs) {
        context.moveTo(x - left + radius, y - top)
        context.arc(x - left, y - top, Math.max(0.3, radius), 0, 2 * Math.PI)
      }
      context.fill()
      return
    }
    for (const dab of dabs) drawDab(context, { ...dab, x: dab.x - left, y: dab.y - top }, hardness, colour)
    context.globalAlpha = 1
  }

  /** Lays what is new over the layer. Returns the rectangle that has changed, in the layer's pixels.
   *  @param last the smallest level that is looked at now; `end` brings the others up to date */
  merge(last: number): Rectangle {
    let changed = nothing
    for (const touched of this.#touched.values()) {
      if (isEmpty(touched.dirty)) continue
      const { column, row, dirty } = touched
      this.#lay(touched)
      this.#layer.changed(column, row, dirty, last)
      changed = union(changed, moved(dirty, column * tileSize, row * tileSize))
      touched.dirty = nothing
    }
    return changed
  }

  #lay({ base, live, covered, column, row, dirty: { x, y, width, height } }: Touched): void {
    const { context } = live
    const { opacity, erases, clip } = this.#ink
    const kept = clip === undefined ? undefined : clipped(covered, clip, column, row)
    context.clearRect(x, y, width, height)
    if (base !== undefined) context.drawImage(base.canvas, x, y, width, height, x, y, width, height)
    context.globalAlpha = opacity
    context.globalCompositeOperation = erases ? 'destination-out' : 'source-over'
    context.drawImage((kept ?? covered).canvas, x, y, width, height, x, y, width, height)
    context.globalAlpha = 1
    context.globalCompositeOperation = 'source-over'
    if (kept !== undefined) giveTile(kept)
  }

  /** The stroke is part of the layer now. Returns the keys of the tiles that it touched.
   *  @param last the level up to which `merge` has kept the layer */
  end(last: number): readonly string[] {
    this.merge(LAST_LEVEL)
    for (const { column, row, base, covered } of this.#touched.values()) {
      if (last < LAST_LEVEL) this.#layer.changed(column, row, whole, LAST_LEVEL, last + 1)
      if (base !== undefined) giveTile(base)
      giveTile(covered)
    }
    return this.#forget()
  }

  /** The layer is as before. Returns the keys of the tiles that it had touched. */
  cancel(): readonly string[] {
    for (const { column, row, base, live, covered } of this.#touched.values()) {
      this.#layer.exchange(column, row, base)
      this.#layer.changed(column, row)
      giveTile(live)
      giveTile(covered)
    }
    return this.#forget()
  }

  #forget(): readonly string[] {
    const keys = [...this.#touched.keys()]
    this.#touched.clear()
    return keys
  }

  /** The rectangle of all tiles that were touched. */
  get touched(): Rectangle {
    return [...this.#touched.keys()].reduce((all, key) => {
      const [column, row] = placeOf(key)
      return union(all, moved(whole, column * tileSize, row * tileSize))
    }, nothing)
  }
}

/** The dabs as far as they lie in the selection. */
function clipped(covered: Surface, clip: NonNullable<Ink['clip']>, column: number, row: number): Surface {
  const kept = takeTile()
  kept.context.drawImage(covered.canvas, 0, 0)
  kept.context.globalCompositeOperation = 'destination-in'
  clip(kept.context, column, row)
  return kept
}
