import { z } from 'zod'
import { repaint } from '../../../app/schedulers/repaint.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema } from '../goldens.ts'
import { list, type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  scheduler: z.literal('RePaintScheduler'),
  config: z.record(z.string(), z.unknown()),
  steps: z.int(),
  jump_length: z.int(),
  jump_n_sample: z.int(),
  seed: seedSchema,
})

/** The way of a sample through jumps, with what is known of it. */
export const replayRePaint: Replayer = ({ params, inputs }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { config, steps, jump_length: jumpLength, jump_n_sample: passes, seed } = parsed.data
  const generator = new TorchGenerator(seed)
  const passed: Tensor[] = []
  const timesteps: number[] = []
  const schedule = repaint(config, steps, {
    ...{ jumpLength, passes, eta: Number(config.eta) },
    known: { picture: inputs.tensor('original'), mask: inputs.tensor('mask') },
    onSample: (sample, timestep) => {
      passed.push(sample)
      timesteps.push(timestep)
    },
  })
  const walk = schedule.run(inputs.tensor('sample'), (shape: Shape) => generator.normal(shape))
  for (let next = walk.next(); !next.done; ) {
    const { input, timestep } = next.value
    const answer = input.data.map(value => Math.fround(value * timestep) / Math.fround(timestep + 1))
    next = walk.next(tensor(input.shape, answer))
  }
  return { outputs: { timesteps: list(timesteps), trajectory: stack(passed) }, isRelative: true }
}
