import type { NoiseLevel } from './prediction.ts'

/* Noise levels of flow matching: a sample is (1 - sigma) · clean + sigma · noise, with sigma from 1 to 0. */

/** Levels moved up, so that more of the steps are spent at high noise: Esser et al. 2024 (arXiv:2403.03206), eq. 23. */
export const shifted = (sigma: number, factor: number): number => (factor * sigma) / (1 + (factor - 1) * sigma)

/** Levels stretched so that the last one is `end`; a level of 1 stays. */
export function stretchedTo(sigmas: readonly number[], end: number): number[] {
  const factor = (1 - sigmas[sigmas.length - 1]) / (1 - end)
  return sigmas.map(sigma => 1 - (1 - sigma) / factor)
}

/** The level of a sample of flow matching. */
export const inFlow = (sigma: number): NoiseLevel => ({ alpha: Math.fround(1 - sigma), sigma })
