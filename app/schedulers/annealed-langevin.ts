import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, readConfig } from './config.ts'
import { langevinStep } from './langevin.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { exponentialSigmas } from './sigmas.ts'

const className = 'AnnealedLangevinScheduler'

const keys = {
  /** Standard deviations of the noise of training, the lowest and the highest. */
  sigma_min: z.number().positive().default(0.01),
  sigma_max: z.number().positive().default(1),
  /** Langevin steps at each level: T of the paper. */
  steps_per_level: z.int().min(1).default(100),
  /** The size of a step at the lowest level: epsilon of the paper. */
  step_size: z.number().positive().default(2e-5),
}

/** Annealed Langevin dynamics for noise-conditional score networks (NCSN): Song & Ermon 2019 (arXiv:1907.05600),
 *  algorithm 1. `steps` is the number of noise levels. The network is told sigma and answers with the score. */
export const annealedLangevin: Scheduler = {
  className,
  title: 'Annealed Langevin',
  goodFor: 'Unconditional pictures from NCSN score models: ten levels of a hundred steps.',
  serves: 'unconditional',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const { sigma_min, sigma_max, steps_per_level, step_size } = readConfig(className, keys, given)
    checkSteps(className, steps, 1_000_000)
    const sigmas = exponentialSigmas(steps, sigma_min, sigma_max)
    const timesteps = sigmas.flatMap(sigma => new Array<number>(steps_per_level).fill(sigma))

    return {
      timesteps,
      sigmas: [...timesteps, 0],
      initialNoiseScale: sigma_max,
      noiseLevel: levelOfCall(timesteps, timesteps.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const sigma of timesteps.slice(begin)) {
          const from = x
          const denoised = (output: Tensor) => mix([1, from], [sigma ** 2, output])
          const score = yield { input: x, sample: x, timestep: sigma, denoised }
          x = after(langevinStep(x, score, noise(x.shape), (step_size / 2) * (sigma / sigmas[steps - 1]) ** 2))
        }
        return x
      },
    }
  },
}
