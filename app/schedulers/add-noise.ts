import { mix } from '../tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type NoiseLevel, preserving } from './prediction.ts'
import { firstCall, type NoiseTable, type Schedule } from './scheduler.ts'

/** Clean samples as they stand before the calls at these timesteps: alpha · clean + sigma · noise, item by item.
 *  @param clean `[batch, ...]` @param noise of the same shape @param timesteps one for each item of the batch */
export const addNoise = (
  { noiseLevel }: Pick<Schedule, 'noiseLevel'>,
  clean: Tensor,
  noise: Tensor,
  timesteps: readonly number[],
): Tensor =>
  itemwise(clean, noise, (clean, noise, i) => {
    const { alpha, sigma } = noiseLevel(timesteps[i])
    return mix([alpha, clean], [sigma, noise])
  })

/** Clean samples as a run that leaves out `begin` steps starts from. Shapes as in `addNoise`; `begin` less than all steps. */
export function noisedFor(schedule: Schedule, begin: number, clean: Tensor, noise: Tensor): Tensor {
  const call = firstCall(schedule, begin)
  const { alpha, sigma } = schedule.noiseLevel(schedule.timesteps[call], call)
  return mix([alpha, clean], [sigma, noise])
}

/** v = alpha · noise - sigma · clean (Salimans & Ho 2022, arXiv:2202.00512, appendix D), what a network of
 *  `v_prediction` shall answer at these training timesteps. Shapes as in `addNoise`. */
export const velocity = (table: NoiseTable, clean: Tensor, noise: Tensor, timesteps: readonly number[]): Tensor =>
  itemwise(clean, noise, (clean, noise, i) => {
    const { alpha, sigma } = preserving(table.alphasCumprod[timesteps[i]])
    return mix([alpha, noise], [-sigma, clean])
  })

const itemwise = (a: Tensor, b: Tensor, f: (a: Tensor, b: Tensor, item: number) => Tensor): Tensor => {
  const batch = a.shape[0]
  const others = splitBatches(b, batch)
  return joinBatches(splitBatches(a, batch).map((item, i) => f(item, others[i], i)))
}

/** `Schedule.noiseLevel` of schedulers that work in alpha-bar. */
export const levelInTable =
  ({ alphasCumprod }: NoiseTable) =>
  (timestep: number): NoiseLevel =>
    preserving(alphasCumprod[timestep])

/** `Schedule.noiseLevel` of the others: that of the nearest call, the second one where two have the same timestep, as in
 *  the reference. @param levels one for each timestep, or more */
export const levelOfCall =
  (timesteps: readonly number[], levels: readonly NoiseLevel[]) =>
  (timestep: number, call?: number): NoiseLevel => {
    if (call !== undefined) return levels[call]
    const distances = timesteps.map(each => Math.abs(each - timestep))
    const nearest = Math.min(...distances)
    const first = distances.indexOf(nearest)
    const second = distances.indexOf(nearest, first + 1)
    return levels[second < 0 ? first : second]
  }

/** The level of samples that are clean + sigma · noise. */
export const inSigmas = (sigma: number): NoiseLevel => ({ alpha: 1, sigma })
