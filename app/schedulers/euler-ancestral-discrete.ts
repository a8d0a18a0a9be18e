import { z } from 'zod'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig, timestepSpacing } from './config.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import { cleanFrom, predictionType } from './prediction.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { ancestralStep, eulerStep, scaledInput, withNoise } from './sigma-space.ts'
import { initialNoiseScale, sigmaAt } from './sigmas.ts'
import { fractionalTimesteps } from './timesteps.ts'

const className = 'EulerAncestralDiscreteScheduler'

const keys = {
  ...commonKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
  rescale_betas_zero_snr: z.boolean().default(false),
}

/** Euler steps to below the next noise level, and fresh noise up to it: k-diffusion's `sample_euler_ancestral`
 *  (github.com/crowsonkb/k-diffusion), which follows DDPM (Ho et al. 2020, arXiv:2006.11239) in sigma space. */
export const eulerAncestralDiscrete: Scheduler = {
  className,
  title: 'Euler a',
  goodFor: 'Lively and varied: fresh noise at every step, so more steps draw another picture.',
  serves: 'diffusion',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    const { num_train_timesteps, timestep_spacing, steps_offset, prediction_type } = config
    checkSteps(className, steps, num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const training = sigmasOf(table)
    const timesteps = fractionalTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset)
    const sigmas = [...timesteps.map(timestep => Math.fround(sigmaAt(timestep, training))), 0]

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: initialNoiseScale(sigmas, timestep_spacing),
      noiseLevel: levelOfCall(timesteps, sigmas.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const [sigma, next] = [sigmas[i], sigmas[i + 1]]
          const from = x
          const denoised = (output: Tensor) => cleanFrom(prediction_type, output, from, inSigmas(sigma))

          const clean = denoised(yield { input: scaledInput(x, sigma), sample: x, timestep, denoised })
          const { up, down } = ancestralStep(sigma, next)
          x = after(withNoise(eulerStep(x, clean, sigma, down), noise(x.shape), up))
        }
        return x
      },
    }
  },
}
