import { linearSpace } from '../tensor/arithmetic.ts'
import { numpyLogFloat32 } from '../tensor/float32-math.ts'
import { betaQuantile } from './beta-quantile.ts'
import { configProblem } from './config.ts'
import type { TimestepSpacing } from './timesteps.ts'

/* Noise levels in standard deviations of a clean sample. Training gives one for each timestep, rising; a run's fall. */

/** Noise levels of Karras et al. 2022 (arXiv:2206.00364), eq. 5: evenly spaced in sigma^(1/rho), so most steps land at
 *  low noise. n levels, falling from `highest` to `lowest`. */
export function karrasSigmas(
  n: number, // sampling steps
  lowest: number,
  highest: number,
  rho = 7, // larger: shorter steps near `lowest`
): number[] {
  return linearSpace(0, 1, n).map(t => (highest ** (1 / rho) + t * (lowest ** (1 / rho) - highest ** (1 / rho))) ** rho)
}

/** Evenly spaced in the logarithm: n levels, falling from `highest` to `lowest`. */
export const exponentialSigmas = (n: number, lowest: number, highest: number): number[] =>
  linearSpace(Math.log(highest), Math.log(lowest), n).map(Math.exp)

/** Quantiles of the beta distribution, dense at both ends: Lee et al. 2024 (arXiv:2407.12173). n levels, falling. */
export const betaSigmas = (n: number, lowest: number, highest: number, alpha = 0.6, beta = 0.6): number[] =>
  linearSpace(0, 1, n).map(t => lowest + betaQuantile(1 - t, alpha, beta) * (highest - lowest))

/** The level of a possibly fractional training timestep, linear between its neighbours (numpy.interp). */
export function sigmaAt(timestep: number, training: ArrayLike<number>): number {
  if (timestep <= 0) return training[0]
  if (timestep >= training.length - 1) return training[training.length - 1]
  const below = Math.floor(timestep)
  return training[below] + (training[below + 1] - training[below]) * (timestep - below)
}

/** The fractional training timestep of a level, linear in the logarithm; levels outside training go to its ends.
 *  @param logarithms of training's levels, rising (but perhaps for the last: `withFiniteSigma`) */
function timestepOf(sigma: number, logarithms: Float32Array): number {
  const logarithm = Math.log(Math.max(sigma, 1e-10))
  const last = logarithms.findLastIndex(each => each <= logarithm)
  const below = Math.min(Math.max(last, 0), logarithms.length - 2)
  const [low, high] = [logarithms[below], logarithms[below + 1]]
  const share = Math.min(Math.max((low - logarithm) / Math.fround(low - high), 0), 1)
  return (1 - share) * below + share * (below + 1)
}

/** The fractional training timesteps of noise levels. @param training the levels of all training timesteps, rising */
export function timestepsOf(sigmas: readonly number[], training: Float32Array): number[] {
  const logarithms = training.map(numpyLogFloat32)
  return sigmas.map(sigma => timestepOf(sigma, logarithms))
}

/** What the keys `use_..._sigmas` ask for; undefined where they leave the levels to the visited timesteps.
 *  @param trained the levels that the chosen ones lie between unless `sigma_min` and `sigma_max` say otherwise
 *  @throws Problem SCHEDULER_CONFIG when more than one is asked for */
export function chosenSigmas(
  className: string,
  config: SigmaChoice,
  trained: { readonly lowest: number; readonly highest: number },
  steps: number,
): number[] | undefined {
  const asked = choices.filter(([key]) => config[key])
  if (asked.length > 1) {
    throw configProblem(className, asked.map(([key]) => key).join(', '), 'only one of these can be used at a time')
  }
  return asked[0]?.[1](steps, config.sigma_min ?? trained.lowest, config.sigma_max ?? trained.highest)
}

const choices = [
  ['use_karras_sigmas', karrasSigmas],
  ['use_exponential_sigmas', exponentialSigmas],
  ['use_beta_sigmas', betaSigmas],
] as const

export interface SigmaChoice {
  readonly use_karras_sigmas: boolean
  readonly use_exponential_sigmas: boolean
  readonly use_beta_sigmas: boolean
  readonly sigma_min?: number | undefined
  readonly sigma_max?: number | undefined
}

/** The scale of the first noise in sigma space. With `leading` spacing the first level is below training's last, and
 *  the sample counts as clean picture plus noise. */
export function initialNoiseScale(sigmas: readonly number[], spacing: TimestepSpacing): number {
  const highest = Math.max(...sigmas)
  return Math.fround(spacing === 'leading' ? Math.sqrt(highest ** 2 + 1) : highest)
}
