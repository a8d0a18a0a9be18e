import { z } from 'zod'
import { linearSpace, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import {
  checkGivenSigmas,
  checkGivenTimesteps,
  checkSteps,
  commonKeys,
  configProblem,
  readConfig,
  sigmaChoiceKeys,
} from './config.ts'
import { inFlow, shifted, stretchedTo } from './flow-sigmas.ts'
import { cleanFrom } from './prediction.ts'
import { type RunOptions, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { chosenSigmas } from './sigmas.ts'

const className = 'FlowMatchEulerDiscreteScheduler'

const keys = {
  ...sigmaChoiceKeys,
  num_train_timesteps: commonKeys.num_train_timesteps,
  /** How far the noise levels move up. */
  shift: z.number().positive().default(1),
  /** The shift is chosen for each run (`RunOptions.shift`): its exponential, or the number itself. */
  use_dynamic_shifting: z.boolean().default(false),
  time_shift_type: z.enum(['exponential', 'linear']).default('exponential'),
  /** The levels are stretched to end here. */
  shift_terminal: z.number().min(0).optional(),
  /** From clean to noise. */
  invert_sigmas: z.boolean().default(false),
  /** Fresh noise at every step. */
  stochastic_sampling: z.boolean().default(false),
}

const round = Math.fround

type Config = z.output<z.ZodObject<typeof keys>>

/** Euler's method for flow matching: Lipman et al. 2023 (arXiv:2210.02747) and Esser et al. 2024 (arXiv:2403.03206). The
 *  network answers with the velocity noise - clean. */
export const flowMatchEulerDiscrete: Scheduler = {
  className,
  title: 'Flow Euler',
  goodFor: 'The method for flow-matching models.',
  serves: 'flow',
  takes: ['timesteps', 'sigmas'],
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    const { sigmas, timesteps } = plan(config, steps, options)

    return {
      timesteps,
      sigmas,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, sigmas.map(inFlow)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const [sigma, next] = [sigmas[i], sigmas[i + 1]]
          const from = x
          const denoised = (output: Tensor) => cleanFrom('flow_prediction', output, from, inFlow(sigma))
          const output = yield { input: x, sample: x, timestep, denoised }
          x = after(
            config.stochastic_sampling
              ? mix([1 - next, denoised(output)], [next, noise(x.shape)])
              : mix([1, x], [round(next - sigma), output]),
          )
        }
        return x
      },
    }
  },
}

/** Noise levels with the last, and the timesteps that the network is told. */
function plan(config: Config, steps: number, options: RunOptions) {
  const { num_train_timesteps, invert_sigmas } = config
  const count = options.sigmas?.length ?? steps
  checkSteps(className, count, num_train_timesteps)
  if (options.sigmas) checkGivenSigmas(className, options.sigmas)
  if (options.timesteps) checkGivenTimesteps(className, options.timesteps, num_train_timesteps + 1)
  const even = options.sigmas ?? options.timesteps?.map(t => t / num_train_timesteps) ?? evenSigmas(config, count)
  const moved = even.map(mover(config, options))
  const stretched = config.shift_terminal ? stretchedTo(moved, config.shift_terminal) : moved
  const ends = { lowest: stretched[count - 1], highest: stretched[0] }
  const sigmas = (chosenSigmas(className, config, ends, count) ?? stretched).map(round)
  const levels = invert_sigmas ? sigmas.map(sigma => round(1 - sigma)) : sigmas
  const isTold = options.timesteps !== undefined && !invert_sigmas
  const timesteps = isTold ? options.timesteps.map(round) : levels.map(sigma => round(sigma * num_train_timesteps))
  return { sigmas: [...levels, invert_sigmas ? 1 : 0], timesteps }
}

/** Evenly spaced between the first and the last training timestep. The last is moved up here and once more with the
 *  others, as in the reference. */
function evenSigmas({ num_train_timesteps, use_dynamic_shifting, shift }: Config, steps: number): number[] {
  const factor = use_dynamic_shifting ? 1 : shift
  const lowest = round(shifted(round(1 / num_train_timesteps), factor))
  return linearSpace(num_train_timesteps, lowest * num_train_timesteps, steps).map(t => t / num_train_timesteps)
}

/** How levels move up. @throws Problem SCHEDULER_CONFIG where the run has to say it, and does not */
function mover(config: Config, { shift }: RunOptions): (sigma: number) => number {
  if (!config.use_dynamic_shifting) return sigma => shifted(sigma, config.shift)
  if (shift === undefined) throw configProblem(className, 'use_dynamic_shifting', 'the run gives no shift')
  const factor = config.time_shift_type === 'exponential' ? Math.exp(shift) : shift
  return sigma => shifted(sigma, factor)
}
