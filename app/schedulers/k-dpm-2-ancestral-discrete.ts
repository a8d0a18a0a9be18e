import { geometricMean, kDpm2Schedule } from './k-dpm-2.ts'
import type { Scheduler } from './scheduler.ts'
import { ancestralStep } from './sigma-space.ts'

const className = 'KDPM2AncestralDiscreteScheduler'

/** DPM-Solver-2 of k-diffusion, to below the next level, and fresh noise up to it. */
export const kDpm2AncestralDiscrete: Scheduler = {
  className,
  title: 'DPM2 a',
  goodFor: 'As varied as Euler a and finer, at two calls of the network for each step.',
  serves: 'diffusion',
  choosesNoiseLevels: true,
  create: (given, steps) =>
    kDpm2Schedule(className, given, steps, (sigma, next) => {
      const { up, down } = ancestralStep(sigma, next)
      return { up, down, middle: geometricMean(sigma, down) }
    }),
}
