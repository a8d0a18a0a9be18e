import { z } from 'zod'
import { anyNumber } from '../../../app/schedulers/config.ts'
import { createSchedule, schedulers } from '../../../app/schedulers/index.ts'
import type { Schedule } from '../../../app/schedulers/scheduler.ts'
import { mix } from '../../../app/tensor/arithmetic.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema } from '../goldens.ts'
import { list, type Output, type Replayer, scalar, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  scheduler: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  steps: z.int(),
  seed: seedSchema,
  set_timesteps: z.strictObject({}).optional(),
  step: z
    .strictObject({
      eta: z.number(),
      use_clipped_model_output: z.boolean(),
      s_churn: z.number(),
      s_tmin: z.number(),
      s_tmax: anyNumber,
      s_noise: z.number(),
    })
    .partial()
    .default({}),
})

/** Tables, timesteps, noise levels, and the path of a given sample through a dummy network. */
export const replayScheduler: Replayer = ({ params, inputs }) => {
  const { scheduler } = z.looseObject({ scheduler: z.string() }).parse(params)
  if (!Object.hasOwn(schedulers, scheduler)) return { leftOut: `there is no ${scheduler} yet` }
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { config, steps, seed, step } = parsed.data
  const schedule = createSchedule(scheduler, config, steps, {
    eta: step.eta,
    useClippedModelOutput: step.use_clipped_model_output,
    churn: step.s_churn,
    churnFrom: step.s_tmin,
    churnTo: step.s_tmax,
    churnNoise: step.s_noise,
  })
  return {
    outputs: { ...describe(schedule, config), ...run(schedule, inputs.tensor('sample'), seed) },
    isRelative: true,
  }
}

function describe(schedule: Schedule, config: Record<string, unknown>): Record<string, Output> {
  const { table, timesteps, sigmas, finalAlphaCumprod } = schedule
  const rungeKutta = config.skip_prk_steps === true ? 0 : 12 // calls of PNDM's start
  return {
    betas: list(everyNinth(table.betas)),
    alphas_cumprod: list(everyNinth(table.alphasCumprod)),
    timesteps: list(timesteps),
    prk_timesteps: list(timesteps.slice(0, rungeKutta)),
    plms_timesteps: list(timesteps.slice(rungeKutta)),
    init_noise_sigma: scalar(schedule.initialNoiseScale),
    ...(sigmas && { sigmas: list(sigmas) }),
    ...(finalAlphaCumprod !== undefined && { final_alpha_cumprod: scalar(finalAlphaCumprod) }),
  }
}

const everyNinth = (values: Float32Array): number[] => [
  ...values.filter((_, i) => i % 9 === 0),
  values[values.length - 1],
]

function run(schedule: Schedule, sample: Tensor, seed: bigint): Record<string, Output> {
  const generator = new TorchGenerator(seed)
  const steps = schedule.run(mix([schedule.initialNoiseScale, sample]), shape => generator.normal(shape))
  const inputs: Tensor[] = []
  const trajectory: Tensor[] = []
  let next = steps.next()
  while (!next.done) {
    const { input, timestep } = next.value
    inputs.push(input)
    next = steps.next(dummyNetwork(input, timestep))
    trajectory.push(next.done ? next.value : next.value.sample)
  }
  return { model_inputs: stack(inputs), trajectory: stack(trajectory) }
}

/** input · t / (t + 1) in float32 */
const dummyNetwork = ({ shape, data }: Tensor, t: number): Tensor =>
  tensor(
    shape,
    data.map(value => Math.fround(Math.fround(value * t) / Math.fround(t + 1))),
  )
