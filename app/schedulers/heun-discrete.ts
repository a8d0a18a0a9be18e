import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import {
  checkGivenTimesteps,
  checkSteps,
  clippingKeys,
  commonKeys,
  readConfig,
  sigmaChoiceKeys,
  timestepSpacing,
} from './config.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { cleanFrom, limiter, predictionType } from './prediction.ts'
import { type ModelCall, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { planSigmas } from './sigma-plan.ts'
import { along, scaledInput, slope } from './sigma-space.ts'
import { initialNoiseScale } from './sigmas.ts'

const className = 'HeunDiscreteScheduler'

const keys = {
  ...commonKeys,
  ...sigmaChoiceKeys,
  ...clippingKeys,
  beta_start: commonKeys.beta_start.default(0.00085),
  beta_end: commonKeys.beta_end.default(0.012),
  clip_sample: z.boolean().default(false),
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
}

/** Heun's method on the probability flow: Karras et al. 2022 (arXiv:2206.00364), algorithm 1. Two calls a step, but for
 *  the last: from the slope at the end of a step, the step is taken once more with the mean of both. */
export const heunDiscrete: Scheduler = {
  className,
  title: 'Heun',
  goodFor: 'Precise with few steps, at two calls of the network for each.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    if (options.timesteps) checkGivenTimesteps(className, options.timesteps, config.num_train_timesteps)
    const table = noiseTable(className, config)
    const planned = planSigmas(className, config, sigmasOf(table), steps, options.timesteps)
    const levels = [...planned.sigmas, 0].map(Math.fround)
    const told = planned.timesteps.map(Math.fround)
    const timesteps = twice(told)
    const sigmas = [...twice(levels.slice(0, -1)), 0]
    const limited = limiter(config)

    const call = (x: Tensor, step: number): ModelCall => ({
      input: scaledInput(x, levels[step]),
      sample: x,
      timestep: told[step],
      denoised: output => limited(cleanFrom(config.prediction_type, output, x, inSigmas(levels[step]))),
    })

    return {
      timesteps,
      sigmas,
      table,
      callsPerStep: 2,
      initialNoiseScale: initialNoiseScale(sigmas, config.timestep_spacing),
      noiseLevel: levelOfCall(timesteps, sigmas.map(inSigmas)),
      *run(x, _noise, begin = 0, after = unchanged) {
        for (const step of told.keys().drop(begin)) {
          const [sigma, next] = [levels[step], levels[step + 1]]
          const start = call(x, step)
          const first = slope(x, start.denoised(yield start), sigma)
          const reached = after(along(x, first, sigma, next))
          if (next === 0) return reached
          const end = call(reached, step + 1)
          const second = slope(reached, end.denoised(yield end), next)
          x = after(along(x, mean(first, second), sigma, next))
        }
        return x
      },
    }
  },
}

/** One entry for each call: every step but the first is looked at from both sides. */
export const twice = (values: readonly number[]): number[] => [values[0], ...values.slice(1).flatMap(v => [v, v])]

/** (a + b) / 2 */
export const mean = (a: Tensor, b: Tensor): Tensor => mix([0.5, mix([1, a], [1, b])])
