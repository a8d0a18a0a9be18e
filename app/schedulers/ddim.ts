import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelInTable } from './add-noise.ts'
import {
  checkSteps,
  checkVisited,
  clippingKeys,
  commonKeys,
  readConfig,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { ancestralVariance, noiseTable } from './noise-table.ts'
import { cleanFrom, limiter, noiseFrom, noiseGiven, predictionType, preserving } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { wholeTimesteps } from './timesteps.ts'

const className = 'DDIMScheduler'

const keys = {
  ...commonKeys,
  ...thresholdingKeys,
  ...clippingKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('leading'),
  rescale_betas_zero_snr: z.boolean().default(false),
  /** Whether the last step ends at a clean sample, or at the noise of training's first timestep. */
  set_alpha_to_one: z.boolean().default(true),
}

/** Denoising diffusion implicit models: Song et al. 2021 (arXiv:2010.02502), eq. 12 and 16. */
export const ddim: Scheduler = {
  className,
  title: 'DDIM',
  goodFor: 'Steady and exactly repeatable; good for editing a picture step by step.',
  serves: 'diffusion',
  choosesNoiseLevels: false,
  create(given, steps, { eta = 0, useClippedModelOutput = false } = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const table = noiseTable(className, config)
    const finalAlphaCumprod = config.set_alpha_to_one ? 1 : table.alphasCumprod[0]
    const stride = Math.floor(config.num_train_timesteps / steps)
    const timesteps = wholeTimesteps(config.timestep_spacing, config.num_train_timesteps, steps, config.steps_offset)
    checkVisited(className, timesteps, config.num_train_timesteps)
    const alphaBarAt = (timestep: number) => (timestep >= 0 ? table.alphasCumprod[timestep] : finalAlphaCumprod)

    const limited = limiter(config)

    return {
      timesteps,
      table,
      finalAlphaCumprod,
      initialNoiseScale: 1,
      noiseLevel: levelInTable(table),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const timestep of timesteps.slice(begin)) {
          const [alphaBar, nextAlphaBar] = [alphaBarAt(timestep), alphaBarAt(timestep - stride)]
          const level = preserving(alphaBar)
          const from = x
          const denoised = (output: Tensor) => limited(cleanFrom(config.prediction_type, output, from, level))

          const output = yield { input: x, sample: x, timestep, denoised }
          const clean = denoised(output)
          const direction = useClippedModelOutput
            ? noiseGiven(clean, x, level)
            : noiseFrom(config.prediction_type, output, x, level)
          const deviation = round(eta * round(Math.sqrt(ancestralVariance(alphaBar, nextAlphaBar))))
          const rest = round(Math.sqrt(round(round(1 - nextAlphaBar) - round(deviation * deviation))))
          x = mix([Math.sqrt(nextAlphaBar), clean], [rest, direction])
          if (eta > 0) x = mix([1, x], [deviation, noise(x.shape)])
          x = after(x)
        }
        return x
      },
    }
  },
}

const round = Math.fround
