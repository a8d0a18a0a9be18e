import { z } from 'zod'
import { roundHalfToEven } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { inSigmas, levelOfCall } from './add-noise.ts'
import { checkSteps, commonKeys, readConfig, sigmaChoiceKeys, timestepSpacing } from './config.ts'
import { noiseTable, sigmasOf } from './noise-table.ts'
import { cleanFrom } from './prediction.ts'
import { type ModelCall, type Schedule, type SchedulerConfig, unchanged } from './scheduler.ts'
import { planSigmas } from './sigma-plan.ts'
import { along, scaledInput, slope, withNoise } from './sigma-space.ts'
import { initialNoiseScale, timestepsOf } from './sigmas.ts'

const keys = {
  ...commonKeys,
  ...sigmaChoiceKeys,
  beta_start: commonKeys.beta_start.default(0.00085),
  beta_end: commonKeys.beta_end.default(0.012),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  timestep_spacing: timestepSpacing.default('linspace'),
}

const round = Math.fround

/** A step: where it goes, and, unless that is 0, the level half way there, in the logarithm. */
interface Step {
  readonly sigma: number
  /** The level that it steps down to, and the noise that it adds then: `ancestralStep`. */
  readonly down: number
  readonly up: number
  readonly middle: { readonly sigma: number; readonly timestep: number } | undefined
}

/** DPM-Solver-2 in sigma space: k-diffusion's `sample_dpm_2` (github.com/crowsonkb/k-diffusion), after Karras et al. 2022
 *  (arXiv:2206.00364) and Lu et al. 2022 (arXiv:2206.00927). Two calls a step, but for the last: the step is taken with the
 *  slope half way. @param target where a step from one level to the next goes down to, the level half way there, and the noise that follows */
export function kDpm2Schedule(
  className: string,
  given: SchedulerConfig,
  steps: number,
  target: (sigma: number, next: number) => { up: number; down: number; middle: number },
): Schedule {
  const config = readConfig(className, keys, given)
  checkSteps(className, steps, config.num_train_timesteps)
  const table = noiseTable(className, config)
  const training = sigmasOf(table)
  const planned = planSigmas(className, config, training, steps)
  const told = planned.timesteps.map(config.use_karras_sigmas ? roundHalfToEven : round)
  const levels = [...planned.sigmas, 0].map(round)

  const plan = told.map((_, i): Step => {
    const [sigma, next] = [levels[i], levels[i + 1]]
    if (next === 0) return { sigma, down: 0, up: 0, middle: undefined }
    const { up, down, middle } = target(sigma, next)
    return { sigma, down, up, middle: { sigma: middle, timestep: round(timestepsOf([middle], training)[0]) } }
  })
  const timesteps = plan.flatMap(({ middle }, i) => (middle ? [told[i], middle.timestep] : [told[i]]))
  // A call half way counts as one at the end of its step, as in the reference.
  const waiting = plan.flatMap(({ sigma, middle }, i) => (middle ? [sigma, levels[i + 1]] : [sigma]))

  const call = (x: Tensor, timestep: number, sigma: number): ModelCall => ({
    input: scaledInput(x, sigma),
    sample: x,
    timestep,
    denoised: output => cleanFrom(config.prediction_type, output, x, inSigmas(sigma)),
  })

  return {
    timesteps,
    sigmas: [...plan.flatMap(({ sigma, middle }) => (middle ? [sigma, middle.sigma] : [sigma])), 0],
    table,
    callsPerStep: 2,
    initialNoiseScale: initialNoiseScale(levels, config.timestep_spacing),
    noiseLevel: levelOfCall(timesteps, waiting.map(inSigmas)),
    *run(x, noise, begin = 0, after = unchanged) {
      for (const [i, { sigma, down, up, middle }] of plan.entries().drop(begin)) {
        const start = call(x, told[i], sigma)
        const first = slope(x, start.denoised(yield start), sigma)
        if (middle === undefined) return after(along(x, first, sigma, down))
        const half = call(after(along(x, first, sigma, middle.sigma)), middle.timestep, middle.sigma)
        const second = slope(half.sample, half.denoised(yield half), middle.sigma)
        x = along(x, second, sigma, down)
        if (up > 0) x = withNoise(x, noise(x.shape), up)
        x = after(x)
      }
      return x
    },
  }
}

/** sqrt(a b), by the logarithms in float32 as in the reference, counted from b. */
export function geometricMean(a: number, b: number): number {
  const [start, end] = [round(Math.log(a)), round(Math.log(b))]
  return round(Math.exp(round(end - round(round(end - start) / 2))))
}
