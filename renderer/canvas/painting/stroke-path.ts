import type { Point } from '../viewport.ts'

/** A point of a stroke. Pressure is 0 to 1; a mouse presses with 1. */
export interface Sample extends Point {
  readonly pressure: number
}

/** Where a brush touches, before it is known how large it is there. */
export type Touch = Sample

/** Follows the hand with a delay: 0 not at all, towards 1 the line is drawn like a weight on a string. */
export const followed = (before: Sample, hand: Sample, smoothing: number): Sample => {
  const share = 1 - smoothing
  return {
    x: before.x + (hand.x - before.x) * share,
    y: before.y + (hand.y - before.y) * share,
    pressure: before.pressure + (hand.pressure - before.pressure) * share,
  }
}

const middle = (a: Sample, b: Sample): Sample => ({
  x: (a.x + b.x) / 2,
  y: (a.y + b.y) / 2,
  pressure: (a.pressure + b.pressure) / 2,
})

/** A point of the parabola from `a` to `b` that leaves and arrives in the direction of `control`. */
const onCurve = (a: Sample, control: Sample, b: Sample, share: number): Sample => {
  const [first, second, third] = [(1 - share) ** 2, 2 * share * (1 - share), share ** 2]
  return {
    x: a.x * first + control.x * second + b.x * third,
    y: a.y * first + control.y * second + b.y * third,
    pressure: a.pressure * first + control.pressure * second + b.pressure * third,
  }
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)

/** Pieces that a curve is cut into to be measured: one for each of so many pixels. */
const PIECE = 4

/** Turns what the hand does into touches of a brush at even distances along a smooth curve: through the middles between points,
 *  bent by the points themselves. The distance may depend on the pressure. */
export class StrokePath {
  readonly #smoothing: number
  readonly #spacing: (pressure: number) => number
  #hand: Sample | undefined
  #point: Sample | undefined
  #middle: Sample | undefined
  /** How far the curve has gone since the last touch. */
  #gone = 0

  /** @param smoothing 0 to 0.95  @param spacing pixels between touches at a pressure, above 0 */
  constructor(smoothing: number, spacing: (pressure: number) => number) {
    this.#smoothing = smoothing
    this.#spacing = spacing
  }

  /** The hand is at a point now. Returns the touches that this makes certain. */
  add(hand: Sample): readonly Touch[] {
    this.#hand = hand
    const before = this.#point
    if (before === undefined) {
      this.#point = hand
      this.#middle = hand
      return [hand]
    }
    return this.#go(followed(before, hand, this.#smoothing))
  }

  /** The hand has left: the line goes on to where it was. */
  end(): readonly Touch[] {
    const { x, y, pressure } = this.#hand ?? {}
    if (x === undefined || y === undefined || pressure === undefined || this.#middle === undefined) return []
    const last = { x, y, pressure }
    const touches = [...this.#go(last)]
    touches.push(...this.#along(this.#middle, this.#middle, last))
    return touches
  }

  #go(point: Sample): readonly Touch[] {
    const { x, y } = point
    const before = this.#point
    const from = this.#middle
    if (before === undefined || from === undefined || (x === before.x && y === before.y)) return []
    const to = middle(before, point)
    this.#point = point
    this.#middle = to
    return this.#along(from, before, to)
  }

  #along(from: Sample, control: Sample, to: Sample): readonly Touch[] {
    const touches: Touch[] = []
    const pieces = Math.max(1, Math.ceil((distance(from, control) + distance(control, to)) / PIECE))
    let before = from
    for (let piece = 1; piece <= pieces; piece++) {
      const next = onCurve(from, control, to, piece / pieces)
      this.#straight(before, next, touches)
      before = next
    }
    return touches
  }

  #straight(from: Sample, to: Sample, touches: Touch[]): void {
    const length = distance(from, to)
    let done = 0
    for (;;) {
      const share = length === 0 ? 1 : done / length
      const pressure = from.pressure + (to.pressure - from.pressure) * share
      const step = Math.max(0.25, this.#spacing(pressure)) - this.#gone
      if (done + step > length) break
      done += Math.max(0, step)
      this.#gone = 0
      const at = length === 0 ? 1 : done / length
      touches.push({
        x: from.x + (to.x - from.x) * at,
        y: from.y + (to.y - from.y) * at,
        pressure: from.pressure + (to.pressure - from.pressure) * at,
      })
    }
    this.#gone += length - done
  }
}

/** Pixels between the touches of a brush. Its edge shows how far they stand apart: the scallops stay under a quarter of a pixel, and
 *  under a twentieth of how far a soft edge falls. */
export function spacingOf(radius: number, hardness: number): number {
  const scallop = 0.25 + 0.05 * radius * (1 - hardness)
  return Math.max(0.5, Math.min(radius * 0.3, Math.sqrt(8 * radius * scallop)))
}
