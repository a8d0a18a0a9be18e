import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Weights over the last answers, the newest first: orders 1 to 4. */
const WEIGHTS = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]]

/** The answers of an evenly spaced run, combined by the Adams-Bashforth method of as high an order as they allow, up to 4.
 *  @param answers the newest first, at least one */
export const adamsBashforth = (answers: readonly Tensor[]): Tensor =>
  weighted(WEIGHTS[Math.min(answers.length, 4) - 1], answers)

/** The sum of the first tensors, each with its weight. */
export const weighted = (weights: readonly number[], tensors: readonly Tensor[]): Tensor =>
  mix(...weights.map((weight, i) => [weight, tensors[i]] as const))
