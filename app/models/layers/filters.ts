import type { Value } from '../../graph/graph.ts'
import { constant } from '../../graph/graph.ts'
import {
  concat,
  conv,
  convTranspose,
  matMul,
  padMirrored,
  reshape,
  resizeNearest,
  slice,
} from '../../graph/ops/index.ts'
import { inFull, like } from './half.ts'

/* Changes of size by fixed filters, channel by channel; pictures are [batch, channels, height, width]. */

const binomial = [1, 3, 3, 1]

/** Outer product of a filter with itself, that sums to `sum`; as a convolution's weight. */
function kernel(x: Value, filter: readonly number[], sum: number): Value {
  const total = filter.reduce((all, weight) => all + weight, 0)
  const weights = filter.flatMap(row => filter.map(column => (row * column * sum) / total ** 2))
  return like(constant(x.graph, 'float32', [1, 1, filter.length, filter.length], weights), x)
}

/** Applies a change of size to each channel by itself. */
function eachChannel(x: Value, change: (plane: Value) => Value): Value {
  const [batch, channels, height, width] = x.shape
  const changed = change(reshape(x, [batch * channels, 1, height, width]))
  return reshape(changed, [batch, channels, ...changed.shape.slice(2)])
}

/** Half the size by means of 2 x 2 places; an odd last row or column is left out. */
export const halve = (x: Value): Value =>
  eachChannel(x, plane => conv(plane, kernel(x, [1, 1], 1), undefined, { stride: 2, padding: 0 }))

/** Half the size by means of 2 x 2 places; an odd last row or column is kept, as means of what is there. */
export const halveOrMore = (x: Value): Value => halve(even(even(x, 2), 3))

/** Repeats the last place of an axis of odd length. */
function even(x: Value, axis: number): Value {
  const length = x.shape[axis]
  return length % 2 === 0 ? x : concat([x, slice(x, axis, length - 1, length)], axis)
}

/** Twice the size by nearest neighbour. */
export const double = (x: Value): Value => resizeNearest(x, x.shape[2] * 2, x.shape[3] * 2)

/** Half the size by a binomial filter over zeros outside: the reference's `downsample_2d` with kernel (1, 3, 3, 1). */
export const halveSmoothly = (x: Value): Value =>
  eachChannel(x, plane => conv(plane, kernel(x, binomial, 1), undefined, { stride: 2, padding: 1 }))

/** Twice the size by a binomial filter over zeros outside: the reference's `upsample_2d` with kernel (1, 3, 3, 1). */
export const doubleSmoothly = (x: Value): Value =>
  eachChannel(x, plane => convTranspose(plane, kernel(x, binomial, 4), { stride: 2, padding: 1 }))

/** Half the size by a binomial filter over the mirrored picture: the reference's `KDownsample2D`. */
export const halveMirrored = (x: Value): Value =>
  eachChannel(x, plane => conv(padMirrored(plane, 1), kernel(x, binomial, 1), undefined, { stride: 2, padding: 0 }))

/** Twice the size by a binomial filter over the mirrored picture: the reference's `KUpsample2D`. */
export const doubleMirrored = (x: Value): Value =>
  eachChannel(x, plane => convTranspose(padMirrored(plane, 1), kernel(x, binomial, 4), { stride: 2, padding: 3 }))

/** To the given size by linear interpolation between the middles of places: torch's `interpolate` (mode='bilinear', align_corners=False,
 *  antialias=False). */
export function resizeBilinear(x: Value, height: number, width: number): Value {
  const columns = constant(x.graph, 'float32', [x.shape[3], width], transposedShares(x.shape[3], width))
  const rows = constant(x.graph, 'float32', [height, x.shape[2]], shares(x.shape[2], height))
  return like(matMul(rows, matMul(inFull(x), columns)), x)
}

/** How much each of `from` places gives to each of `to`: [to, from] */
function shares(from: number, to: number): number[] {
  const rows = Array.from({ length: to }, (_, k) => {
    const at = Math.max(0, ((k + 0.5) * from) / to - 0.5)
    const first = Math.floor(at)
    const row = new Array<number>(from).fill(0)
    row[first] += 1 - (at - first)
    row[Math.min(first + 1, from - 1)] += at - first
    return row
  })
  return rows.flat()
}

const transposedShares = (from: number, to: number): number[] => {
  const rows = shares(from, to)
  return Array.from({ length: from * to }, (_, place) => rows[(place % to) * from + Math.floor(place / to)])
}
