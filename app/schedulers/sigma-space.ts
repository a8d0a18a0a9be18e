import { combine, mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { NoiseSource, RunOptions } from './scheduler.ts'

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

/** dx/dsigma = (x - clean) / sigma: Karras et al. 2022 (arXiv:2206.00364), eq. 3. */
export const slope = (x: Tensor, clean: Tensor, sigma: number): Tensor =>
  combine(x, clean, (x, clean) => round(x - clean) / sigma)

/** The sample moved along a slope from one level to another. */
export function along(x: Tensor, slope: Tensor, from: number, to: number): Tensor {
  return mix([1, x], [round(to - from), slope])
}

/** Euler's step. */
export const eulerStep = (x: Tensor, clean: Tensor, sigma: number, next: number): Tensor =>
  along(x, slope(x, clean, sigma), sigma, next)

/** The sample with noise added to it. */
export const withNoise = (x: Tensor, noise: Tensor, deviation: number): Tensor => mix([1, x], [deviation, noise])

/** The level to step down to, and the noise that leads from there up to `next`: up² + down² = next². In float32, since
 *  the difference of two nearly equal squares makes the reference's rounding visible. */
export function ancestralStep(sigma: number, next: number): { up: number; down: number } {
  const [from, to] = [round(sigma * sigma), round(next * next)]
  const up = round(Math.sqrt(round(round(to * round(from - to)) / from)))
  return { up, down: round(Math.sqrt(round(to - round(up * up)))) }
}

type Churn = Pick<RunOptions, 'churn' | 'churnFrom' | 'churnTo' | 'churnNoise'>

/** The level that a sample is raised to before a step: Karras et al. 2022, algorithm 2. With `churn` 0 it stays.
 *  @param steps of the whole run */
export function raisedLevel(
  sigma: number,
  steps: number,
  { churn = 0, churnFrom = 0, churnTo = Infinity }: Churn,
): number {
  const gamma = sigma >= churnFrom && sigma <= churnTo ? Math.min(churn / steps, Math.SQRT2 - 1) : 0
  return round(sigma * round(1 + gamma))
}

/** A sample with the noise that raises its level, and that level; without `churn` both stay, and no noise is drawn. */
export function churned(
  x: Tensor,
  sigma: number,
  steps: number,
  noise: NoiseSource,
  churn: Churn,
): { x: Tensor; raised: number } {
  const raised = raisedLevel(sigma, steps, churn)
  if (raised === sigma) return { x, raised }
  const deviation = round(Math.sqrt(round(round(raised * raised) - round(sigma * sigma))))
  return { x: withNoise(x, mix([churn.churnNoise ?? 1, noise(x.shape)]), deviation), raised }
}
