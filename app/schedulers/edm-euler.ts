import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, readConfig } from './config.ts'
import { edmClean, edmInput, edmKeys, edmNoiseScale, edmSigmas, edmTimestep } from './edm.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { churned, eulerStep } from './sigma-space.ts'

const className = 'EDMEulerScheduler'

/** Euler's method for EDM networks: Karras et al. 2022 (arXiv:2206.00364), algorithm 2 without the second-order
 *  correction; with `churn` 0 it is deterministic. */
export const edmEuler: Scheduler = {
  className,
  title: 'EDM Euler',
  goodFor: 'The simple method for EDM models.',
  serves: 'edm',
  choosesNoiseLevels: false,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, edmKeys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const levels = edmSigmas(config, steps, false)
    const sigmas = [...levels, config.final_sigmas_type === 'zero' ? 0 : levels[levels.length - 1]]
    const timesteps = levels.map(edmTimestep)

    return {
      timesteps,
      sigmas,
      initialNoiseScale: edmNoiseScale(config),
      noiseLevel: levelOfCall(timesteps, sigmas.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => edmClean(output, from, sigmas[i], config)
          const output = yield { input: edmInput(x, sigmas[i], config), sample: x, timestep, denoised }
          const lifted = churned(x, sigmas[i], timesteps.length, noise, options)
          const clean = edmClean(output, lifted.x, lifted.raised, config)
          x = after(eulerStep(lifted.x, clean, lifted.raised, sigmas[i + 1]))
        }
        return x
      },
    }
  },
}
