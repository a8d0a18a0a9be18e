import { linearSpace, roundHalfToEven } from '../tensor/arithmetic.ts'
import { configProblem } from './config.ts'
import { lambda } from './dpm-solver.ts'
import { shifted } from './flow-sigmas.ts'
import { sigmasOf } from './noise-table.ts'
import { preserving } from './prediction.ts'
import type { NoiseTable, RunOptions } from './scheduler.ts'
import { chosenSigmas, type SigmaChoice, sigmaAt, timestepsOf } from './sigmas.ts'
import { leading, linspace, type TimestepSpacing, trailing } from './timesteps.ts'

/* Noise levels of the samplers that keep samples at variance 1 and integrate in lambda: DPM-Solver, UniPC, DEIS. They
 * space out one timestep more than steps and leave out the lowest, because the last level is chosen apart. */

interface PlanConfig extends SigmaChoice {
  readonly num_train_timesteps: number
  readonly timestep_spacing: TimestepSpacing
  readonly steps_offset: number
  /** Training timesteps whose log(alpha / sigma) lies below this are left out. */
  readonly lambda_min_clipped?: number
  readonly use_flow_sigmas: boolean
  readonly flow_shift: number
  readonly use_dynamic_shifting: boolean
}

/** Noise levels of a run, falling, without the last, and the timesteps that the network is told. */
export interface PreservingPlan {
  readonly sigmas: readonly number[]
  readonly timesteps: readonly number[]
  /** Whether the configuration chose the levels instead of the timesteps. */
  readonly isChosen: boolean
}

/** Plans a run in double precision.
 *  @param roundsKarras whether the network is told the nearest whole timestep of Karras levels, not the one below
 *  @throws Problem SCHEDULER_CONFIG for choices that exclude each other */
export function planPreserving(
  className: string,
  config: PlanConfig,
  table: NoiseTable,
  steps: number,
  { timesteps: given, shift }: RunOptions,
  roundsKarras = true,
): PreservingPlan {
  const training = sigmasOf(table)
  const ends = { lowest: training[0], highest: training[training.length - 1] }
  const chosen = chosenSigmas(className, config, ends, steps)
  if (chosen) {
    if (given)
      throw configProblem(className, 'use_..._sigmas', 'timesteps are given, and noise levels cannot be chosen too')
    const timesteps = timestepsOf(chosen, training)
    const rounds = config.use_karras_sigmas && roundsKarras
    return { sigmas: chosen, timesteps: rounds ? timesteps.map(roundHalfToEven) : timesteps, isChosen: true }
  }
  if (config.use_flow_sigmas) {
    const sigmas = flowSigmas(className, config, steps, shift)
    return { sigmas, timesteps: sigmas.map(sigma => sigma * config.num_train_timesteps), isChosen: true }
  }
  const visited = given ?? visitedTimesteps(config, table, steps)
  return { sigmas: visited.map(timestep => sigmaAt(timestep, training)), timesteps: visited, isChosen: false }
}

/** Levels of flow matching, evenly spaced and moved up by `flow_shift`, or by e^shift where that is chosen for each run. */
export function flowSigmas(className: string, config: PlanConfig, steps: number, shift: number | undefined): number[] {
  const factor = shiftFactor(className, config, shift)
  return linearSpace(1, 1 / config.num_train_timesteps, steps + 1)
    .map(alpha => 1 - alpha)
    .map(sigma => shifted(sigma, factor))
    .reverse()
    .slice(0, -1)
}

/** @throws Problem SCHEDULER_CONFIG where each run has to choose the shift, and this one did not */
export function shiftFactor(
  className: string,
  config: { readonly use_dynamic_shifting: boolean; readonly flow_shift: number },
  shift: number | undefined,
): number {
  if (!config.use_dynamic_shifting) return config.flow_shift
  if (shift !== undefined) return Math.exp(shift)
  throw configProblem(className, 'use_dynamic_shifting', 'the run gives no shift')
}

function visitedTimesteps(config: PlanConfig, { alphasCumprod }: NoiseTable, steps: number): number[] {
  const { num_train_timesteps, timestep_spacing, steps_offset, lambda_min_clipped = -Infinity } = config
  const count = num_train_timesteps - clippedTimesteps(alphasCumprod, lambda_min_clipped)
  switch (timestep_spacing) {
    case 'leading':
      return leading(count, steps + 1, steps_offset).slice(0, -1)
    case 'linspace':
      return linspace(count, steps + 1)
        .slice(0, -1)
        .map(roundHalfToEven)
    case 'trailing':
      return trailing(num_train_timesteps, steps, count)
  }
}

/** How many of the noisiest training timesteps lie below a lambda. */
export const clippedTimesteps = (alphasCumprod: Float32Array, lowestLambda: number): number =>
  alphasCumprod.filter(alphaBar => lambda(preserving(alphaBar)) < lowestLambda).length
