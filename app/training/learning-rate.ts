import { z } from 'zod'

/** How the learning rate changes over a run, by the reference's names. */
export const learningRateSchedule = z.enum([
  'constant',
  'constant_with_warmup',
  'linear',
  'cosine',
  'cosine_with_restarts',
  'polynomial',
  'one_cycle',
])

/** A schedule of learning rates. */
export interface LearningRate {
  readonly schedule: z.infer<typeof learningRateSchedule>
  /** The highest. */
  readonly rate: number
  /** Steps of the whole run. */
  readonly steps: number
  /** Steps during which the rate grows from 0; `constant` and `one_cycle` do not look at it. */
  readonly warmUp?: number
  /** Waves of `cosine` (0.5: down to 0) or of `cosine_with_restarts` (1). */
  readonly cycles?: number
  /** Of `polynomial`. */
  readonly power?: number
  /** Of `polynomial`: the last rate. */
  readonly end?: number
}

/** The learning rate of a step, from 0, as diffusers' get_scheduler gives it; `one_cycle` as torch's OneCycleLR, whose momentum
 *  stays as it is (cycle_momentum=False). */
export function learningRateAt(step: number, options: LearningRate): number {
  const { schedule, rate, steps, warmUp = 0 } = options
  if (schedule === 'constant') return rate
  if (schedule === 'one_cycle') return oneCycle(step, rate, steps)
  if (step < warmUp) return (rate * step) / Math.max(1, warmUp)
  const progress = (step - warmUp) / Math.max(1, steps - warmUp)
  return schedule === 'polynomial' ? polynomial(progress, options) : rate * factors[schedule](progress, options)
}

const half = (turns: number): number => 0.5 * (1 + Math.cos(Math.PI * turns))

const factors = {
  constant_with_warmup: () => 1,
  linear: (progress: number) => Math.max(0, 1 - progress),
  cosine: (progress: number, { cycles = 0.5 }: LearningRate) => half(2 * cycles * progress),
  cosine_with_restarts: (progress: number, { cycles = 1 }: LearningRate) =>
    progress >= 1 ? 0 : half((cycles * progress) % 1),
} as const

const polynomial = (progress: number, { rate, power = 1, end = 1e-7 }: LearningRate): number =>
  progress > 1 ? end : (rate - end) * (1 - progress) ** power + end

/** Up along a cosine over the first 30 % from a 25th, then down to almost nothing (Smith & Topin 2017, arXiv:1708.07120). */
function oneCycle(step: number, rate: number, steps: number): number {
  const [first, last] = [rate / 25, rate / 25 / 1e4]
  const top = 0.3 * steps - 1
  if (step <= top) return between(first, rate, step / top)
  return between(rate, last, (step - top) / (steps - 1 - top))
}

const between = (start: number, end: number, share: number): number => end + (start - end) * half(share)
