import { z } from 'zod'
import { clamp, combine, mix, quantile } from '../tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/* What networks predict, and what schedulers want to know, are converted here and nowhere else. */

const round = Math.fround

/** Scalars are float32 numbers. A noisy sample is alpha · clean + sigma · noise. Variance-preserving samples have
 *  alpha² + sigma² = 1; schedulers that work in sigmas keep alpha = 1; in flow matching alpha + sigma = 1. */
export interface NoiseLevel {
  readonly alpha: number
  readonly sigma: number
}

/** The noise level of a variance-preserving sample whose clean part has the variance alphaBar. */
export const preserving = (alphaBar: number): NoiseLevel => ({
  alpha: round(Math.sqrt(alphaBar)),
  sigma: round(Math.sqrt(round(1 - alphaBar))),
})

/** The level of what a network is fed: samples of variance 1. Flow matching feeds them as they are. */
export function unitLevel({ alpha, sigma }: NoiseLevel, prediction: Prediction): NoiseLevel {
  if (prediction === 'flow_prediction') return { alpha, sigma }
  const deviation = Math.hypot(alpha, sigma)
  return { alpha: alpha / deviation, sigma: sigma / deviation }
}

/** What a network answers: the noise; v (Salimans & Ho 2022, arXiv:2202.00512, appendix D); the clean sample; or the
 *  straight line from clean to noise (Lipman et al. 2023, arXiv:2210.02747; there alpha = 1 - sigma). */
export type Prediction = 'epsilon' | 'v_prediction' | 'sample' | 'flow_prediction'

/** The key `prediction_type`; "original_sample" is an old name of "sample". */
export const predictionType = z
  .enum(['epsilon', 'v_prediction', 'sample', 'original_sample'])
  .default('epsilon')
  .transform((name): Prediction => (name === 'original_sample' ? 'sample' : name))

/** The same for schedulers that serve flow matching too. */
export const flowOrPredictionType = z.union([predictionType, z.literal('flow_prediction')]).default('epsilon')

/** The clean sample, from a network's answer about `noisy`. All of one shape. */
export function cleanFrom(prediction: Prediction, output: Tensor, noisy: Tensor, level: NoiseLevel): Tensor {
  const { alpha, sigma } = level
  switch (prediction) {
    case 'epsilon':
      return combine(noisy, output, (x, noise) => round(x - round(sigma * noise)) / alpha)
    case 'v_prediction':
      return alpha === 1 ? cleanFromVInSigmas(output, noisy, sigma) : mix([alpha, noisy], [-sigma, output])
    case 'sample':
      return output
    case 'flow_prediction':
      return mix([1, noisy], [-sigma, output])
  }
}

/** v is defined on samples of variance 1, of which these are the sqrt(sigma² + 1)-fold. */
function cleanFromVInSigmas(output: Tensor, noisy: Tensor, sigma: number): Tensor {
  const variance = round(round(sigma * sigma) + 1)
  const share = round(sigma / round(Math.sqrt(variance)))
  return combine(noisy, output, (x, v) => round(x / variance) - round(share * v))
}

/** The noise, from a network's answer about a variance-preserving sample. All of one shape. */
export function noiseFrom(prediction: Prediction, output: Tensor, noisy: Tensor, level: NoiseLevel): Tensor {
  const { alpha, sigma } = level
  switch (prediction) {
    case 'epsilon':
      return output
    case 'v_prediction':
      return mix([alpha, output], [sigma, noisy])
    case 'sample':
      return noiseGiven(output, noisy, level)
    case 'flow_prediction':
      return mix([1, noisy], [alpha, output])
  }
}

/** The noise that is left when the clean sample is known. */
export const noiseGiven = (clean: Tensor, noisy: Tensor, { alpha, sigma }: NoiseLevel): Tensor =>
  combine(noisy, clean, (x, clean) => round(x - round(alpha * clean)) / sigma)

/** Dynamic thresholding (Saharia et al. 2022, arXiv:2205.11487, section 2.3): each item of the batch is limited at a
 *  high quantile of its own magnitudes, and scaled back to [-1, 1]. */
function thresholded(
  clean: Tensor,
  { dynamic_thresholding_ratio: ratio = 0.995, sample_max_value: highest = 1 }: LimitConfig,
): Tensor {
  const limited = splitBatches(clean, clean.shape[0]).map(item => {
    const reach = quantile(item.data.map(Math.abs), ratio)
    const limit = round(Math.min(Math.max(reach, 1), highest))
    const { shape, data } = clamp(item, -limit, limit)
    return tensor(
      shape,
      data.map(value => value / limit),
    )
  })
  return joinBatches(limited)
}

/** A limit for clean samples as the configuration says: dynamic thresholding, a fixed range, or none. */
export function limiter(config: LimitConfig): (clean: Tensor) => Tensor {
  if (config.thresholding) return clean => thresholded(clean, config)
  const { clip_sample: clips = false, clip_sample_range: range = 1 } = config
  return clips ? clean => clamp(clean, -range, range) : clean => clean
}

interface LimitConfig {
  readonly thresholding?: boolean
  readonly dynamic_thresholding_ratio?: number
  readonly sample_max_value?: number
  readonly clip_sample?: boolean
  readonly clip_sample_range?: number
}

/** The clean sample, limited as the configuration says. */
export const limitedClean = (
  config: LimitConfig & { readonly prediction_type: Prediction },
  output: Tensor,
  noisy: Tensor,
  level: NoiseLevel,
): Tensor => limiter(config)(cleanFrom(config.prediction_type, output, noisy, level))

/** What a solver integrates: the limited clean sample, or the noise that it leaves. */
export function integrand(
  config: LimitConfig & { readonly prediction_type: Prediction },
  output: Tensor,
  noisy: Tensor,
  level: NoiseLevel,
  integratesClean: boolean,
): Tensor {
  if (integratesClean) return limitedClean(config, output, noisy, level)
  if (config.thresholding) return noiseGiven(limitedClean(config, output, noisy, level), noisy, level)
  return noiseFrom(config.prediction_type, output, noisy, level)
}
