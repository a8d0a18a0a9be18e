import { z } from 'zod'
import { linearSpaceFloat32, mix } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { checkSteps, commonKeys, readConfig, sigmaKeys, timestepSpacing } from './config.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import { cleanFrom, predictionType } from './prediction.ts'
import type { Schedule, Scheduler } from './scheduler.ts'
import { eulerStep, scaledInput, withNoise } from './sigma-space.ts'
import { chosenSigmas, initialNoiseScale, sigmaAt, timestepOf } from './sigmas.ts'
import { fractionalTimesteps } from './timesteps.ts'

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
  choosesNoiseLevels: true,
  create(given, steps, { churn = 0, churnFrom = 0, churnTo = Infinity, churnNoise = 1 } = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const { sigmas, timesteps } = plan(config, sigmasOf(table), steps)

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: initialNoiseScale(sigmas, config.timestep_spacing),
      *run(x, noise) {
        for (const [i, timestep] of timesteps.entries()) {
          const [sigma, next] = [sigmas[i], sigmas[i + 1]]
          const from = x
          const denoised = (output: Tensor) => cleanFrom(config.prediction_type, output, from, { alpha: 1, sigma })

          const output = yield { input: scaledInput(x, sigma), sample: x, timestep, denoised }
          const gamma =
            sigma >= churnFrom && sigma <= churnTo ? Math.min(churn / (sigmas.length - 1), Math.SQRT2 - 1) : 0
          const raised = round(sigma * round(1 + gamma))
          if (gamma > 0) {
            const deviation = round(Math.sqrt(round(round(raised * raised) - round(sigma * sigma))))
            x = withNoise(x, mix([churnNoise, noise(x.shape)]), deviation)
          }
          // The reference raises the level for epsilon alone, although x carries the added noise in every case.
          const level = { alpha: 1, sigma: config.prediction_type === 'epsilon' ? raised : sigma }
          x = eulerStep(x, cleanFrom(config.prediction_type, output, x, level), raised, next)
        }
        return x
      },
    }
  },
}

/** Noise levels and timesteps of a run. `training`: the levels of all training timesteps, rising. */
function plan(config: Config, training: Float32Array, steps: number) {
  const { num_train_timesteps, timestep_spacing, steps_offset, timestep_type, prediction_type } = config
  const visited = fractionalTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset)
  const plain =
    config.interpolation_type === 'linear'
      ? visited.map(timestep => sigmaAt(timestep, training))
      : logLinear(training, steps + 1) // one more: so does the reference
  const chosen = chosenSigmas(className, config, { lowest: plain[plain.length - 1], highest: plain[0] }, steps)
  const last = config.final_sigmas_type === 'zero' ? 0 : training[0]
  const sigmas = [...(chosen ?? plain), last].map(round)

  const told = () => {
    if (timestep_type === 'continuous' && prediction_type === 'v_prediction') {
      return sigmas.slice(0, -1).map(sigma => 0.25 * Math.log(sigma))
    }
    const logarithms = training.map(numpyLogFloat32)
    return chosen?.map(sigma => timestepOf(sigma, logarithms)) ?? visited
  }
  return { sigmas, timesteps: told().map(round) }
}

/** n levels, evenly spaced in the logarithm over all of training, falling. */
function logLinear(training: Float32Array, n: number): number[] {
  const [highest, lowest] = [training[training.length - 1], training[0]].map(numpyLogFloat32)
  return Array.from(linearSpaceFloat32(highest, lowest, n), level => round(Math.exp(level)))
}
