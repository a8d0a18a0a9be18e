import { z } from 'zod'
import { clamp, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, checkVisited, commonKeys, readConfig, thresholdingKeys, timestepSpacing } from './config.ts'
import { noiseTable } from './noise-table.ts'
import { cleanFrom, noiseFrom, noiseGiven, predictionType, preserving, thresholded } from './prediction.ts'
import type { Schedule, Scheduler } from './scheduler.ts'
import { wholeTimesteps } from './timesteps.ts'

const className = 'DDIMScheduler'

const keys = {
  ...commonKeys,
  ...thresholdingKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('leading'),
  rescale_betas_zero_snr: z.boolean().default(false),
  /** Clean samples are limited to ±clip_sample_range. */
  clip_sample: z.boolean().default(true),
  clip_sample_range: z.number().positive().default(1),
  /** Whether the last step ends at a clean sample, or at the noise of training's first timestep. */
  set_alpha_to_one: z.boolean().default(true),
}

/** Denoising diffusion implicit models: Song et al. 2021 (arXiv:2010.02502), eq. 12 and 16. */
export const ddim: Scheduler = {
  className,
  title: 'DDIM',
  goodFor: 'Steady and exactly repeatable; good for editing a picture step by step.',
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

    const limited = (clean: Tensor): Tensor => {
      if (config.thresholding) return thresholded(clean, config)
      return config.clip_sample ? clamp(clean, -config.clip_sample_range, config.clip_sample_range) : clean
    }

    return {
      timesteps,
      table,
      finalAlphaCumprod,
      initialNoiseScale: 1,
      *run(x, noise) {
        for (const timestep of timesteps) {
          const [alphaBar, nextAlphaBar] = [alphaBarAt(timestep), alphaBarAt(timestep - stride)]
          const level = preserving(alphaBar)
          const from = x
          const denoised = (output: Tensor) => limited(cleanFrom(config.prediction_type, output, from, level))

          const output = yield { input: x, sample: x, timestep, denoised }
          const clean = denoised(output)
          const direction = useClippedModelOutput
            ? noiseGiven(clean, x, level)
            : noiseFrom(config.prediction_type, output, x, level)
          const deviation = round(eta * ancestralDeviation(alphaBar, nextAlphaBar))
          const rest = round(Math.sqrt(round(round(1 - nextAlphaBar) - round(deviation * deviation))))
          x = mix([Math.sqrt(nextAlphaBar), clean], [rest, direction])
          if (eta > 0) x = mix([1, x], [deviation, noise(x.shape)])
        }
        return x
      },
    }
  },
}

/** The standard deviation of DDPM's noise for a step, the paper's eq. 16 with eta 1; in float32, since at high noise it
 *  nearly cancels what is there. */
function ancestralDeviation(alphaBar: number, nextAlphaBar: number): number {
  const kept = round(round(1 - nextAlphaBar) / round(1 - alphaBar))
  return round(Math.sqrt(round(kept * round(1 - round(alphaBar / nextAlphaBar)))))
}

const round = Math.fround
