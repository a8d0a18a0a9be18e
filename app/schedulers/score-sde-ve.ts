import { z } from 'zod'
import { linearSpaceFloat32, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig } from './config.ts'
import { langevinStep, meanNorm } from './langevin.ts'
import { type ModelCall, type Schedule, type Scheduler, type SchedulerConfig, unchanged } from './scheduler.ts'

const className = 'ScoreSdeVeScheduler'

const keys = {
  num_train_timesteps: commonKeys.num_train_timesteps.default(2000),
  sigma_min: z.number().positive().default(0.01),
  sigma_max: z.number().positive().default(1348),
  /** The time at which a run ends, of 1 to 0. */
  sampling_eps: z.number().positive().default(1e-5),
  /** Corrector steps at each level, and the ratio of signal to noise that they keep. */
  correct_steps: z.int().min(0).default(1),
  snr: z.number().positive().default(0.15),
}

const round = Math.fround

/** Predictor and corrector for variance-exploding score networks: Song et al. 2021 (arXiv:2011.13456), algorithms 2 and 4.
 *  The network is told sigma and answers with the score. What is returned is the mean of the last step. */
export const scoreSdeVe: Scheduler = {
  className,
  title: 'Score SDE VE',
  goodFor: 'Unconditional pictures from NCSN++ score models, in a thousand steps or more.',
  serves: 'unconditional',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const { snr, correct_steps, sigma_max } = readConfig(className, keys, given)
    const { sigmas, predictions } = scoreSdeVePlan(given, steps)
    const timesteps = sigmas.flatMap(sigma => new Array<number>(correct_steps + 1).fill(sigma))
    const call = (x: Tensor, sigma: number): ModelCall => ({
      input: x,
      sample: x,
      timestep: sigma,
      denoised: output => mix([1, x], [sigma ** 2, output]),
    })

    return {
      timesteps,
      sigmas: [...timesteps, 0],
      callsPerStep: correct_steps + 1,
      initialNoiseScale: sigma_max,
      noiseLevel: levelOfCall(timesteps, timesteps.map(inSigmas)),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, sigma] of sigmas.entries().drop(begin)) {
          for (let k = 0; k < correct_steps; k++) {
            const score = yield call(x, sigma)
            const fresh = noise(x.shape)
            x = after(langevinStep(x, score, fresh, corrections(snr, score, fresh)))
          }
          const { diffusion } = predictions[i]
          const mean = mix([1, x], [round(diffusion * diffusion), yield call(x, sigma)])
          const noisy = mix([1, mean], [diffusion, noise(x.shape)])
          x = after(i + 1 === sigmas.length ? mean : noisy)
        }
        return x
      },
    }
  },
}

/** The size of a corrector step: the paper's algorithm 4. */
const corrections = (snr: number, score: Tensor, noise: Tensor): number =>
  round(round(round(round(snr * meanNorm(noise)) / meanNorm(score)) ** 2) * 2)

/** The times and levels of a run, and the standard deviation that each prediction takes away.
 *  @throws Problem SCHEDULER_CONFIG, SCHEDULER_STEPS */
export function scoreSdeVePlan(given: SchedulerConfig, steps: number) {
  const config = readConfig(className, keys, given)
  checkSteps(className, steps, 1_000_000)
  const { sigma_min, sigma_max, sampling_eps } = config
  const times = Array.from(linearSpaceFloat32(1, sampling_eps, steps))
  const rising = Array.from(linearSpaceFloat32(Math.log(sigma_min), Math.log(sigma_max), steps), logarithm =>
    round(Math.exp(logarithm)),
  )
  const predictions = times.map(time => {
    const level = Math.trunc(round(time * (steps - 1)))
    const [sigma, next] = [rising[level], level > 0 ? rising[level - 1] : 0]
    return { diffusion: round(Math.sqrt(round(round(sigma * sigma) - round(next * next)))) }
  })
  const sigmas = times.map(time => round(sigma_min * round((sigma_max / sigma_min) ** time)))
  return { times, sigmas, discreteSigmas: rising, predictions }
}
