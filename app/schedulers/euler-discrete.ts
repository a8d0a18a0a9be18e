import { z } from 'zod'
import { linearSpaceFloat32 } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import {
  checkGivenSigmas,
  checkGivenTimesteps,
  checkSteps,
  commonKeys,
  configProblem,
  readConfig,
  sigmaKeys,
  timestepSpacing,
} from './config.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import { cleanFrom, predictionType } from './prediction.ts'
import { type RunOptions, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { chosenPlan, planSigmas } from './sigma-plan.ts'
import { churned, eulerStep, scaledInput } from './sigma-space.ts'
import { initialNoiseScale, timestepsOf } from './sigmas.ts'

const className = 'EulerDiscreteScheduler'

const keys = {
  ...commonKeys,
  ...sigmaKeys,
  prediction_type: predictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
  rescale_betas_zero_snr: z.boolean().default(false),
  interpolation_type: z.enum(['linear', 'log_linear']).default('linear'),
  /** What a network that predicts v is told of the noise: a training timestep, or a quarter of sigma's logarithm. */
  timestep_type: z.enum(['discrete', 'continuous']).default('discrete'),
}

const round = Math.fround

type Config = z.output<z.ZodObject<typeof keys>>

/** Euler's method on the probability flow: Karras et al. 2022 (arXiv:2206.00364), algorithm 2 without the second-order
 *  correction; with `churn` 0 it is deterministic. */
export const eulerDiscrete: Scheduler = {
  className,
  title: 'Euler',
  goodFor: 'Simple and quick; clean pictures in 20 to 30 steps.',
  serves: 'diffusion',
  choosesNoiseLevels: true,
  takes: ['timesteps', 'sigmas'],
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    const count = options.sigmas ? options.sigmas.length - 1 : steps
    checkSteps(className, count, config.num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const { sigmas, timesteps } = plan(config, sigmasOf(table), count, options)

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: initialNoiseScale(sigmas, config.timestep_spacing),
      noiseLevel: levelOfCall(timesteps, sigmas.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const [sigma, next] = [sigmas[i], sigmas[i + 1]]
          const from = x
          const denoised = (output: Tensor) => cleanFrom(config.prediction_type, output, from, inSigmas(sigma))

          const output = yield { input: scaledInput(x, sigma), sample: x, timestep, denoised }
          const lifted = churned(x, sigma, sigmas.length - 1, noise, options)
          // The reference raises the level for epsilon alone, although x carries the added noise in every case.
          const level = inSigmas(config.prediction_type === 'epsilon' ? lifted.raised : sigma)
          const clean = cleanFrom(config.prediction_type, output, lifted.x, level)
          x = after(eulerStep(lifted.x, clean, lifted.raised, next))
        }
        return x
      },
    }
  },
}

/** Noise levels and timesteps of a run. `training`: the levels of all training timesteps, rising. */
function plan(config: Config, training: Float32Array, steps: number, given: RunOptions) {
  const { timestep_type, prediction_type, num_train_timesteps } = config
  const isTold = timestep_type === 'continuous' && prediction_type === 'v_prediction'
  const rounded = ({ sigmas, timesteps }: { sigmas: readonly number[]; timesteps: readonly number[] }) => {
    const levels = sigmas.map(round)
    const told = isTold ? levels.slice(0, -1).map(sigma => 0.25 * Math.log(sigma)) : timesteps
    return { sigmas: levels, timesteps: told.map(round) }
  }

  if (given.sigmas) {
    checkGivenSigmas(className, given.sigmas)
    const sigmas = given.sigmas.map(round)
    return rounded({ sigmas, timesteps: timestepsOf(sigmas.slice(0, -1), training) })
  }
  if (given.timesteps) {
    checkGivenTimesteps(className, given.timesteps, num_train_timesteps)
    if (isTold)
      throw configProblem(className, 'timestep_type', 'timesteps are given, and cannot be told as noise levels')
  }
  const last = config.final_sigmas_type === 'zero' ? 0 : training[0]
  const visited = planSigmas(className, config, training, steps, given.timesteps)
  if (config.interpolation_type === 'linear') return rounded({ ...visited, sigmas: [...visited.sigmas, last] })

  const levels = logLinear(training, steps + 1) // one more: so does the reference
  const chosen = chosenPlan(className, config, training, levels, given.timesteps, steps)
  return rounded({
    sigmas: [...(chosen?.sigmas ?? levels), last],
    timesteps: chosen?.timesteps ?? visited.timesteps,
  })
}

/** n levels, evenly spaced in the logarithm over all of training, falling. */
function logLinear(training: Float32Array, n: number): number[] {
  const [highest, lowest] = [training[training.length - 1], training[0]].map(numpyLogFloat32)
  return Array.from(linearSpaceFloat32(highest, lowest, n), level => round(Math.exp(level)))
}
