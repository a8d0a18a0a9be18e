import { z } from 'zod'
import { addNoise, noisedFor, velocity } from '../../../app/schedulers/add-noise.ts'
import { anyNumber } from '../../../app/schedulers/config.ts'
import { createSchedule, schedulers } from '../../../app/schedulers/index.ts'
import { karrasVeLevels } from '../../../app/schedulers/karras-ve.ts'
import type { RunOptions, Schedule } from '../../../app/schedulers/scheduler.ts'
import { scoreSdeVePlan } from '../../../app/schedulers/score-sde-ve.ts'
import { reverseMean, scoreSdeVpPlan } from '../../../app/schedulers/score-sde-vp.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../../../app/tensor/batches.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema, type Variant } from '../goldens.ts'
import { type LeftOut, list, type Output, type Replayer, scalar, stack, unknownParameters } from './replayer.ts'

const configSchema = z.record(z.string(), z.unknown()).default({})
const numbers = z.array(z.number())

const parameters = z.strictObject({
  scheduler: z.string(),
  config: configSchema,
  steps: z.int().nullable(),
  seed: seedSchema,
  set_timesteps: z
    .strictObject({
      timesteps: numbers,
      sigmas: numbers,
      mu: z.number(),
      strength: z.number(),
      original_inference_steps: z.int(),
    })
    .partial()
    .default({}),
  step: z
    .strictObject({
      eta: z.number(),
      use_clipped_model_output: z.boolean(),
      s_churn: z.number(),
      s_tmin: z.number(),
      s_tmax: anyNumber,
      s_noise: z.number(),
      order: z.int(),
    })
    .partial()
    .default({}),
  /** The dummy network answers with a second half of channels, tanh of its input. */
  learned_variance: z.boolean().default(false),
  /** Steps that are left out at the start: the sample is clean, and noise is added to it. */
  begin: z.int().optional(),
})

/** Tables, timesteps, noise levels, and the path of a given sample through a dummy network. */
export const replayScheduler: Replayer = ({ params, inputs }) => {
  const missing = unknownScheduler(params)
  if (missing) return missing
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { scheduler, config, steps, seed, step, set_timesteps: given, learned_variance, begin } = parsed.data
  const options: RunOptions = {
    ...(given.timesteps && { timesteps: given.timesteps }),
    ...(given.sigmas && { sigmas: given.sigmas }),
    shift: given.mu,
    strength: given.strength,
    originalSteps: given.original_inference_steps,
    eta: step.eta,
    useClippedModelOutput: step.use_clipped_model_output,
    churn: step.s_churn,
    churnFrom: step.s_tmin,
    churnTo: step.s_tmax,
    churnNoise: step.s_noise,
    order: step.order,
  }
  const schedule = createSchedule(scheduler, config, steps ?? 0, options)
  const network = learned_variance ? withVariance : dummyNetwork
  return {
    outputs: {
      ...describe(scheduler, schedule, config),
      ...run(schedule, inputs.tensor('sample'), seed, network, begin),
    },
    isRelative: true,
  }
}

function unknownScheduler(params: Variant['params']): LeftOut | undefined {
  const { scheduler } = z.looseObject({ scheduler: z.string() }).parse(params)
  return Object.hasOwn(schedulers, scheduler) ? undefined : { leftOut: `there is no ${scheduler} yet` }
}

function describe(name: string, schedule: Schedule, config: Record<string, unknown>): Record<string, Output> {
  const { table, timesteps, sigmas, finalAlphaCumprod } = schedule
  const rungeKutta = config.skip_prk_steps === true ? 0 : 12 // calls of PNDM's start
  return {
    ...(table && { betas: list(everyNinth(table.betas)), alphas_cumprod: list(everyNinth(table.alphasCumprod)) }),
    timesteps: list(timesteps),
    prk_timesteps: list(timesteps.slice(0, rungeKutta)),
    plms_timesteps: list(timesteps.slice(rungeKutta)),
    init_noise_sigma: scalar(schedule.initialNoiseScale),
    ...(sigmas && { sigmas: list(sigmas) }),
    ...(sigmas && name === 'IPNDMScheduler' && { betas: list(sigmas) }), // so it calls them
    ...(sigmas && name.startsWith('KDPM2') && interleaved(name, sigmas)),
    ...(finalAlphaCumprod !== undefined && { final_alpha_cumprod: scalar(finalAlphaCumprod) }),
  }
}

/** The reference keeps the levels of whole and half steps apart, each twice. @param sigmas the level of each call, and 0 */
function interleaved(name: string, sigmas: readonly number[]): Record<string, Output> {
  const whole = [...sigmas.filter((_, i) => i % 2 === 0), 0]
  const half = sigmas.slice(0, -1).filter((_, i) => i % 2 === 1)
  const twice = ([first, ...others]: readonly number[]) => {
    const pairs = others.flatMap(value => [value, value])
    return list([first, ...pairs, pairs[pairs.length - 1]])
  }
  const isAncestral = name === 'KDPM2AncestralDiscreteScheduler'
  return { sigmas: twice(whole), sigmas_interpol: twice(isAncestral ? [...half, 0, 0] : [Number.NaN, ...half, 0]) }
}

const round = Math.fround

const everyNinth = (values: Float32Array): number[] => [
  ...values.filter((_, i) => i % 9 === 0),
  values[values.length - 1],
]

type Network = (input: Tensor, timestep: number) => Tensor

function run(
  schedule: Schedule,
  sample: Tensor,
  seed: bigint,
  network: Network,
  begin: number | undefined,
): Record<string, Output> {
  const generator = new TorchGenerator(seed)
  const noise = (shape: Shape) => generator.normal(shape)
  const start =
    begin === undefined
      ? mix([schedule.initialNoiseScale, sample])
      : noisedFor(schedule, begin, sample, noise(sample.shape))
  const steps = schedule.run(start, noise, begin)
  const inputs: Tensor[] = []
  const trajectory: Tensor[] = []
  let next = steps.next()
  while (!next.done) {
    const { input, timestep } = next.value
    inputs.push(input)
    next = steps.next(network(input, timestep))
    trajectory.push(next.done ? next.value : next.value.sample)
  }
  return { model_inputs: stack(inputs), trajectory: stack(trajectory) }
}

const map = ({ shape, data }: Tensor, f: (value: number) => number): Tensor => tensor(shape, data.map(f))

/** input · t / (t + 1) in float32 */
const dummyNetwork: Network = (input, t) =>
  map(input, value => Math.fround(Math.fround(value * t) / Math.fround(t + 1)))

const withVariance: Network = (input, t) => {
  const mean = dummyNetwork(input, t)
  const [batch, channels, ...size] = input.shape
  const variances = splitBatches(map(input, Math.tanh), batch)
  const items = splitBatches(mean, batch).flatMap((item, i) => [item, variances[i]])
  return tensor([batch, 2 * channels, ...size], joinBatches(items).data)
}

const noiseParameters = z.strictObject({
  scheduler: z.string(),
  config: configSchema,
  steps: z.int(),
  float_timesteps: z.boolean(),
})

/** Noise added to samples, and velocities. */
export const replaySchedulerNoise: Replayer = ({ params, inputs }) => {
  const missing = unknownScheduler(params)
  if (missing) return missing
  const parsed = noiseParameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { scheduler, config, steps } = parsed.data
  const schedule = createSchedule(scheduler, config, steps)
  const [sample, noise] = [inputs.tensor('sample'), inputs.tensor('noise')]
  const timesteps = inputs.isWhole('timesteps') ? inputs.integers('timesteps') : [...inputs.tensor('timesteps').data]
  // The reference's Euler looks the velocity up at the number of the call, as if it were a training timestep.
  const isCall = scheduler === 'EulerDiscreteScheduler'
  const lookedUp = isCall ? timesteps.map(timestep => schedule.timesteps.indexOf(timestep)) : timesteps
  return {
    outputs: {
      add_noise: addNoise(schedule, sample, noise, timesteps),
      ...(schedule.table && { get_velocity: velocity(schedule.table, sample, noise, lookedUp) }),
    },
    isRelative: true,
  }
}

const scoreParameters = z.strictObject({
  scheduler: z.string(),
  config: configSchema,
  steps: z.int(),
  seed: seedSchema,
})

/** Stochastic sampling with two calls a step; the network's answer is -x s / (s² + 1). */
export const replayKarrasVe: Replayer = ({ params, inputs }) => {
  const parsed = scoreParameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { scheduler, config, steps, seed } = parsed.data
  const schedule = createSchedule(scheduler, config, steps)
  const generator = new TorchGenerator(seed)
  const start = mix([schedule.initialNoiseScale, inputs.tensor('sample')])
  const walk = schedule.run(start, shape => generator.normal(shape))
  const samples: Tensor[] = [] // before each call
  let call = walk.next()
  while (!call.done) {
    const { sample, input, timestep: sigma } = call.value
    samples.push(sample)
    const scale = round(round(sigma * sigma) + 1)
    call = walk.next(map(input, value => round(-value * sigma) / scale))
  }
  const ends = { sigma_min: 0.02, sigma_max: 100, ...config }
  return {
    outputs: {
      timesteps: list(Array.from({ length: steps }, (_, i) => steps - 1 - i)),
      schedule: list(karrasVeLevels(ends, steps).reverse()),
      trajectory: stack([...samples.filter((_, i) => i > 0 && i % 2 === 0), call.value]),
    },
    isRelative: true,
  }
}

/** Predictor and corrector; the network's answer is -x / (1 + sigma²). */
export const replayScoreSdeVe: Replayer = ({ params, inputs }) => {
  const parsed = scoreParameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { scheduler, config, steps, seed } = parsed.data
  const schedule = createSchedule(scheduler, config, steps)
  const { times, sigmas, discreteSigmas, predictions } = scoreSdeVePlan(config, steps)
  const noise = recorded(seed)
  const walk = schedule.run(mix([schedule.initialNoiseScale, inputs.tensor('sample')]), noise.draw)
  const calls = schedule.timesteps.length / steps // at each level; the last one predicts
  const [corrected, trajectory]: Tensor[][] = [[], []]
  let call = walk.next()
  for (let i = 0; !call.done; i++) {
    const { sample, input, timestep } = call.value
    if (i > 0 && i % calls === 0) trajectory.push(sample)
    if (i % calls === calls - 1) corrected.push(sample)
    call = walk.next(map(input, value => -value / Math.fround(1 + Math.fround(timestep * timestep))))
  }
  const mean = call.value
  return {
    outputs: {
      timesteps: list(times),
      sigmas: list(sigmas),
      discrete_sigmas: list(discreteSigmas),
      init_noise_sigma: scalar(schedule.initialNoiseScale),
      after_corrector: stack(corrected),
      trajectory: stack([...trajectory, mix([1, mean], [predictions[steps - 1].diffusion, noise.last()])]),
      final_mean: mean,
    },
    isRelative: true,
  }
}

/** The reverse diffusion, with its means. */
export const replayScoreSdeVp: Replayer = ({ params, inputs }) => {
  const parsed = scoreParameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { scheduler, config, steps, seed } = parsed.data
  const schedule = createSchedule(scheduler, config, steps)
  const plan = scoreSdeVpPlan(config, steps)
  const noise = recorded(seed)
  const walk = schedule.run(inputs.tensor('sample'), noise.draw)
  const [trajectory, means]: Tensor[][] = [[], []]
  let call = walk.next()
  for (const step of plan) {
    if (call.done) break
    const { sample, input } = call.value
    const output = dummyNetwork(input, step.time)
    means.push(reverseMean(sample, output, step))
    call = walk.next(output)
    trajectory.push(call.done ? mix([1, call.value], [step.deviation, noise.last()]) : call.value.sample)
  }
  const times = plan.map(({ time }) => time)
  return { outputs: { timesteps: list(times), trajectory: stack(trajectory), means: stack(means) }, isRelative: true }
}

/** A source of noise that remembers its last draw: a run returns the mean of its last step, the reference the sample too. */
function recorded(seed: bigint): { draw: (shape: Shape) => Tensor; last: () => Tensor } {
  const generator = new TorchGenerator(seed)
  let last = tensor([0])
  return {
    draw: shape => {
      last = generator.normal(shape)
      return last
    },
    last: () => last,
  }
}
