import { z } from 'zod'
import { combine, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, readConfig } from './config.ts'
import { mean } from './heun-discrete.ts'
import type { ModelCall, Schedule, Scheduler } from './scheduler.ts'
import { along, churned, raisedLevel, slope } from './sigma-space.ts'

const className = 'KarrasVeScheduler'

const keys = {
  sigma_min: z.number().positive().default(0.02),
  sigma_max: z.number().positive().default(100),
  /** Noise added back before each step, over the whole run, its standard deviation, and the levels between which. */
  s_churn: z.number().min(0).default(80),
  s_noise: z.number().default(1.007),
  s_min: z.number().min(0).default(0.05),
  s_max: z.number().min(0).default(50),
}

const round = Math.fround

/** Stochastic sampling of variance-exploding networks: Karras et al. 2022 (arXiv:2206.00364), algorithm 2, with eq. 213:
 *  pictures lie in [-1, 1] for the sampler and in [0, 1] for the network, which answers with the score times sigma. As in
 *  the reference, the levels are the squares of eq. 5's variance-exploding ones. Two calls a step, but for the last. */
export const karrasVe: Scheduler = {
  className,
  title: 'Karras VE',
  goodFor: 'Unconditional pictures from variance-exploding score models.',
  serves: 'unconditional',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, steps, 1_000_000, 2)
    const { s_churn, s_min, s_max, s_noise } = config
    const sigmas = [...karrasVeLevels(config, steps), 0]
    const churn = { churn: s_churn, churnFrom: s_min, churnTo: s_max, churnNoise: s_noise }
    const raised = sigmas.slice(0, -1).map(sigma => raisedLevel(sigma, steps, churn))
    const callLevels = raised.flatMap((sigma, i) => (i + 1 < raised.length ? [sigma, sigmas[i + 1]] : [sigma]))
    const timesteps = callLevels.map(sigma => sigma / 2)

    /** @param fed the sample, perhaps with noise added; the network sees it in [0, 1], where half of sigma belongs to it */
    const call = (sample: Tensor, fed: Tensor, sigma: number): ModelCall => ({
      input: mix([0.5, combine(fed, fed, value => value + 1)]),
      sample,
      timestep: sigma / 2,
      denoised: output => mix([1, fed], [sigma, mix([sigma / 2, output])]),
    })

    return {
      timesteps,
      sigmas: [...callLevels, 0],
      initialNoiseScale: config.sigma_max,
      noiseLevel: levelOfCall(timesteps, callLevels.map(inSigmas)),
      *run(x, noise) {
        for (const [i, sigma] of raised.entries()) {
          const next = sigmas[i + 1]
          const fresh = noise(x.shape) // drawn for every step, used or not, as in the reference
          const start = churned(x, sigmas[i], steps, () => fresh, churn).x
          const first = call(x, start, sigma)
          const slopeThere = slope(start, first.denoised(yield first), sigma)
          x = along(start, slopeThere, sigma, next)
          if (next === 0) return x
          const second = call(x, x, next)
          const slopeHere = slope(x, second.denoised(yield second), next)
          x = along(start, mean(slopeThere, slopeHere), sigma, next)
        }
        return x
      },
    }
  },
}

/** Noise levels, falling: sigma_max² to sigma_min², evenly spaced in the logarithm. */
export const karrasVeLevels = (
  { sigma_min, sigma_max }: { sigma_min: number; sigma_max: number },
  steps: number,
): number[] =>
  Array.from({ length: steps }, (_, i) =>
    round(sigma_max ** 2 * (sigma_min ** 2 / sigma_max ** 2) ** (i / (steps - 1))),
  )
