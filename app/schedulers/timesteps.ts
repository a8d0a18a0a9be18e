import { linearSpace, roundHalfToEven } from '../tensor/arithmetic.ts'

/* Which training timesteps a run visits: Lin et al. 2023 (arXiv:2305.08891), table 2. All lists fall. */

export type TimestepSpacing = 'leading' | 'linspace' | 'trailing'

/** Every (trainingSteps / steps)-th timestep from 0, moved up by `offset`. */
export function leading(trainingSteps: number, steps: number, offset: number): number[] {
  const stride = Math.floor(trainingSteps / steps)
  return Array.from({ length: steps }, (_, i) => (steps - 1 - i) * stride + offset)
}

/** Evenly spaced between the first and the last timestep, both included; fractional. */
export const linspace = (trainingSteps: number, steps: number): number[] =>
  linearSpace(0, trainingSteps - 1, steps).reverse()

/** Every (trainingSteps / steps)-th timestep counted down from `last`. */
export function trailing(trainingSteps: number, steps: number, last = trainingSteps): number[] {
  const stride = trainingSteps / steps
  const count = Math.min(steps, Math.ceil(last / stride))
  const difference = last - stride - last // numpy.arange's, whose rounding decides where a timestep lies between two
  return Array.from({ length: count }, (_, i) => roundHalfToEven(last + i * difference) - 1)
}

/** The timesteps of a spacing, rounded to whole ones. */
export function wholeTimesteps(
  spacing: TimestepSpacing,
  trainingSteps: number,
  steps: number,
  offset: number, // of `leading` alone
): number[] {
  if (spacing === 'leading') return leading(trainingSteps, steps, offset)
  if (spacing === 'trailing') return trailing(trainingSteps, steps)
  return linspace(trainingSteps, steps).map(roundHalfToEven)
}

/** The timesteps of a spacing, in float32, for schedulers that interpolate noise levels: `linspace` stays fractional. */
export const fractionalTimesteps: typeof wholeTimesteps = (spacing, trainingSteps, steps, offset) =>
  spacing === 'linspace'
    ? linspace(trainingSteps, steps).map(Math.fround)
    : wholeTimesteps(spacing, trainingSteps, steps, offset)
