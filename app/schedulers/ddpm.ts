import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { levelInTable } from './add-noise.ts'
import {
  checkSteps,
  checkVisited,
  checkWholeTimesteps,
  clippingKeys,
  commonKeys,
  configProblem,
  readConfig,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { ancestralVariance, noiseTable, stepVariance } from './noise-table.ts'
import { limitedClean, predictionType, preserving } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { wholeTimesteps } from './timesteps.ts'

const className = 'DDPMScheduler'

const keys = {
  ...commonKeys,
  ...thresholdingKeys,
  ...clippingKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('leading'),
  rescale_betas_zero_snr: z.boolean().default(false),
  /** The noise of a step: the smaller or the larger bound of the paper's section 3.2, or one that the network predicts in
   *  a second half of its channels. */
  variance_type: z
    .enum(['fixed_small', 'fixed_small_log', 'fixed_large', 'learned', 'learned_range'])
    .default('fixed_small'),
}

const round = Math.fround

type VarianceType = z.output<typeof keys.variance_type>

/** Denoising diffusion probabilistic models: Ho et al. 2020 (arXiv:2006.11239), algorithm 2 with eq. 7. */
export const ddpm: Scheduler = {
  className,
  title: 'DDPM',
  goodFor: 'The original: fresh noise at every step, and at its best with very many of them.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: false,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    const { num_train_timesteps, timestep_spacing, steps_offset, variance_type } = config
    checkSteps(className, steps, num_train_timesteps)
    const table = noiseTable(className, config)
    const timesteps = options.timesteps ?? wholeTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset)
    if (options.timesteps) checkWholeTimesteps(className, options.timesteps, num_train_timesteps)
    checkVisited(className, timesteps, num_train_timesteps)

    return {
      timesteps,
      table,
      initialNoiseScale: 1,
      noiseLevel: levelInTable(table),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const alphaBar = table.alphasCumprod[timestep]
          const nextAlphaBar = i + 1 < timesteps.length ? table.alphasCumprod[timesteps[i + 1]] : 1
          const from = x
          const denoised = (output: Tensor) =>
            limitedClean(config, predictions(output, from).mean, from, preserving(alphaBar))

          const output = yield { input: x, sample: x, timestep, denoised }
          const weights = meanWeights(alphaBar, nextAlphaBar)
          const mean = mix([weights.clean, denoised(output)], [weights.sample, x])
          const { variance } = predictions(output, x)
          const deviation = timestep === 0 ? 0 : deviations(variance_type, alphaBar, nextAlphaBar, variance)
          x = after(timestep === 0 ? mean : withDeviation(mean, deviation, noise(x.shape)))
        }
        return x
      },
    }
  },
}

/** A step's mean with its noise. */
const withDeviation = (mean: Tensor, deviation: number | Tensor, fresh: Tensor): Tensor =>
  typeof deviation === 'number' ? mix([1, mean], [deviation, fresh]) : mix([1, mean], [1, product(deviation, fresh)])

/** The mean of a step: the paper's eq. 7. */
function meanWeights(alphaBar: number, nextAlphaBar: number) {
  const [left, nextLeft] = [round(1 - alphaBar), round(1 - nextAlphaBar)]
  const kept = round(alphaBar / nextAlphaBar)
  return {
    clean: round(round(round(Math.sqrt(nextAlphaBar)) * round(1 - kept)) / left),
    sample: round(round(round(Math.sqrt(kept)) * nextLeft) / left),
  }
}

/** What the network predicts of the sample, and, where it has twice the channels, of the variance: the halves of each
 *  item. */
function predictions(output: Tensor, x: Tensor): { mean: Tensor; variance?: Tensor } {
  if (output.shape[1] !== 2 * x.shape[1]) return { mean: output }
  const size = x.data.length / x.shape[0]
  const half = (which: number) =>
    tensor(
      x.shape,
      x.data.map((_, i) => output.data[(2 * Math.floor(i / size) + which) * size + (i % size)]),
    )
  return { mean: half(0), variance: half(1) }
}

/** The standard deviation of a step's noise: one for all, or, where the network predicts it, one for each value. */
function deviations(
  type: VarianceType,
  alphaBar: number,
  nextAlphaBar: number,
  predicted: Tensor | undefined,
): number | Tensor {
  const [small, large] = [
    Math.max(ancestralVariance(alphaBar, nextAlphaBar), 1e-20),
    stepVariance(alphaBar, nextAlphaBar),
  ]
  if (type === 'fixed_small' || type === 'fixed_small_log') return Math.sqrt(small)
  if (type === 'fixed_large') return Math.sqrt(large)
  if (predicted === undefined) {
    throw configProblem(className, 'variance_type', `the network predicts no variance for "${type}"`)
  }
  if (type === 'learned') return tensor(predicted.shape, predicted.data.map(Math.sqrt))
  const [low, high] = [round(Math.log(small)), round(Math.log(large))] // Nichol & Dhariwal 2021 (arXiv:2102.09672), eq. 15
  return tensor(
    predicted.shape,
    predicted.data.map(value => {
      const share = round((value + 1) / 2)
      return Math.exp(0.5 * round(round(share * high) + round(round(1 - share) * low)))
    }),
  )
}

const product = (a: Tensor, b: Tensor): Tensor =>
  tensor(
    a.shape,
    a.data.map((value, i) => value * b.data[i]),
  )
