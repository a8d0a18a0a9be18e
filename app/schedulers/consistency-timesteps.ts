import { z } from 'zod'
import { Problem } from '../problem.ts'
import { checkSteps, checkWholeTimesteps, clippingKeys, commonKeys, configProblem, thresholdingKeys } from './config.ts'
import { predictionType } from './prediction.ts'
import type { RunOptions } from './scheduler.ts'

/* What samplers of distilled networks (LCM, TCD) share: they visit some of the timesteps of the distillation. */

/** Their keys. */
export const consistencyKeys = {
  ...commonKeys,
  ...clippingKeys,
  ...thresholdingKeys,
  beta_start: commonKeys.beta_start.default(0.00085),
  beta_end: commonKeys.beta_end.default(0.012),
  beta_schedule: commonKeys.beta_schedule.default('scaled_linear'),
  clip_sample: z.boolean().default(false),
  prediction_type: predictionType,
  /** Steps of the sampler that the network was distilled from. */
  original_inference_steps: z.int().min(1).default(50),
  set_alpha_to_one: z.boolean().default(true),
  rescale_betas_zero_snr: z.boolean().default(false),
}

interface Config {
  readonly num_train_timesteps: number
  readonly original_inference_steps: number
}

/** The timesteps of a run: those of the distillation, falling from `strength` of training, evenly thinned out.
 *  @throws Problem SCHEDULER_STEPS for more steps than the distillation had, SCHEDULER_TIMESTEPS, SCHEDULER_CONFIG */
export function consistencyTimesteps(className: string, config: Config, steps: number, options: RunOptions): number[] {
  const { num_train_timesteps } = config
  if (options.timesteps) {
    checkWholeTimesteps(className, options.timesteps, num_train_timesteps)
    return [...options.timesteps]
  }
  const originalSteps = options.originalSteps ?? config.original_inference_steps
  if (originalSteps > num_train_timesteps) {
    throw configProblem(className, 'original_inference_steps', `there are ${num_train_timesteps} training timesteps`)
  }
  checkSteps(className, steps, Math.min(originalSteps, num_train_timesteps))
  const stride = Math.floor(num_train_timesteps / originalSteps)
  return thinned(className, Math.floor(originalSteps * (options.strength ?? 1)), steps).map(
    rank => (rank + 1) * stride - 1,
  )
}

/** Ranks from count - 1 down, `steps` of them. @throws Problem SCHEDULER_STEPS when there are fewer */
export function thinned(className: string, count: number, steps: number): number[] {
  if (steps > count) {
    throw new Problem('SCHEDULER_STEPS', `${className} cannot take ${steps} steps at this strength.`, {
      hint: `Choose at most ${count}, or more strength.`,
      details: { className, steps, count },
    })
  }
  return Array.from({ length: steps }, (_, i) => count - 1 - Math.floor(i * (count / steps)))
}
