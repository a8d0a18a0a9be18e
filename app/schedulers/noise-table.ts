import { linearSpaceFloat32 } from '../tensor/arithmetic.ts'
import { configProblem } from './config.ts'
import type { NoiseLevel } from './prediction.ts'
import type { NoiseTable } from './scheduler.ts'

const round = Math.fround // the reference keeps its tables in float32

interface NoiseTableConfig {
  readonly num_train_timesteps: number
  readonly beta_start: number
  readonly beta_end: number
  readonly beta_schedule: 'linear' | 'scaled_linear' | 'squaredcos_cap_v2' | 'sigmoid' | 'laplace' | 'exp'
  readonly trained_betas?: readonly number[] | undefined
  readonly rescale_betas_zero_snr?: boolean
}

/** The noise levels that a network was trained with, from the keys of its scheduler_config.json. */
export function noiseTable(className: string, config: NoiseTableConfig): NoiseTable {
  if (config.trained_betas !== undefined && config.trained_betas.length !== config.num_train_timesteps) {
    throw configProblem(className, 'trained_betas', `${config.num_train_timesteps} values were expected`)
  }
  const betas = Float32Array.from(config.trained_betas ?? betasOf(config))
  return tableOf(config.rescale_betas_zero_snr ? withZeroTerminalSnr(betas) : betas)
}

/** 1000 levels by the cosine (Nichol & Dhariwal 2021, arXiv:2102.09672, equation 17). */
export const cosineTable = (): NoiseTable =>
  noiseTable('', { num_train_timesteps: 1000, beta_start: 0, beta_end: 0, beta_schedule: 'squaredcos_cap_v2' })

/** The timestep of a table whose level is nearest. @param level of a sample of variance 1 */
export function nearestTimestep({ alphasCumprod }: NoiseTable, { alpha }: NoiseLevel): number {
  const gap = (timestep: number) => Math.abs(alphasCumprod[timestep] - alpha ** 2)
  return alphasCumprod.reduce((nearest, _, timestep) => (gap(timestep) < gap(nearest) ? timestep : nearest), 0)
}

/** The table with its last level moved off infinity, for schedulers that work in sigmas: alpha-bar becomes 2^-24, the
 *  smallest half-precision number, where training ended in pure noise. */
export function withFiniteSigma(table: NoiseTable): NoiseTable {
  const alphasCumprod = table.alphasCumprod.slice()
  alphasCumprod[alphasCumprod.length - 1] = 2 ** -24
  return { ...table, alphasCumprod }
}

/** sigma = sqrt((1 - alpha-bar) / alpha-bar) of every training timestep, rising: the noise's standard deviation in units
 *  of a clean sample. */
export const sigmasOf = ({ alphasCumprod }: NoiseTable): Float32Array =>
  alphasCumprod.map(alphaBar => round(Math.sqrt(round(round(1 - alphaBar) / alphaBar))))

function betasOf({ num_train_timesteps, beta_start, beta_end, beta_schedule }: NoiseTableConfig): ArrayLike<number> {
  switch (beta_schedule) {
    case 'linear':
      return linearSpaceFloat32(beta_start, beta_end, num_train_timesteps)
    case 'scaled_linear': // linear in the standard deviation: Rombach et al. 2022 (arXiv:2112.10752)
      return linearSpaceFloat32(Math.sqrt(beta_start), Math.sqrt(beta_end), num_train_timesteps).map(
        root => root * root,
      )
    case 'squaredcos_cap_v2': // Nichol & Dhariwal 2021 (arXiv:2102.09672), eq. 17
      return betasFrom(t => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2, num_train_timesteps)
    case 'exp':
      return betasFrom(t => Math.exp(-12 * t), num_train_timesteps)
    case 'laplace': // Hang et al. 2024 (arXiv:2407.03297)
      return betasFrom(laplaceAlphaBar, num_train_timesteps)
    case 'sigmoid': // GeoDiff: Xu et al. 2022 (arXiv:2203.02923)
      return linearSpaceFloat32(-6, 6, num_train_timesteps).map(
        x => round(round(1 / (1 + Math.exp(-x))) * (beta_end - beta_start)) + beta_start,
      )
  }
}

/** Betas whose alpha-bar follows a function of the share of training that is past, 0 to 1. */
const betasFrom = (alphaBar: (t: number) => number, n: number): number[] =>
  Array.from({ length: n }, (_, i) => Math.min(1 - alphaBar((i + 1) / n) / alphaBar(i / n), 0.999))

function laplaceAlphaBar(t: number): number {
  const lambda = -0.5 * (t <= 0.5 ? 1 : -1) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6)
  const ratio = Math.exp(lambda)
  return Math.sqrt(ratio / (1 + ratio))
}

function tableOf(betas: Float32Array): NoiseTable {
  let product = 1
  const alphasCumprod = betas.map(beta => {
    product *= round(1 - beta)
    return product
  })
  return { betas, alphasCumprod }
}

/** Stretches the levels so that training's last timestep is pure noise: Lin et al. 2023 (arXiv:2305.08891), algorithm 1. */
function withZeroTerminalSnr(betas: Float32Array): Float32Array {
  const roots = tableOf(betas).alphasCumprod.map(Math.sqrt)
  const last = roots[roots.length - 1]
  const stretch = round(roots[0] / round(roots[0] - last))
  const alphaBars = roots.map(root => round(round(root - last) * stretch) ** 2)
  return alphaBars.map((alphaBar, i) => 1 - round(i === 0 ? alphaBar : alphaBar / alphaBars[i - 1]))
}

/** The variance of DDPM's noise for a step: Ho et al. 2020 (arXiv:2006.11239), eq. 7; Song et al. 2021
 *  (arXiv:2010.02502), eq. 16 with eta 1. In float32, since at high noise it nearly cancels what is there. */
export function ancestralVariance(alphaBar: number, nextAlphaBar: number): number {
  const kept = round(round(1 - nextAlphaBar) / round(1 - alphaBar))
  return round(kept * stepVariance(alphaBar, nextAlphaBar))
}

/** The variance that training adds between two levels. */
export const stepVariance = (alphaBar: number, nextAlphaBar: number): number =>
  round(1 - round(alphaBar / nextAlphaBar))
