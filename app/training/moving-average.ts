import type { Numbers } from './numbers.ts'

/** How a moving average of weights (EMA) forgets; the reference's EMAModel. */
export interface MovingAverageOptions {
  /** Share of the average that is kept at each step, at most. */
  readonly decay?: number
  readonly minimum?: number
  /** Steps during which the average is a copy. */
  readonly after?: number
  /** The share grows as 1 - (1 + step / inverseGamma)^-power; absent: as (1 + step) / (10 + step). */
  readonly warmUp?: { readonly inverseGamma?: number; readonly power?: number }
}

/** Share of the average that is kept at a step. @param step 1 at the first: 0, a copy */
export function keptShare(step: number, options: MovingAverageOptions = {}): number {
  const { decay = 0.9999, minimum = 0, after = 0, warmUp } = options
  const passed = step - after - 1
  if (passed <= 0) return 0
  const { inverseGamma = 1, power = 2 / 3 } = warmUp ?? {}
  const grown = warmUp ? 1 - (1 + passed / inverseGamma) ** -power : (1 + passed) / (10 + passed)
  return Math.max(minimum, Math.min(decay, grown))
}

/** Moves an average towards the parameters, in place. @returns the share of it that was kept */
export function moveAverage(
  average: Numbers,
  parameters: Numbers,
  step: number,
  options: MovingAverageOptions = {},
): number {
  const kept = keptShare(step, options)
  for (const [name, data] of average) {
    const now = parameters.get(name)
    for (let i = 0; now !== undefined && i < data.length; i++) data[i] -= (1 - kept) * (data[i] - now[i])
  }
  return kept
}
