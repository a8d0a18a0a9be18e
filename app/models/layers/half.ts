import type { Value } from '../../graph/graph.ts'
import { cast } from '../../graph/ops/index.ts'

/* Half precision (float16: 11 significant bits, at most 65504) with its sensitive parts in single precision. Where a target computes in float32 each of
 * these is the value itself, and nothing is added to a graph. */

/** In the type that the target computes with: what products of matrices and convolutions take. */
export const computed = (x: Value): Value => cast(x, x.graph.target.compute)

/** In single precision: sums of squares, exponentials and angles. */
export const inFull = (x: Value): Value => (x.type === 'float16' ? cast(x, 'float32') : x)

/** In another value's type, to be combined with it. */
export const like = (x: Value, other: Value): Value => cast(x, other.type)

/** A function of single numbers computed in single precision; its result is in the type of its argument. */
export const throughFull =
  (apply: (x: Value) => Value) =>
  (x: Value): Value =>
    like(apply(inFull(x)), x)
