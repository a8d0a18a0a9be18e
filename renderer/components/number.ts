/** Decimals that a step needs: 1 for 0.1, 2 for 0.01, 0 for 1 and more. */
export const decimals = (step: number): number => Math.min(6, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)))

/** A number as a field shows it. */
export const spell = (value: number, step: number): string => {
  const fixed = value.toFixed(decimals(step))
  return Number(fixed) === value ? fixed : String(Number(value.toFixed(6)))
}

export interface Limits {
  readonly minimum: number
  readonly maximum: number
  readonly step: number
}

/** The value after moving by `count` steps, on the grid of steps and within the limits. */
export function stepped(value: number, count: number, { minimum, maximum, step }: Limits): number {
  const next = Math.round((value + count * step) / step) * step
  return Number(Math.min(maximum, Math.max(minimum, next)).toFixed(6))
}

/** Steps that a key moves: one with the arrows, ten with the page keys, Shift ten times, Alt a tenth. */
export function keySteps(
  key: string,
  { shiftKey, altKey }: { shiftKey: boolean; altKey: boolean },
): number | undefined {
  const factor = (shiftKey ? 10 : 1) * (altKey ? 0.1 : 1)
  switch (key) {
    case 'ArrowUp':
    case 'ArrowRight':
      return factor
    case 'ArrowDown':
    case 'ArrowLeft':
      return -factor
    case 'PageUp':
      return 10
    case 'PageDown':
      return -10
    default:
      return undefined
  }
}

/** Where a value stands between the limits, from 0 to 1. */
export const share = (value: number, { minimum, maximum }: Pick<Limits, 'minimum' | 'maximum'>): number =>
  maximum === minimum ? 0 : Math.min(1, Math.max(0, (value - minimum) / (maximum - minimum)))
