import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, checkVisited, clippingKeys, commonKeys, configProblem, readConfig } from './config.ts'
import { noiseTable } from './noise-table.ts'
import { cleanFrom, limiter, noiseFrom, predictionType, preserving } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { wholeTimesteps } from './timesteps.ts'

const className = 'DDIMInverseScheduler'

const keys = {
  ...commonKeys,
  ...clippingKeys,
  prediction_type: predictionType,
  timestep_spacing: z.enum(['leading', 'trailing']).default('leading'),
  rescale_betas_zero_snr: z.boolean().default(false),
  /** Whether the picture that the run starts from is clean, or has the noise of training's first timestep. */
  set_alpha_to_one: z.boolean().default(true),
}

/** DDIM backwards, from a picture to the noise that draws it: Song et al. 2021 (arXiv:2010.02502), section 4.3;
 *  Dhariwal & Nichol 2021 (arXiv:2105.05233), appendix F. The network is told the timestep that the step leads to. */
export const ddimInverse: Scheduler = {
  className,
  title: 'DDIM inverse',
  goodFor: 'Finds the noise that draws a given picture, so that it can be edited.',
  serves: 'inversion',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    const { num_train_timesteps, prediction_type, set_alpha_to_one } = config
    checkSteps(className, steps, num_train_timesteps)
    const table = noiseTable(className, config)
    const stride = Math.floor(num_train_timesteps / steps)
    const timesteps = wholeTimesteps(config.timestep_spacing, num_train_timesteps, steps, config.steps_offset).reverse()
    checkVisited(className, timesteps, num_train_timesteps)
    const first = set_alpha_to_one ? 1 : table.alphasCumprod[0]
    const noiseLevel = (timestep: number) =>
      preserving(timestep >= stride ? table.alphasCumprod[timestep - stride] : first)
    if (prediction_type === 'sample' && noiseLevel(timesteps[0]).sigma === 0) {
      throw configProblem(className, 'prediction_type', 'a clean sample says nothing of the noise to come')
    }
    const limited = limiter(config)

    return {
      timesteps,
      table,
      initialNoiseScale: 1,
      noiseLevel,
      *run(x, _noise, begin = 0, after = unchanged) {
        for (const timestep of timesteps.slice(begin)) {
          const level = noiseLevel(timestep)
          const from = x
          const denoised = (output: Tensor) => limited(cleanFrom(prediction_type, output, from, level))
          const output = yield { input: x, sample: x, timestep, denoised }
          const next = preserving(table.alphasCumprod[timestep])
          x = after(mix([next.alpha, denoised(output)], [next.sigma, noiseFrom(prediction_type, output, x, level)]))
        }
        return x
      },
    }
  },
}
