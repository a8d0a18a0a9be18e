import { combine } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/* Steps in sigma space, where a sample is clean + sigma · noise. Samples of high noise are thousands of times larger than
 * pictures, so what torch rounds away there shows in the picture; these round after each operation, as torch does. */

const round = Math.fround

/** What the network is fed: the sample at variance 1. */
export function scaledInput({ shape, data }: Tensor, sigma: number): Tensor {
  const scale = round(Math.sqrt(round(round(sigma * sigma) + 1)))
  return tensor(
    shape,
    data.map(value => value / scale),
  )
}

/** Euler's step x + (next - sigma) dx/dsigma, where dx/dsigma = (x - clean) / sigma: Karras et al. 2022, eq. 3. */
export function eulerStep(x: Tensor, clean: Tensor, sigma: number, next: number): Tensor {
  const difference = round(next - sigma)
  return combine(x, clean, (x, clean) => x + round(round(round(x - clean) / sigma) * difference))
}

/** The sample with noise added to it. */
export const withNoise = (x: Tensor, noise: Tensor, deviation: number): Tensor =>
  combine(x, noise, (x, noise) => x + round(noise * deviation))
