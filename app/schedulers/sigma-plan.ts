import { configProblem } from './config.ts'
import { chosenSigmas, type SigmaChoice, sigmaAt, timestepsOf } from './sigmas.ts'
import { fractionalTimesteps, type TimestepSpacing } from './timesteps.ts'

interface PlanConfig extends SigmaChoice {
  readonly num_train_timesteps: number
  readonly timestep_spacing: TimestepSpacing
  readonly steps_offset: number
}

/** Noise levels of a run, falling, and the timesteps that the network is told, for samplers that visit both ends of
 *  training. In double precision; where the run ends is left to the sampler.
 *  @param training the levels of all training timesteps, rising  @param given timesteps of the caller's own
 *  @throws Problem SCHEDULER_CONFIG where the configuration chooses levels although timesteps are given */
export function planSigmas(
  className: string,
  config: PlanConfig,
  training: Float32Array,
  steps: number,
  given?: readonly number[],
): { sigmas: number[]; timesteps: number[] } {
  const { timestep_spacing, num_train_timesteps, steps_offset } = config
  const visited =
    given?.map(Math.fround) ?? fractionalTimesteps(timestep_spacing, num_train_timesteps, steps, steps_offset)
  const sigmas = visited.map(timestep => sigmaAt(timestep, training))
  return chosenPlan(className, config, training, sigmas, given) ?? { sigmas, timesteps: visited }
}

/** The same for levels that the configuration chooses between the ends of `plain` ones; undefined where it chooses none. */
export function chosenPlan(
  className: string,
  config: SigmaChoice,
  training: Float32Array,
  plain: readonly number[],
  given?: readonly number[],
  steps = plain.length,
): { sigmas: number[]; timesteps: number[] } | undefined {
  const sigmas = chosenSigmas(className, config, { lowest: plain[plain.length - 1], highest: plain[0] }, steps)
  if (sigmas === undefined) return undefined
  if (given)
    throw configProblem(className, 'use_..._sigmas', 'timesteps are given, and noise levels cannot be chosen too')
  return { sigmas, timesteps: timestepsOf(sigmas, training) }
}
