import { z } from 'zod'
import { linearSpace, linearSpaceFloat32, mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { commonKeys } from './config.ts'

/* What networks of Karras et al. 2022 (arXiv:2206.00364, "EDM") are fed and how their answers are read: its table 1. */

const round = Math.fround

/** Keys of all EDM schedulers. */
export const edmKeys = {
  num_train_timesteps: commonKeys.num_train_timesteps,
  sigma_min: z.number().positive().default(0.002),
  sigma_max: z.number().positive().default(80),
  /** The standard deviation of clean samples. */
  sigma_data: z.number().positive().default(0.5),
  sigma_schedule: z.enum(['karras', 'exponential']).default('karras'),
  /** Larger: shorter steps at low noise. */
  rho: z.number().positive().default(7),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
}

export type EdmConfig = z.output<z.ZodObject<typeof edmKeys>>

/** Noise levels, falling from sigma_max to sigma_min, without the last: eq. 5, or evenly spaced in the logarithm.
 *  @param isFloat32 whether Karras levels are computed in single precision, as one of the reference's schedulers does */
export function edmSigmas(config: EdmConfig, steps: number, isFloat32: boolean): number[] {
  const { sigma_min, sigma_max, rho } = config
  if (config.sigma_schedule === 'exponential') {
    const logarithms = linearSpaceFloat32(Math.log(sigma_min), Math.log(sigma_max), steps)
    return Array.from(logarithms, logarithm => round(Math.exp(logarithm))).reverse()
  }
  const [highest, lowest] = [sigma_max ** (1 / rho), sigma_min ** (1 / rho)]
  if (isFloat32) {
    const shares = Array.from(linearSpaceFloat32(0, 1, steps))
    const [start, difference] = [round(highest), round(lowest - highest)]
    return shares.map(share => round(round(start + round(share * difference)) ** rho))
  }
  return linearSpace(0, 1, steps).map(share => round((highest + share * (lowest - highest)) ** rho))
}

/** What the network is told of a level: a quarter of its logarithm. */
export const edmTimestep = (sigma: number): number => round(0.25 * round(Math.log(sigma)))

/** The scale of the first noise. */
export const edmNoiseScale = ({ sigma_max }: EdmConfig): number => Math.sqrt(sigma_max ** 2 + 1)

/** What the network is fed: the sample at variance 1. */
export function edmInput({ shape, data }: Tensor, sigma: number, { sigma_data }: EdmConfig): Tensor {
  const scale = round(1 / round(Math.sqrt(variance(sigma, sigma_data))))
  return tensor(
    shape,
    data.map(value => value * scale),
  )
}

/** The clean sample, from a network's answer about x. */
export function edmClean(output: Tensor, x: Tensor, sigma: number, config: EdmConfig): Tensor {
  const { sigma_data } = config
  const sum = variance(sigma, sigma_data)
  const sign = config.prediction_type === 'epsilon' ? 1 : -1
  const out = round(round(sign * sigma * sigma_data) / round(Math.sqrt(sum)))
  return mix([sigma_data ** 2 / sum, x], [out, output])
}

const variance = (sigma: number, data: number): number => round(round(sigma * sigma) + data ** 2)
