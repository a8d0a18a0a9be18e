import { z } from 'zod'
import { combine, linearSpace, mix, roundHalfToEven } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import type { Tensor } from '../tensor/tensor.ts'
import {
  anyNumber,
  checkSteps,
  commonKeys,
  configProblem,
  readConfig,
  sigmaKeys,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import {
  cleanFrom,
  type NoiseLevel,
  noiseFrom,
  noiseGiven,
  predictionType,
  preserving,
  thresholded,
} from './prediction.ts'
import type { NoiseTable, Schedule, Scheduler } from './scheduler.ts'
import { chosenSigmas, sigmaAt, timestepOf } from './sigmas.ts'
import { leading, linspace, trailing } from './timesteps.ts'

const className = 'DPMSolverMultistepScheduler'

const keys = {
  ...commonKeys,
  ...sigmaKeys,
  ...thresholdingKeys,
  prediction_type: z.union([predictionType, z.literal('flow_prediction')]).default('epsilon'),
  timestep_spacing: timestepSpacing.default('linspace'),
  rescale_betas_zero_snr: z.boolean().default(false),
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
  euler_at_final: z.boolean().default(false),
  use_lu_lambdas: z.boolean().default(false),
  use_flow_sigmas: z.boolean().default(false),
  flow_shift: z.number().positive().default(1),
  /** Training timesteps whose log(alpha / sigma) lies below this are left out. */
  lambda_min_clipped: anyNumber.default(-Infinity),
}

const round = Math.fround

type Config = z.output<z.ZodObject<typeof keys>>

/** DPM-Solver and DPM-Solver++ (multistep): Lu et al. 2022 (arXiv:2206.00927 and arXiv:2211.01095, algorithm 2). */
export const dpmSolverMultistep: Scheduler = {
  className,
  title: 'DPM++ 2M',
  goodFor: 'Sharp pictures in few steps: 15 to 25, with Karras noise levels.',
  choosesNoiseLevels: true,
  create(given, steps): Schedule {
    const config = readConfig(className, keys, given)
    checkConfig(config)
    checkSteps(className, steps, config.num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const { sigmas, timesteps } = plan(config, table, steps)
    const levels = sigmas.map(sigma => levelOf(sigma, config.use_flow_sigmas))
    const integratesClean = config.algorithm_type.endsWith('++')
    const isStochastic = config.algorithm_type.startsWith('sde')

    const clean = (output: Tensor, x: Tensor, level: NoiseLevel): Tensor => {
      const estimate = cleanFrom(config.prediction_type, output, x, level)
      return config.thresholding ? thresholded(estimate, config) : estimate
    }
    /** What is integrated: the clean sample or the noise. */
    const integrand = (output: Tensor, x: Tensor, level: NoiseLevel): Tensor => {
      if (integratesClean) return clean(output, x, level)
      if (config.thresholding) return noiseGiven(clean(output, x, level), x, level)
      return noiseFrom(config.prediction_type, output, x, level)
    }

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: 1,
      *run(x, noise) {
        let answers: Tensor[] = [] // what was integrated so far, the newest first
        for (const [i, timestep] of timesteps.entries()) {
          const from = x
          const denoised = (output: Tensor) => clean(output, from, levels[i])
          const output = yield { input: x, sample: x, timestep, denoised }
          answers = [integrand(output, x, levels[i]), ...answers.slice(0, 2)]
          const order = orderAt(i, timesteps.length, config)
          const fresh = isStochastic ? noise(x.shape) : undefined
          x = update(config, levels.slice(Math.max(i + 1 - order, 0), i + 2).reverse(), x, answers, order, fresh)
        }
        return x
      },
    }
  },
}

/** @throws Problem SCHEDULER_CONFIG for combinations that have no formula */
function checkConfig({ algorithm_type, final_sigmas_type, solver_order }: Config): void {
  if (!algorithm_type.endsWith('++') && final_sigmas_type === 'zero') {
    throw configProblem(className, 'final_sigmas_type', `${algorithm_type} can end at "sigma_min" only`)
  }
  if (algorithm_type === 'sde-dpmsolver' && solver_order === 3) {
    throw configProblem(className, 'solver_order', 'sde-dpmsolver has orders 1 and 2 only')
  }
}

/** Noise levels and timesteps of a run. */
function plan(config: Config, table: NoiseTable, steps: number) {
  const training = sigmasOf(table)
  const ends = { lowest: training[0], highest: training[training.length - 1] }
  const visited = visitedTimesteps(config, table, steps)
  const last = config.final_sigmas_type === 'zero' ? 0 : ends.lowest
  const planned = (sigmas: readonly number[], timesteps: readonly number[]) => ({
    sigmas: [...sigmas, last].map(round),
    timesteps: timesteps.map(Math.trunc),
  })

  const logarithms = training.map(numpyLogFloat32)
  const isLu = config.use_lu_lambdas && !config.use_karras_sigmas
  const chosen = isLu ? luSigmas(logarithms, steps) : chosenSigmas(className, config, ends, steps)
  if (chosen) {
    const rounds = (config.use_karras_sigmas || isLu) && config.beta_schedule !== 'squaredcos_cap_v2'
    const timesteps = chosen.map(sigma => timestepOf(sigma, logarithms))
    return planned(chosen, rounds ? timesteps.map(roundHalfToEven) : timesteps)
  }
  if (config.use_flow_sigmas) {
    const { num_train_timesteps: trainingSteps, flow_shift: shift } = config
    const plain = linearSpace(1, 1 / trainingSteps, steps + 1).map(alpha => 1 - alpha)
    const sigmas = plain.map(sigma => (shift * sigma) / (1 + (shift - 1) * sigma)).reverse()
    return planned(
      sigmas.slice(0, -1),
      sigmas.slice(0, -1).map(sigma => sigma * trainingSteps),
    )
  }
  return planned(
    visited.map(timestep => sigmaAt(timestep, training)),
    visited,
  )
}

/** Evenly spaced in lambda over all of training: Lu et al. 2022 (arXiv:2206.00927), section 3.4. n levels, falling.
 *  @param logarithms of training's levels, rising */
function luSigmas(logarithms: Float32Array, n: number): number[] {
  const [lowest, highest] = [logarithms[0], logarithms[logarithms.length - 1]]
  return linearSpace(0, 1, n).map(t => Math.exp(highest + t * (lowest - highest)))
}

/** One timestep more than steps is spaced out, and the lowest left out: the last level is chosen by final_sigmas_type. */
function visitedTimesteps(config: Config, { alphasCumprod }: NoiseTable, steps: number): number[] {
  const { num_train_timesteps, timestep_spacing, steps_offset, lambda_min_clipped } = config
  const clipped = alphasCumprod.filter(alphaBar => lambda(preserving(alphaBar)) < lambda_min_clipped).length
  const count = num_train_timesteps - clipped
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

/** The variance-preserving level of a sigma; in flow matching alpha and sigma add up to 1 instead. */
function levelOf(sigma: number, isFlow: boolean): NoiseLevel {
  if (isFlow) return { alpha: round(1 - sigma), sigma }
  const alpha = round(1 / round(Math.sqrt(round(round(sigma * sigma) + 1))))
  return { alpha, sigma: round(sigma * alpha) }
}

/** Half the logarithm of the signal-to-noise ratio: the solver's time. */
const lambda = ({ alpha, sigma }: NoiseLevel): number => round(round(Math.log(alpha)) - round(Math.log(sigma)))

/** The order of a step: no more than answers that are known, and lower at the end where the configuration says so. */
function orderAt(step: number, steps: number, config: Config): number {
  const lower = config.lower_order_final && steps < 15
  const known = Math.min(config.solver_order, step + 1)
  if (step === steps - 1 && (lower || config.euler_at_final || config.final_sigmas_type === 'zero')) return 1
  return step === steps - 2 && lower ? Math.min(known, 2) : known
}

/** One step. @param levels the one aimed at, the present one, and those before; @param answers the newest first */
function update(
  { algorithm_type, solver_type }: Config,
  levels: readonly NoiseLevel[],
  x: Tensor,
  answers: readonly Tensor[],
  order: number,
  noise: Tensor | undefined,
): Tensor {
  const [target, present] = levels
  const [time, ...times] = levels.map(lambda)
  const h = round(time - times[0])
  const weights = WEIGHTS[algorithm_type](target, present, h)
  const integral: [number, Tensor][] = [
    [weights.sample, x],
    [weights.answer, answers[0]],
  ]
  const fresh: [number, Tensor][] = noise ? [[weights.noise, noise]] : []
  if (order === 1) return mix(...integral, ...fresh)

  const r0 = round(round(times[0] - times[1]) / h)
  const slope = difference(answers[0], answers[1], 1 / r0)
  if (order === 2) return mix(...integral, [weights[solver_type], slope], ...fresh)

  const r1 = round(round(times[1] - times[2]) / h)
  const earlierSlope = difference(answers[1], answers[2], 1 / r1)
  const r = round(r0 + r1)
  const slopeNow = mix([1, slope], [1, difference(slope, earlierSlope, r0 / r)])
  const curvature = difference(slope, earlierSlope, 1 / r)
  return mix(...integral, [weights.heun, slopeNow], [weights.curvature, curvature], ...fresh)
}

/** weight · (a - b) */
const difference = (a: Tensor, b: Tensor, weight: number): Tensor => {
  const rounded = round(weight)
  return combine(a, b, (a, b) => rounded * round(a - b))
}

interface Weights {
  readonly sample: number
  readonly answer: number
  /** Of the slope: two approximations of the same integral. */
  readonly midpoint: number
  readonly heun: number
  readonly curvature: number
  readonly noise: number
}

/** Exact integrals over a step of length h in lambda, from level s to level t, rounded as in the reference: at high noise
 *  large terms nearly cancel. */
const WEIGHTS: Record<Config['algorithm_type'], (t: NoiseLevel, s: NoiseLevel, h: number) => Weights> = {
  'dpmsolver++': (t, s, h) => {
    const e = round(exp(-h) - 1)
    const answer = -round(t.alpha * e)
    return {
      sample: round(t.sigma / s.sigma),
      answer,
      midpoint: answer / 2,
      heun: t.alpha * round(round(e / h) + 1),
      curvature: -t.alpha * round(round(round(e + h) / round(h * h)) - 1 / 2),
      noise: 0,
    }
  },
  'sde-dpmsolver++': (t, s, h) => {
    const e = round(1 - exp(-2 * h))
    const answer = round(t.alpha * e)
    return {
      sample: round(t.sigma / s.sigma) * exp(-h),
      answer,
      midpoint: answer / 2,
      heun: t.alpha * round(1 - round(e / (2 * h))),
      curvature: t.alpha * round(round(round(e - 2 * h) / round((2 * h) ** 2)) - 1 / 2),
      noise: t.sigma * round(Math.sqrt(e)),
    }
  },
  dpmsolver: (t, s, h) => {
    const e = round(exp(h) - 1)
    const answer = -round(t.sigma * e)
    return {
      sample: round(t.alpha / s.alpha),
      answer,
      midpoint: answer / 2,
      heun: -t.sigma * round(round(e / h) - 1),
      curvature: -t.sigma * round(round(round(e - h) / round(h * h)) - 1 / 2),
      noise: 0,
    }
  },
  'sde-dpmsolver': (t, s, h) => {
    const e = round(exp(h) - 1)
    const answer = -2 * round(t.sigma * e)
    return {
      sample: round(t.alpha / s.alpha),
      answer,
      midpoint: answer / 2,
      heun: -2 * round(t.sigma * round(round(e / h) - 1)),
      curvature: Number.NaN, // no order 3: checkConfig
      noise: t.sigma * round(Math.sqrt(round(exp(2 * h) - 1))),
    }
  },
}

const exp = (x: number): number => round(Math.exp(x))
