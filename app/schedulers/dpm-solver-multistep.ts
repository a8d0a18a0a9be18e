import { z } from 'zod'
import { linearSpace, roundHalfToEven } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import {
  anyNumber,
  checkSteps,
  checkWholeTimesteps,
  commonKeys,
  configProblem,
  flowKeys,
  readConfig,
  sigmaKeys,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { levelOf, multistepUpdate } from './dpm-solver.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import { flowOrPredictionType, integrand, limitedClean } from './prediction.ts'
import { type PreservingPlan, planPreserving } from './preserving-plan.ts'
import { type NoiseTable, type RunOptions, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { timestepsOf } from './sigmas.ts'

const className = 'DPMSolverMultistepScheduler'

/** Keys that all forms of DPM-Solver share. */
export const dpmKeys = {
  ...commonKeys,
  ...flowKeys,
  ...thresholdingKeys,
  prediction_type: flowOrPredictionType,
  solver_order: z.int().min(1).max(3).default(2),
  /** With ++ the clean sample is integrated, else the noise; sde adds fresh noise at each step. */
  algorithm_type: z
    .enum(['dpmsolver', 'dpmsolver++', 'sde-dpmsolver', 'sde-dpmsolver++', 'deis'])
    .default('dpmsolver++')
    .transform(type => (type === 'deis' ? 'dpmsolver++' : type)), // of another class: the reference takes the default
  solver_type: z
    .enum(['midpoint', 'heun', 'logrho', 'bh1', 'bh2'])
    .default('midpoint')
    .transform(type => (type === 'heun' ? 'heun' : 'midpoint')),
  /** Lower orders at the end of runs of fewer than 15 steps, which would overshoot. */
  lower_order_final: z.boolean().default(true),
  /** Training timesteps whose log(alpha / sigma) lies below this are left out. */
  lambda_min_clipped: anyNumber.default(-Infinity),
}

const keys = {
  ...dpmKeys,
  ...sigmaKeys,
  timestep_spacing: timestepSpacing.default('linspace'),
  rescale_betas_zero_snr: z.boolean().default(false),
  euler_at_final: z.boolean().default(false),
  use_lu_lambdas: z.boolean().default(false),
}

type Config = z.output<z.ZodObject<typeof keys>>

/** DPM-Solver and DPM-Solver++ (multistep): Lu et al. 2022 (arXiv:2206.00927 and arXiv:2211.01095, algorithm 2). */
export const dpmSolverMultistep: Scheduler = {
  className,
  title: 'DPM++ 2M',
  goodFor: 'Sharp pictures in few steps: 15 to 25, with Karras noise levels.',
  serves: 'diffusion',
  takes: ['timesteps'],
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkDpmConfig(className, config)
    checkSteps(className, steps, config.num_train_timesteps)
    if (options.timesteps) checkWholeTimesteps(className, options.timesteps, config.num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const planned = plan(config, table, steps, options)
    const last = config.final_sigmas_type === 'zero' ? 0 : sigmasOf(table)[0]
    const sigmas = [...planned.sigmas, last].map(Math.fround)
    return multistepSchedule(config, sigmas, planned.timesteps.map(Math.trunc), table)
  },
}

/** @throws Problem SCHEDULER_CONFIG for combinations that have no formula */
export function checkDpmConfig(
  className: string,
  {
    algorithm_type,
    final_sigmas_type,
    solver_order,
  }: Pick<Config, 'algorithm_type' | 'solver_order'> & { final_sigmas_type?: string },
): void {
  if (!algorithm_type.endsWith('++') && final_sigmas_type === 'zero') {
    throw configProblem(className, 'final_sigmas_type', `${algorithm_type} can end at "sigma_min" only`)
  }
  if (algorithm_type === 'sde-dpmsolver' && solver_order === 3) {
    throw configProblem(className, 'solver_order', 'sde-dpmsolver has orders 1 and 2 only')
  }
}

function plan(config: Config, table: NoiseTable, steps: number, options: RunOptions): PreservingPlan {
  const rounds = config.beta_schedule !== 'squaredcos_cap_v2'
  if (!config.use_lu_lambdas || config.use_karras_sigmas) {
    return planPreserving(className, config, table, steps, options, rounds)
  }
  if (options.timesteps) throw configProblem(className, 'use_lu_lambdas', 'timesteps are given')
  const training = sigmasOf(table)
  const sigmas = luSigmas(training, steps)
  const timesteps = timestepsOf(sigmas, training)
  return { sigmas, timesteps: rounds ? timesteps.map(roundHalfToEven) : timesteps, isChosen: true }
}

/** Evenly spaced in lambda over all of training: Lu et al. 2022 (arXiv:2206.00927), section 3.4. n levels, falling.
 *  @param training rising */
function luSigmas(training: Float32Array, n: number): number[] {
  const [lowest, highest] = [training[0], training[training.length - 1]].map(numpyLogFloat32)
  return linearSpace(0, 1, n).map(t => Math.exp(highest + t * (lowest - highest)))
}

/** Walks through noise levels with the multistep formulas, in either direction.
 *  @param sigmas one for each timestep and where the run ends; more are passed over */
export function multistepSchedule(
  config: z.output<z.ZodObject<typeof dpmKeys>> & Partial<Config>,
  sigmas: readonly number[],
  timesteps: readonly number[],
  table: NoiseTable,
): Schedule {
  const levels = sigmas.map(sigma => levelOf(sigma, config.use_flow_sigmas))
  const isStochastic = config.algorithm_type.startsWith('sde')
  return {
    timesteps,
    sigmas,
    table,
    initialNoiseScale: 1,
    noiseLevel: levelOfCall(timesteps, levels),
    *run(x, noise, begin = 0, after = unchanged) {
      let answers: Tensor[] = [] // what was integrated so far, the newest first
      for (const [i, timestep] of timesteps.entries().drop(begin)) {
        const from = x
        const denoised = (output: Tensor) => limitedClean(config, output, from, levels[i])
        const output = yield { input: x, sample: x, timestep, denoised }
        const answer = integrand(config, output, x, levels[i], config.algorithm_type.endsWith('++'))
        answers = [answer, ...answers.slice(0, 2)]
        const order = orderAt(i, timesteps.length, answers.length, config)
        const fresh = isStochastic ? noise(x.shape) : undefined
        const reached = levels.slice(Math.max(i + 1 - order, 0), i + 2).reverse()
        x = after(multistepUpdate(config, reached, x, answers, order, fresh))
      }
      return x
    },
  }
}

/** The order of a step: no more than answers that are known, and lower at the end where the configuration says so. */
export function orderAt(
  step: number,
  steps: number,
  answers: number,
  config: Pick<Config, 'solver_order' | 'lower_order_final'> & Partial<Config>,
): number {
  const lower = config.lower_order_final && steps < 15
  const known = Math.min(config.solver_order, answers)
  if (step === steps - 1 && (lower || config.euler_at_final || config.final_sigmas_type === 'zero')) return 1
  return step === steps - 2 && lower ? Math.min(known, 2) : known
}
