import { z } from 'zod'
import { roundHalfToEven } from '../tensor/arithmetic.ts'
import { checkSteps, checkVisited, readConfig, sigmaChoiceKeys, timestepSpacing } from './config.ts'
import { checkDpmConfig, dpmKeys, multistepSchedule } from './dpm-solver-multistep.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { clippedTimesteps, flowSigmas } from './preserving-plan.ts'
import type { NoiseTable, Schedule, Scheduler } from './scheduler.ts'
import { chosenSigmas, sigmaAt, timestepsOf } from './sigmas.ts'
import { linspace, type TimestepSpacing, trailing } from './timesteps.ts'

const className = 'DPMSolverMultistepInverseScheduler'

const keys = {
  ...dpmKeys,
  ...sigmaChoiceKeys,
  timestep_spacing: timestepSpacing.default('linspace'),
  euler_at_final: z.boolean().default(false),
}

type Config = z.output<z.ZodObject<typeof keys>>

/** DPM-Solver++ (multistep) backwards, from a picture to the noise that draws it: Lu et al. 2022 (arXiv:2211.01095) as the
 *  reference turns it round. */
export const dpmSolverMultistepInverse: Scheduler = {
  className,
  title: 'DPM++ 2M inverse',
  goodFor: 'Finds the noise that draws a given picture, in fewer steps than DDIM inverse.',
  serves: 'inversion',
  choosesNoiseLevels: true,
  create(given, steps, { shift } = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkDpmConfig(className, config)
    checkSteps(className, steps, config.num_train_timesteps)
    const table = noiseTable(className, config)
    const { sigmas, timesteps } = plan(config, table, steps, shift)
    const told = [...new Set(timesteps)].map(Math.trunc)
    return multistepSchedule(config, sigmas.map(Math.fround), told, table)
  },
}

/** Noise levels, rising, and the timesteps that the network is told. A plan of chosen levels ends with a step of no length. */
function plan(config: Config, table: NoiseTable, steps: number, shift: number | undefined) {
  const training = sigmasOf(table)
  const { num_train_timesteps } = config
  const count = num_train_timesteps - clippedTimesteps(table.alphasCumprod, config.lambda_min_clipped)
  const ends = { lowest: training[training.length - 1], highest: training[0] } // the wrong way round: they shall rise
  const chosen = chosenSigmas(className, config, ends, steps)
  if (chosen) {
    const timesteps = timestepsOf(chosen, training)
    return {
      sigmas: [...chosen, chosen[chosen.length - 1]],
      timesteps: config.use_karras_sigmas ? timesteps.map(roundHalfToEven) : timesteps,
    }
  }
  if (config.use_flow_sigmas) {
    const sigmas = flowSigmas(className, config, steps, shift)
    return {
      sigmas: [...sigmas, sigmas[sigmas.length - 1]],
      timesteps: sigmas.map(sigma => sigma * num_train_timesteps),
    }
  }
  const timesteps = risingTimesteps(config.timestep_spacing, num_train_timesteps, count, steps, config.steps_offset)
  checkVisited(className, timesteps, num_train_timesteps)
  return { sigmas: [...timesteps.map(timestep => sigmaAt(timestep, training)), training[count - 1]], timesteps }
}

/** The timesteps below those that the run leads to; `count` of training's are used. */
function risingTimesteps(
  spacing: TimestepSpacing,
  trainingSteps: number,
  count: number,
  steps: number,
  offset: number,
): number[] {
  switch (spacing) {
    case 'leading': {
      const stride = Math.floor(count / (steps + 1))
      return Array.from({ length: steps }, (_, i) => i * stride + offset)
    }
    case 'linspace':
      return linspace(count, steps + 1)
        .slice(1)
        .map(roundHalfToEven)
        .reverse()
    case 'trailing':
      return trailing(trainingSteps, steps, count).reverse()
  }
}
