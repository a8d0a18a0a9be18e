/** How hard a pen presses, as a person wants it to count: a cubic Bézier curve from (0, 0) to (1, 1), whose two handles are (x1, y1) and (x2, y2),
 *  each 0 to 1, as in CSS's cubic-bezier(). Across is what the tablet says, up is what brushes are told. */
export type PressureCurve = readonly [x1: number, y1: number, x2: number, y2: number]

/** As the tablet says. */
export const PLAIN: PressureCurve = [1 / 3, 1 / 3, 2 / 3, 2 / 3]

/** Steps that the curve is looked up in. */
const STEPS = 256
/** Halvings that find a place on the curve to less than a step. */
const HALVINGS = 20

const tables = new WeakMap<PressureCurve, Float32Array>()

/** What a pressure counts as. @param pressure 0 to 1 */
export function curved(curve: PressureCurve, pressure: number): number {
  const table = tables.get(curve) ?? tableOf(curve)
  tables.set(curve, table)
  const place = Math.min(1, Math.max(0, pressure)) * STEPS
  const [below, share] = [Math.floor(place), place - Math.floor(place)]
  const [from = 0, to = from] = table.subarray(below, below + 2)
  return from + (to - from) * share
}

const bezier = (a: number, b: number, t: number): number => 3 * (1 - t) ** 2 * t * a + 3 * (1 - t) * t ** 2 * b + t ** 3

function tableOf([x1, y1, x2, y2]: PressureCurve): Float32Array {
  return Float32Array.from({ length: STEPS + 1 }, (_, step) => {
    let [low, high] = [0, 1]
    for (let k = 0; k < HALVINGS; k++) {
      const middle = (low + high) / 2
      if (bezier(x1, x2, middle) < step / STEPS) low = middle
      else high = middle
    }
    return bezier(y1, y2, (low + high) / 2)
  })
}
