import { z } from 'zod'
import { linearSpaceFloat32, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig } from './config.ts'
import { cleanFrom, type NoiseLevel } from './prediction.ts'
import { type Schedule, type Scheduler, type SchedulerConfig, unchanged } from './scheduler.ts'

const className = 'ScoreSdeVpScheduler'

const keys = {
  num_train_timesteps: commonKeys.num_train_timesteps.default(2000),
  /** The rate at which noise is added, at times 0 and 1. */
  beta_min: z.number().positive().default(0.1),
  beta_max: z.number().positive().default(20),
  /** The time at which a run ends. */
  sampling_eps: z.number().positive().default(1e-3),
}

const round = Math.fround

/** The reverse of the variance-preserving diffusion, by the Euler-Maruyama method: Song et al. 2021 (arXiv:2011.13456),
 *  eq. 6 and 32. The network is told the time in training timesteps and answers with the noise. What is returned is the
 *  mean of the last step. */
export const scoreSdeVp: Scheduler = {
  className,
  title: 'Score SDE VP',
  goodFor: 'Unconditional pictures from variance-preserving score models, in a thousand steps or more.',
  serves: 'unconditional',
  choosesNoiseLevels: false,
  create(given, steps): Schedule {
    const { num_train_timesteps } = readConfig(className, keys, given)
    const plan = scoreSdeVpPlan(given, steps)
    const timesteps = plan.map(({ time }) => round(time * (num_train_timesteps - 1)))

    return {
      timesteps,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(
        timesteps,
        plan.map(({ level }) => level),
      ),
      *run(x, noise, begin = 0, after = unchanged) {
        for (const [i, step] of plan.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => cleanFrom('epsilon', output, from, step.level)
          const output = yield { input: x, sample: x, timestep: timesteps[i], denoised }
          const mean = reverseMean(x, output, step)
          const noisy = mix([1, mean], [step.deviation, noise(x.shape)])
          x = after(i + 1 === plan.length ? mean : noisy)
        }
        return x
      },
    }
  },
}

/** One step of the reverse diffusion: its time, of 1 to 0, the rate of noise then, the step's length, its noise, and the
 *  level of the sample. */
export interface ReverseStep {
  readonly time: number
  readonly rate: number
  readonly length: number
  readonly deviation: number
  readonly level: NoiseLevel
}

/** The steps of a run. @throws Problem SCHEDULER_CONFIG, SCHEDULER_STEPS */
export function scoreSdeVpPlan(given: SchedulerConfig, steps: number): ReverseStep[] {
  const { beta_min, beta_max, sampling_eps } = readConfig(className, keys, given)
  checkSteps(className, steps, 1_000_000)
  return Array.from(linearSpaceFloat32(1, sampling_eps, steps), time => {
    const exponent = round(
      round(-0.25 * round(time * time) * (beta_max - beta_min)) - round(round(0.5 * time) * beta_min),
    )
    const rate = round(beta_min + round(time * (beta_max - beta_min)))
    return {
      time,
      rate,
      length: 1 / steps,
      deviation: round(Math.sqrt(rate)) * Math.sqrt(1 / steps),
      level: {
        alpha: round(Math.exp(exponent)),
        sigma: round(Math.sqrt(round(1 - round(Math.exp(2 * exponent))))),
      },
    }
  })
}

/** Where a step leads, without its noise. */
export const reverseMean = (x: Tensor, output: Tensor, { rate, length, level }: ReverseStep): Tensor =>
  mix([1 + 0.5 * rate * length, x], [(-rate * length) / level.sigma, output])
