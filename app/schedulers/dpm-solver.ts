import { combine, mix } from '../tensor/arithmetic.ts'
import type { Tensor } from '../tensor/tensor.ts'
import type { NoiseLevel } from './prediction.ts'

/* What DPM-Solver and its relatives compute: exact integrals over a step in lambda, the logarithm of alpha / sigma, of an
 * answer that is taken for a polynomial (Lu et al. 2022, arXiv:2206.00927 and arXiv:2211.01095). */

const round = Math.fround

/** With ++ the clean sample is integrated, else the noise; sde adds fresh noise at each step. */
export type DpmAlgorithm = 'dpmsolver' | 'dpmsolver++' | 'sde-dpmsolver' | 'sde-dpmsolver++'

/** The variance-preserving level of a sigma; in flow matching alpha and sigma add up to 1 instead. */
export function levelOf(sigma: number, isFlow: boolean): NoiseLevel {
  if (isFlow) return { alpha: round(1 - sigma), sigma }
  const alpha = round(1 / round(Math.sqrt(round(round(sigma * sigma) + 1))))
  return { alpha, sigma: round(sigma * alpha) }
}

/** Half the logarithm of the signal-to-noise ratio: the solver's time. */
export const lambda = ({ alpha, sigma }: NoiseLevel): number => round(round(Math.log(alpha)) - round(Math.log(sigma)))

/** A step from the present level to the one aimed at, from answers at the present level and before it.
 *  @param levels the one aimed at, the present one, and those before  @param answers the newest first
 *  @param order 1 to 3, no more than answers  @param noise for the algorithms that add it */
export function multistepUpdate(
  { algorithm_type, solver_type }: { readonly algorithm_type: DpmAlgorithm; readonly solver_type: 'midpoint' | 'heun' },
  levels: readonly NoiseLevel[],
  x: Tensor,
  answers: readonly Tensor[],
  order: number,
  noise: Tensor | undefined,
): Tensor {
  const [target, present] = levels
  const [time, ...times] = levels.map(lambda)
  const h = round(time - times[0])
  if (h === 0) return x
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
export const difference = (a: Tensor, b: Tensor, weight: number): Tensor => {
  const rounded = round(weight)
  return combine(a, b, (a, b) => rounded * round(a - b))
}

/** Of the terms of a step. */
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
export const WEIGHTS: Record<DpmAlgorithm, (t: NoiseLevel, s: NoiseLevel, h: number) => Weights> = {
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
      curvature: Number.NaN, // no order 3: its scheduler refuses it
      noise: t.sigma * round(Math.sqrt(round(exp(2 * h) - 1))),
    }
  },
}

const exp = (x: number): number => round(Math.exp(x))
