import { z } from 'zod'
import { linearSpace, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { levelOfCall } from './add-noise.ts'
import {
  checkGivenSigmas,
  checkSteps,
  commonKeys,
  configProblem,
  flowKeys,
  readConfig,
  sigmaKeys,
  thresholdingKeys,
  timestepSpacing,
} from './config.ts'
import { difference, lambda, levelOf } from './dpm-solver.ts'
import { shifted, stretchedTo } from './flow-sigmas.ts'
import { noiseTable, sigmasOf, withFiniteSigma } from './noise-table.ts'
import { flowOrPredictionType, limitedClean, type NoiseLevel, noiseFrom } from './prediction.ts'
import { planPreserving, shiftFactor } from './preserving-plan.ts'
import { type NoiseTable, type RunOptions, type Schedule, type Scheduler, unchanged } from './scheduler.ts'
import { chosenSigmas } from './sigmas.ts'

const className = 'UniPCMultistepScheduler'

const keys = {
  ...commonKeys,
  ...sigmaKeys,
  ...flowKeys,
  ...thresholdingKeys,
  prediction_type: flowOrPredictionType,
  timestep_spacing: timestepSpacing.default('linspace'),
  rescale_betas_zero_snr: z.boolean().default(false),
  solver_order: z.int().min(1).default(2),
  /** Whether the clean sample is integrated, or the noise. */
  predict_x0: z.boolean().default(true),
  /** B(h) of the paper: h, or e^h - 1. */
  solver_type: z
    .enum(['bh1', 'bh2', 'midpoint', 'heun', 'logrho'])
    .default('bh2')
    .transform(type => (type === 'bh1' ? 'bh1' : 'bh2')),
  lower_order_final: z.boolean().default(true),
  /** Steps after which the sample is not corrected: with strong guidance, the first ones. */
  disable_corrector: z.array(z.int()).default([]),
  /** Levels of flow matching are stretched to end here. */
  shift_terminal: z.number().positive().optional(),
  solver_p: z.undefined().optional(),
}

const round = Math.fround

type Config = z.output<z.ZodObject<typeof keys>>

/** UniPC, a predictor and a corrector of any order: Zhao et al. 2023 (arXiv:2302.04867), algorithms 5 to 8. The answer at
 *  the end of a step also corrects that step, at no extra call. */
export const uniPcMultistep: Scheduler = {
  className,
  title: 'UniPC',
  goodFor: 'The fewest steps for a finished picture: 8 to 15.',
  serves: 'diffusion',
  takes: ['sigmas'],
  choosesNoiseLevels: true,
  create(given, steps, options = {}): Schedule {
    const config = readConfig(className, keys, given)
    checkSteps(className, options.sigmas?.length ?? steps, config.num_train_timesteps)
    const trained = noiseTable(className, config)
    const table = config.rescale_betas_zero_snr ? withFiniteSigma(trained) : trained
    const planned = plan(config, table, steps, options)
    const sigmas = planned.sigmas.map(round)
    const timesteps = planned.timesteps.map(Math.trunc)
    const levels = sigmas.map(sigma => levelOf(sigma, config.use_flow_sigmas))

    return {
      timesteps,
      sigmas,
      table,
      initialNoiseScale: 1,
      noiseLevel: levelOfCall(timesteps, levels),
      *run(x, _noise, begin = 0, after = unchanged) {
        let answers: Tensor[] = [] // what was integrated so far, the newest first
        let start = x
        for (const [i, timestep] of timesteps.entries().drop(begin)) {
          const from = x
          const denoised = (output: Tensor) => limitedClean(config, output, from, levels[i])
          const output = yield { input: x, sample: x, timestep, denoised }
          // Noise is never limited, as in the reference.
          const answer = config.predict_x0 ? denoised(output) : noiseFrom(config.prediction_type, output, x, levels[i])
          if (i > begin && !config.disable_corrector.includes(i - 1)) {
            const order = orderAt(i - 1, timesteps.length, answers.length, config)
            x = update(config, levels.slice(i - order, i + 1).reverse(), start, answers, answer)
          }
          answers = [answer, ...answers].slice(0, config.solver_order)
          start = x
          const order = orderAt(i, timesteps.length, answers.length, config)
          x = after(update(config, levels.slice(i + 1 - order, i + 2).reverse(), x, answers))
        }
        return x
      },
    }
  },
}

function plan(config: Config, table: NoiseTable, steps: number, options: RunOptions) {
  const isChosen = config.use_karras_sigmas || config.use_exponential_sigmas || config.use_beta_sigmas
  if (config.shift_terminal !== undefined && !config.use_flow_sigmas) {
    throw configProblem(className, 'shift_terminal', 'it belongs to flow matching, and use_flow_sigmas is off')
  }
  if (options.sigmas && (!config.use_flow_sigmas || isChosen)) {
    throw configProblem(className, 'use_flow_sigmas', 'noise levels can be given for flow matching alone')
  }
  const { sigmas, timesteps, lowest } = config.use_flow_sigmas
    ? flowPlan(config, table, steps, options)
    : trainedPlan(config, table, steps, options)
  return { sigmas: [...sigmas, config.final_sigmas_type === 'zero' ? 0 : lowest], timesteps }
}

function trainedPlan(config: Config, table: NoiseTable, steps: number, options: RunOptions) {
  const { sigmas, timesteps, isChosen } = planPreserving(className, config, table, steps, options)
  return { sigmas, timesteps, lowest: isChosen ? sigmas[sigmas.length - 1] : sigmasOf(table)[0] }
}

/** Levels of flow matching: chosen ones of training, s / (s + 1), or evenly spaced ones moved up. */
function flowPlan(config: Config, table: NoiseTable, steps: number, options: RunOptions) {
  const { num_train_timesteps, shift_terminal } = config
  const training = sigmasOf(table)
  const ends = { lowest: training[0], highest: training[training.length - 1] }
  const chosen = chosenSigmas(className, config, ends, steps)
  if (chosen && !config.use_karras_sigmas) {
    throw configProblem(className, 'use_flow_sigmas', 'of chosen noise levels it knows those of Karras alone')
  }
  if (options.sigmas) checkGivenSigmas(className, options.sigmas)
  const factor = shiftFactor(className, config, options.shift)
  const even = options.sigmas ?? linearSpace(1, 1 / num_train_timesteps, steps + 1).slice(0, -1)
  const moved = even.map(sigma => shifted(sigma, factor))
  const stretched = shift_terminal === undefined ? moved : stretchedTo(moved, shift_terminal)
  // alpha would be 0 at a level of 1
  const plain = stretched.map((sigma, i) => (i === 0 && Math.abs(sigma - 1) < 1e-6 ? sigma - 1e-6 : sigma))
  const sigmas = chosen?.map(sigma => sigma / (sigma + 1)) ?? plain
  return { sigmas, timesteps: sigmas.map(sigma => sigma * num_train_timesteps), lowest: sigmas[sigmas.length - 1] }
}

/** The order of a step: no more than answers that are known, nor than steps that are left where the configuration says so. */
function orderAt(step: number, steps: number, answers: number, { solver_order, lower_order_final }: Config): number {
  return Math.min(solver_order, answers, lower_order_final ? steps - step : Infinity)
}

/** The predictor's step, or, with the answer at its end, the corrector's.
 *  @param levels the one aimed at, the one to start from, and those before  @param answers at those but the first, in
 *  the same order */
function update(
  config: Config,
  levels: readonly NoiseLevel[],
  x: Tensor,
  answers: readonly Tensor[],
  reached?: Tensor,
): Tensor {
  const [target, present] = levels
  const [time, ...times] = levels.map(lambda)
  const h = round(time - times[0])
  if (h === 0) return x
  const signed = config.predict_x0 ? -h : h
  const [scale, amount] = config.predict_x0
    ? [round(target.sigma / present.sigma), target.alpha]
    : [round(target.alpha / present.alpha), target.sigma]
  const growth = round(Math.expm1(signed))
  const terms: [number, Tensor][] = [
    [scale, x],
    [-round(amount * growth), answers[0]],
  ]
  const order = Number.isFinite(h) ? times.length : 1 // a step to a clean sample
  const shares = times.slice(1, order).map(time => round(round(time - times[0]) / h))
  const slopes = shares.map((share, i) => difference(answers[i + 1], answers[0], 1 / share))
  if (reached) slopes.push(difference(reached, answers[0], 1))
  if (slopes.length === 0) return mix(...terms)

  const divisor = config.solver_type === 'bh1' ? signed : growth
  const weights = coefficients(reached ? [...shares, 1] : shares, signed, divisor)
  const [first, ...others] = slopes.map((slope, i) => [weights[i], slope] as const)
  return mix(...terms, [-round(amount * divisor), mix(first, ...others)])
}

/** rho of the paper: so that the slopes at some shares of the step integrate polynomials exactly (its eq. 6); a single one
 *  has its limit, 1/2. */
function coefficients(shares: readonly number[], h: number, divisor: number): number[] {
  if (shares.length === 1) return [0.5]
  const sides: number[] = []
  let factorial = 1
  let phi = round(round(round(Math.expm1(h)) / h) - 1)
  for (let i = 1; i <= shares.length; i++) {
    sides.push(round(round(phi * factorial) / divisor))
    factorial *= i + 1
    phi = round(round(phi / h) - 1 / factorial)
  }
  const powers = sides.map((_, i) => shares.map(share => round(share ** i)))
  return solve(powers, sides)
}

/** Solves a small system of linear equations by elimination with pivots, in float32. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]])
  const n = rows.length
  for (let k = 0; k < n; k++) {
    const pivot = rows.reduce((best, row, i) => (i >= k && Math.abs(row[k]) > Math.abs(rows[best][k]) ? i : best), k)
    ;[rows[k], rows[pivot]] = [rows[pivot], rows[k]]
    for (let i = k + 1; i < n; i++) {
      const factor = round(rows[i][k] / rows[k][k])
      for (let j = k; j <= n; j++) rows[i][j] = round(rows[i][j] - round(factor * rows[k][j]))
    }
  }
  const solution: number[] = new Array(n).fill(0)
  for (let k = n - 1; k >= 0; k--) {
    const known = solution.reduce((sum, value, j) => (j > k ? round(sum + round(rows[k][j] * value)) : sum), 0)
    solution[k] = round(round(rows[k][n] - known) / rows[k][k])
  }
  return solution
}
