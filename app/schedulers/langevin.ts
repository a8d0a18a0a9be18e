import { mix } from '../tensor/arithmetic.ts'
import { splitBatches } from '../tensor/batches.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** A step of Langevin dynamics: x + size · score + sqrt(2 size) · noise. */
export const langevinStep = (x: Tensor, score: Tensor, noise: Tensor, size: number): Tensor =>
  mix([1, mix([1, x], [size, score])], [Math.sqrt(Math.fround(2 * size)), noise])

/** The Euclidean norm of a batch's items, on average. */
export function meanNorm(batch: Tensor): number {
  const norms = splitBatches(batch, batch.shape[0]).map(({ data }) =>
    Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0)),
  )
  return Math.fround(norms.reduce((sum, norm) => sum + norm, 0) / norms.length)
}
