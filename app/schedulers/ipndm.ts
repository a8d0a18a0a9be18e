import { z } from 'zod'
import { combine, linearSpaceFloat32, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { adamsBashforth } from './adams-bashforth.ts'
import { levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, configProblem, readConfig } from './config.ts'
import { type Schedule, type Scheduler, unchanged } from './scheduler.ts'

const className = 'IPNDMScheduler'

const keys = {
  num_train_timesteps: commonKeys.num_train_timesteps,
  /** The noise levels themselves, from the first to where the run ends: steps + 1 of them. */
  trained_betas: z.array(z.number().min(0).max(1)).min(2).optional(),
}

const round = Math.fround

/** Improved pseudo numerical methods: Liu et al. 2022 (arXiv:2202.09778) and Zhang & Chen 2022 (arXiv:2204.13902), for
 *  networks that predict v on the levels sin²(t π/2), such as DanceDiffusion's. The network is told a time from 1 to 0. */
export const ipndm: Scheduler = {
  className,
  title: 'IPNDM',
  goodFor: 'Sound and pictures of DanceDiffusion and its kin.',
  serves: 'unconditional',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, config.num_train_timesteps)
    const sigmas = config.trained_betas?.map(round) ?? cosineLevels(steps)
    if (sigmas.length !== steps + 1) {
      throw configProblem(className, 'trained_betas', `${steps + 1} values were expected`)
    }
    const levels = sigmas.map(sigma => ({ alpha: round(Math.sqrt(round(1 - round(sigma * sigma)))), sigma }))
    const timesteps = levels
      .slice(0, -1)
      .map(({ alpha, sigma }) => round(round(round(Math.atan2(sigma, alpha)) / round(Math.PI)) * 2))

    return {
      timesteps,
      sigmas,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, levels),
      *run(x, _noise, begin = 0, after = unchanged) {
        let answers: Tensor[] = [] // the noise that was found so far, the newest first
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const [{ alpha, sigma }, next] = [levels[i], levels[i + 1]]
          const from = x
          const denoised = (output: Tensor) => mix([alpha, from], [-sigma, output])
          const output = yield { input: x, sample: x, timestep, denoised }
          answers = [mix([sigma, x], [alpha, output]), ...answers.slice(0, 3)]
          const direction = adamsBashforth(answers)
          const clean = combine(x, direction, (x, noise) => round(x - round(sigma * noise)) / Math.max(alpha, 1e-8))
          x = after(mix([next.alpha, clean], [next.sigma, direction]))
        }
        return x
      },
    }
  },
}

const cosineLevels = (steps: number): number[] => [
  ...Array.from(linearSpaceFloat32(1, 0, steps + 1).slice(0, -1), share => {
    const sine = round(Math.sin(round(round(share * Math.PI) / 2)))
    return round(sine * sine)
  }),
  0,
]
