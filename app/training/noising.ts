import { z } from 'zod'
import { Problem } from '../problem.ts'
import { commonKeys, readConfig } from '../schedulers/config.ts'
import { noiseTable } from '../schedulers/noise-table.ts'
import { type NoiseLevel, type Prediction, predictionType, preserving } from '../schedulers/prediction.ts'
import type { NoiseTable, SchedulerConfig } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import type { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** What a network is asked about one example, and what it should answer. The loss is weight * mean((answer - target)^2). */
export interface Question {
  /** What the network sees; the shape of the example. */
  readonly sample: Tensor
  /** How noisy that is, as the network is told. */
  readonly timestep: number
  readonly target: Tensor
  readonly weight: number
}

/** A way to ask: how noisy an example is made, and what the network shall say about it. Training losses differ in this alone. */
export interface Noising {
  /** Draws a noise level: a timestep, a sigma or a share of noise. */
  readonly drawLevel: (random: TorchGenerator) => number
  /** @param noise standard normal, of the example's shape  @param level as `drawLevel` draws it */
  readonly ask: (clean: Tensor, noise: Tensor, level: number) => Question
}

/** How much noise levels count, as factors of the loss on the noise ("simple loss", Ho et al. 2020, arXiv:2006.11239, eq. 14);
 *  for networks that predict v or the clean sample they are converted. */
export type Weighting =
  | { readonly kind: 'none' }
  /** Hang et al. 2023 (arXiv:2303.09556), eq. 7: min(SNR, gamma) / SNR. @param gamma 5 in the paper */
  | { readonly kind: 'min-snr'; readonly gamma: number }
  /** Choi et al. 2022 (arXiv:2204.00227), eq. 8: 1 / (k + SNR)^gamma. @param k and gamma are 1 in the paper */
  | { readonly kind: 'p2'; readonly k: number; readonly gamma: number }

/** Noise in the steps of a table (DDPM), of samples that keep their variance. The targets of epsilon, v_prediction and sample are those of
 *  diffusers' training scripts.
 *  @param weighting 'none' weighs the network's own loss alike, as the scripts do */
export function discreteNoising(
  { alphasCumprod }: NoiseTable,
  prediction: Exclude<Prediction, 'flow_prediction'>,
  weighting: Weighting = { kind: 'none' },
): Noising {
  return {
    drawLevel: random => random.integers([1], 0, alphasCumprod.length)[0],
    ask(clean, noise, timestep) {
      const level = preserving(alphasCumprod[timestep])
      const { alpha, sigma } = level
      const target = {
        epsilon: () => noise,
        v_prediction: () => mix([alpha, noise], [-sigma, clean]),
        sample: () => clean,
      }[prediction]()
      const sample = mix([alpha, clean], [sigma, noise])
      return { sample, timestep, target, weight: weightOf(level, prediction, weighting) }
    },
  }
}

/** What the network's own loss is multiplied by. An error of the noise is SNR^(1/2) times that of the clean sample and alpha times that of v. */
function weightOf({ alpha, sigma }: NoiseLevel, prediction: Prediction, weighting: Weighting): number {
  if (weighting.kind === 'none') return 1
  const snr = (alpha / sigma) ** 2
  // At SNR 0 the first factor tends to 1.
  const ofNoise =
    weighting.kind === 'min-snr' ? Math.min(1, weighting.gamma / snr) : 1 / (weighting.k + snr) ** weighting.gamma
  return ofNoise * { epsilon: 1, v_prediction: snr / (snr + 1), sample: snr, flow_prediction: 1 }[prediction]
}

/** Settings of EDM; the paper's for pictures. */
export interface EdmOptions {
  /** Mean and standard deviation of ln(sigma) in training. */
  readonly meanLog?: number
  readonly deviationLog?: number
  /** Standard deviation of the examples. */
  readonly dataDeviation?: number
}

/** Noise levels and preconditioning of EDM (Karras et al. 2022, arXiv:2206.00364, table 1 and eqs. 7 and 8): D(x) = c_skip x + c_out F(c_in x,
 *  c_noise), and the loss lambda |D(x) - clean|^2 is that on F alone with weight lambda c_out^2 = 1. */
export function edmNoising({ meanLog = -1.2, deviationLog = 1.2, dataDeviation = 0.5 }: EdmOptions = {}): Noising {
  return {
    drawLevel: random => Math.exp(random.normal([1], { mean: meanLog, deviation: deviationLog }).data[0]),
    ask(clean, noise, sigma) {
      const variance = sigma ** 2 + dataDeviation ** 2
      const skip = dataDeviation ** 2 / variance
      const out = (sigma * dataDeviation) / Math.sqrt(variance)
      // (clean - c_skip (clean + sigma noise)) / c_out
      const target = mix([(1 - skip) / out, clean], [(-skip * sigma) / out, noise])
      const scale = 1 / Math.sqrt(variance)
      const sample = mix([scale, clean], [scale * sigma, noise])
      return { sample, timestep: Math.log(sigma) / 4, target, weight: 1 }
    },
  }
}

/** The simplest form: noise is mixed in linearly and the clean sample predicted; the network is told the share of noise, 0 to 1, as a
 *  timestep of a thousand. */
export const linearNoising: Noising = {
  drawLevel: random => random.uniform([1]).data[0],
  ask: (clean, noise, share) => ({
    sample: mix([1 - share, clean], [share, noise]),
    timestep: 1000 * share,
    target: clean,
    weight: 1,
  }),
}

/** Noise of an example. @param offset how much of one number for each channel is added to all of it, so that whole pictures are learned to be
 *  dark or bright ("offset noise", N. Guttenberg 2023; 0.1 there, 0: none) */
export function drawNoise(random: TorchGenerator, shape: Tensor['shape'], offset = 0): Tensor {
  const noise = random.normal(shape)
  if (offset === 0) return noise
  const channels = shape.at(-3) ?? 1
  const shifts = random.normal([channels]).data
  const plane = (shape.at(-2) ?? 1) * (shape.at(-1) ?? 1)
  return tensor(
    shape,
    noise.data.map((value, i) => value + offset * shifts[Math.floor(i / plane) % channels]),
  )
}

const trainingKeys = {
  ...commonKeys,
  prediction_type: predictionType,
  rescale_betas_zero_snr: z.boolean().default(false),
}

/** The noise levels that a model was made with. @param config its scheduler_config.json  @throws Problem SCHEDULER_CONFIG */
export const modelTable = (config: SchedulerConfig): NoiseTable =>
  noiseTable('training', readConfig('training', trainingKeys, config))

/** The noise and the answers that a model was made with. @param config its scheduler_config.json
 *  @throws Problem SCHEDULER_CONFIG; TRAINING_FLOW where it is a model of flow matching */
export function modelNoising(config: SchedulerConfig, weighting: Weighting = { kind: 'none' }): Noising {
  const { prediction_type } = readConfig('training', trainingKeys, config)
  if (prediction_type === 'flow_prediction') {
    throw new Problem('TRAINING_FLOW', 'Models of flow matching cannot be trained.', { hint: 'Choose another model.' })
  }
  return discreteNoising(modelTable(config), prediction_type, weighting)
}
