import { combine, mix } from '../tensor/arithmetic.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { createSchedule } from './index.ts'
import type { ModelCall, RunOptions, Schedule, SchedulerConfig } from './scheduler.ts'

/** Helpers of the tests of schedulers. Data from N(0, s²) has an exact denoiser and an exact solution, so schedulers answer
 *  to mathematics. */

export const STABLE_DIFFUSION = { beta_start: 0.00085, beta_end: 0.012, beta_schedule: 'scaled_linear' }

/** s */
export const SPREAD = 0.5

/** Standard normal numbers, the start of every run. */
export const noise = new TorchGenerator(7n).normal([1, 1, 70, 70])

/** alpha-bar of a call, whole or fractional timestep. */
export function alphaBarOf({ table, sigmas }: Schedule, call: number, timestep: number): number {
  return sigmas ? 1 / (1 + sigmas[call] ** 2) : (table?.alphasCumprod[timestep] ?? Number.NaN)
}

/** The perfect network: E[noise | input], E[v | input] or E[clean | input], for inputs of alpha² + sigma² = 1. */
export function perfectNetwork(input: Tensor, alphaBar: number, prediction: string): Tensor {
  const variance = alphaBar * SPREAD ** 2 + 1 - alphaBar
  const clean = mix([(Math.sqrt(alphaBar) * SPREAD ** 2) / variance, input])
  const epsilon = mix([Math.sqrt(1 - alphaBar) / variance, input])
  if (prediction === 'sample') return clean
  return prediction === 'epsilon' ? epsilon : mix([Math.sqrt(alphaBar), epsilon], [-Math.sqrt(1 - alphaBar), clean])
}

/** The samples that a run passes through, the first and the last included.
 *  @param answer what the network says; the second argument is the number of the call */
export function walk(
  schedule: Schedule,
  answer: (call: ModelCall, number: number) => Tensor,
  start = mix([schedule.initialNoiseScale, noise]),
): Tensor[] {
  const generator = new TorchGenerator(8n)
  const run = schedule.run(start, shape => generator.normal(shape))
  const samples: Tensor[] = []
  let next = run.next()
  for (let number = 0; !next.done; number++) {
    samples.push(next.value.sample)
    next = run.next(answer(next.value, number))
  }
  return [...samples, next.value]
}

/** The same of a scheduler with the perfect network. */
export function run(name: string, steps: number, config: SchedulerConfig = {}, options: RunOptions = {}): Tensor[] {
  const schedule = createSchedule(name, { ...STABLE_DIFFUSION, clip_sample: false, ...config }, steps, options)
  const prediction = String(config.prediction_type ?? 'epsilon')
  return walk(schedule, ({ input, timestep }, number) =>
    perfectNetwork(input, alphaBarOf(schedule, number, timestep), prediction),
  )
}

export const spread = ({ data }: Tensor): number =>
  Math.sqrt(data.reduce((sum, value) => sum + value ** 2, 0) / data.length)

export const largestDifference = (a: Tensor, b: Tensor): number =>
  combine(a, b, (a, b) => Math.abs(a - b)).data.reduce((largest, value) => Math.max(largest, value), 0)

/** How far a run has left the probability flow when it reaches the noise level sigma: on the flow, samples have the
 *  variance alpha-bar s² + 1 - alpha-bar, divided by alpha-bar where the clean sample keeps its size. */
export function error(
  name: string,
  steps: number,
  config: SchedulerConfig = {},
  endSigma = lastSigma(name, 25, config),
): number {
  const schedule = createSchedule(name, { ...STABLE_DIFFUSION, ...config }, steps)
  const alphaBars = schedule.timesteps.map((timestep, call) => alphaBarOf(schedule, call, timestep))
  const isInSigmas = schedule.noiseLevel(schedule.timesteps[0]).alpha === 1
  const flow = (call: number) =>
    Math.sqrt((alphaBars[call] * SPREAD ** 2 + 1 - alphaBars[call]) / (isInSigmas ? alphaBars[call] : 1))
  const end = alphaBars.findLastIndex(alphaBar => Math.sqrt(1 / alphaBar - 1) >= endSigma * 0.999)
  const samples = run(name, steps, config)
  return Math.abs(spread(samples[end]) / spread(samples[0]) / (flow(end) / flow(0)) - 1)
}

function lastSigma(name: string, steps: number, config: SchedulerConfig): number {
  const schedule = createSchedule(name, { ...STABLE_DIFFUSION, ...config }, steps)
  const last = schedule.timesteps.length - 1
  return Math.sqrt(1 / alphaBarOf(schedule, last, schedule.timesteps[last]) - 1)
}
