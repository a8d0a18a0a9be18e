import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, readConfig } from './config.ts'
import { mean } from './heun-discrete.ts'
import { type ModelCall, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
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

/** Stochastic sampling of variance-exploding networks: Karras et al. 2022 (arXiv:2206.00364), algorithm 2. Two calls a
 *  step, but for the last. The answer to a call is sigma times the score. A network that sees pictures in [0, 1] instead
 *  of [-1, 1] is asked as the paper's eq. 213 says: it is fed (input + 1) / 2, told sigma / 2, and its answer multiplied
 *  by that. As in the reference, the levels are the squares of the variance-exploding ones. */
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

    /** @param input the sample, perhaps with noise added */
    const call = (sample: Tensor, input: Tensor, sigma: number): ModelCall => ({
      input,
      sample,
      timestep: sigma,
      denoised: output => mix([1, input], [sigma, output]),
    })

    return {
      timesteps: callLevels,
      sigmas: [...callLevels, 0],
      callsPerStep: 2,
      initialNoiseScale: config.sigma_max,
      noiseLevel: levelOfCall(callLevels, callLevels.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, sigma] of raised.entries().drop(begin)) {
          const next = sigmas[i + 1]
          const fresh = noise(x.shape) // drawn for every step, used or not, as in the reference
          const start = churned(x, sigmas[i], steps, () => fresh, churn).x
          const first = call(x, start, sigma)
          const slopeThere = slope(start, first.denoised(yield first), sigma)
          x = after(along(start, slopeThere, sigma, next))
          if (next === 0) return x
          const second = call(x, x, next)
          const slopeHere = slope(x, second.denoised(yield second), next)
          x = after(along(start, mean(slopeThere, slopeHere), sigma, next))
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
