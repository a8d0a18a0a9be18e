import { geometricMean, kDpm2Schedule } from './k-dpm-2.ts'
import type { Scheduler } from './scheduler.ts'

const className = 'KDPM2DiscreteScheduler'

/** DPM-Solver-2 of k-diffusion: straight from level to level. */
export const kDpm2Discrete: Scheduler = {
  className,
  title: 'DPM2',
  goodFor: 'Precise with few steps, at two calls of the network for each.',
  serves: 'diffusion',
  choosesNoiseLevels: true,
  create: (given, steps) =>
    kDpm2Schedule(className, given, steps, (sigma, next) => ({
      up: 0,
      down: next,
      middle: geometricMean(next, sigma),
    })),
}
