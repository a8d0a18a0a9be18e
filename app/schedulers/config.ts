import { z } from 'zod'
import { Problem } from '../problem.ts'
import type { SchedulerConfig } from './scheduler.ts'

/** Keys that every scheduler of the reference has, with the reference's defaults. */
export const commonKeys = {
  num_train_timesteps: z.int().min(1).max(1_000_000).default(1000),
  /** Variance that one training step adds: the first, the last, and the way between. */
  beta_start: z.number().positive().default(0.0001),
  beta_end: z.number().positive().default(0.02),
  beta_schedule: z
    .enum(['linear', 'scaled_linear', 'squaredcos_cap_v2', 'sigmoid', 'laplace', 'exp'])
    .default('linear'),
  trained_betas: z.array(z.number()).min(1).optional(),
  /** Added to the timesteps of `leading` spacing. */
  steps_offset: z.int().default(0),
}

/** A number that may be infinite. */
export const anyNumber = z.custom<number>(
  value => typeof value === 'number' && !Number.isNaN(value),
  'expected a number',
)

/** Which of the training timesteps are visited; the default differs from class to class. */
export const timestepSpacing = z.enum(['leading', 'linspace', 'trailing'])

/** Keys that choose the noise levels freely instead of taking those of the visited timesteps. */
export const sigmaChoiceKeys = {
  use_karras_sigmas: z.boolean().default(false),
  use_exponential_sigmas: z.boolean().default(false),
  use_beta_sigmas: z.boolean().default(false),
  /** Ends of those noise levels; where they are absent, the ends of training are taken. */
  sigma_min: z.number().positive().optional(),
  sigma_max: z.number().positive().optional(),
}

/** The same, and where the run ends. */
export const sigmaKeys = { ...sigmaChoiceKeys, final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero') }

/** Keys of noise levels for networks of flow matching. */
export const flowKeys = {
  use_flow_sigmas: z.boolean().default(false),
  flow_shift: z.number().positive().default(1),
  /** The shift is chosen for each run (`RunOptions.shift`). */
  use_dynamic_shifting: z.boolean().default(false),
}

/** Keys of the range of clean samples. */
export const clippingKeys = {
  /** Clean samples are limited to ±clip_sample_range. */
  clip_sample: z.boolean().default(true),
  clip_sample_range: z.number().positive().default(1),
}

/** Keys of dynamic thresholding (Saharia et al. 2022, arXiv:2205.11487, section 2.3). */
export const thresholdingKeys = {
  thresholding: z.boolean().default(false),
  /** The quantile of |clean| that becomes the limit, at least 1 and at most sample_max_value. */
  dynamic_thresholding_ratio: z.number().min(0).max(1).default(0.995),
  sample_max_value: z.number().default(1),
}

/** Reads what a scheduler knows; other keys belong to other classes and are passed over, as in the reference's
 *  `from_config`, so that a model's scheduler_config.json serves every sampler. `null` means the default.
 *  @throws Problem SCHEDULER_CONFIG naming the key and what was expected */
export function readConfig<Keys extends z.ZodRawShape>(
  className: string,
  keys: Keys,
  config: SchedulerConfig,
): z.output<z.ZodObject<Keys>> {
  const given = Object.fromEntries(Object.entries(config).filter(([, value]) => value !== null))
  const parsed = z.object(keys).safeParse(given)
  if (parsed.success) return parsed.data
  const [{ path, message }] = parsed.error.issues
  throw configProblem(className, path.join('.'), `${message} (found ${JSON.stringify(given[String(path[0])])})`)
}

/** A key of a configuration that cannot be used. */
export const configProblem = (className: string, key: string, reason: string): Problem =>
  new Problem('SCHEDULER_CONFIG', `The configuration of ${className} cannot be used: ${key}: ${reason}.`, {
    hint: 'Correct it in scheduler_config.json of the model, or choose another sampler.',
    details: { className, key },
  })

/** @throws Problem SCHEDULER_STEPS unless steps is a whole number from `fewest` to the count of training timesteps */
export function checkSteps(className: string, steps: number, trainingSteps: number, fewest = 1): void {
  if (Number.isInteger(steps) && steps >= fewest && steps <= trainingSteps) return
  throw new Problem('SCHEDULER_STEPS', `${className} cannot take ${steps} steps with this model.`, {
    hint: `Choose a whole number from ${fewest} to ${trainingSteps}.`,
    details: { className, steps, fewest, trainingSteps },
  })
}

/** @throws Problem SCHEDULER_TIMESTEPS unless timesteps that a caller gives fall, and lie within training */
export function checkGivenTimesteps(className: string, timesteps: readonly number[], trainingSteps: number): void {
  if (isFalling(timesteps) && timesteps[0] < trainingSteps) return
  throw new Problem('SCHEDULER_TIMESTEPS', `${className} cannot visit the timesteps ${timesteps.join(', ')}.`, {
    hint: `Give falling numbers from ${trainingSteps - 1} to 0.`,
    details: { className, timesteps, trainingSteps },
  })
}

/** The same for schedulers that know the noise of whole timesteps alone. @throws Problem SCHEDULER_TIMESTEPS */
export function checkWholeTimesteps(className: string, timesteps: readonly number[], trainingSteps: number): void {
  checkGivenTimesteps(className, timesteps, trainingSteps)
  const fraction = timesteps.find(timestep => !Number.isInteger(timestep))
  if (fraction === undefined) return
  throw new Problem('SCHEDULER_TIMESTEPS', `${className} visits whole timesteps, and ${fraction} is none.`, {
    hint: 'Round it.',
    details: { className, timesteps },
  })
}

/** @throws Problem SCHEDULER_SIGMAS unless noise levels that a caller gives fall */
export function checkGivenSigmas(className: string, sigmas: readonly number[]): void {
  if (isFalling(sigmas) && Number.isFinite(sigmas[0])) return
  throw new Problem('SCHEDULER_SIGMAS', `${className} cannot visit the noise levels ${sigmas.join(', ')}.`, {
    hint: 'Give falling numbers, none below 0.',
    details: { className, sigmas },
  })
}

const isFalling = (values: readonly number[]): boolean =>
  values.length > 0 && values.every((value, i) => value >= 0 && (i === 0 || value < values[i - 1]))

/** @throws Problem SCHEDULER_STEPS when a timestep lies beyond training (`leading` spacing moved up too far) */
export function checkVisited(className: string, timesteps: readonly number[], trainingSteps: number): void {
  const highest = Math.max(...timesteps)
  if (highest < trainingSteps) return
  throw new Problem(
    'SCHEDULER_STEPS',
    `${className} would visit timestep ${highest}, but this model was trained with ${trainingSteps}.`,
    { hint: 'Choose fewer steps.', details: { className, highest, trainingSteps } },
  )
}
