import { join } from 'node:path'
import { z } from 'zod'
import { ditTransformer2D } from '../../../app/models/dit-transformer-2d.ts'
import { fluxRotation, fluxTransformer2D } from '../../../app/models/flux-transformer-2d.ts'
import { sd3Transformer2D } from '../../../app/models/sd3-transformer-2d.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import type { Tensors } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import type { Replayer } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** One forward pass of DiTTransformer2DModel. */
export const replayDiT: Replayer = ({ params, inputs, root }) =>
  withNetwork(ditTransformer2D, join(root, parameters.parse(params).model), async network => {
    const [batch, , height, width] = inputs.shape('sample')
    const session = await network.session('predict', { batch, height, width, timesteps: timestepsOf(inputs) })
    const { out_sample: sample } = await session.run({
      hidden_states: inputs.tensor('sample'),
      timestep: flat(inputs, 'timestep'),
      class_labels: { shape: [batch], integers: inputs.integers('class_labels') },
    })
    return { outputs: { sample } }
  })

/** One forward pass of SD3Transformer2DModel. */
export const replaySD3: Replayer = ({ params, inputs, root }) =>
  withNetwork(sd3Transformer2D, join(root, parameters.parse(params).model), async network => {
    const [batch, , height, width] = inputs.shape('hidden_states')
    const [, tokens] = inputs.shape('encoder_hidden_states')
    const session = await network.session('predict', { batch, height, width, tokens, timesteps: timestepsOf(inputs) })
    const { out_sample: sample } = await session.run({ ...text(inputs), timestep: flat(inputs, 'timestep') })
    return { outputs: { sample } }
  })

/** One forward pass of FluxTransformer2DModel. */
export const replayFlux: Replayer = ({ params, inputs, root }) =>
  withNetwork(fluxTransformer2D, join(root, parameters.parse(params).model), async network => {
    const [batch, places] = inputs.shape('hidden_states')
    const [, tokens] = inputs.shape('encoder_hidden_states')
    const session = await network.session('predict', { batch, places, tokens, timesteps: timestepsOf(inputs) })
    const positions = [...rows(inputs.tensor('txt_ids')), ...rows(inputs.tensor('img_ids'))]
    const { out_sample: sample } = await session.run({
      ...text(inputs),
      ...fluxRotation(network.config, positions),
      timestep: flat(inputs, 'timestep'),
      ...(inputs.has('guidance') ? { guidance: flat(inputs, 'guidance') } : {}),
    })
    return { outputs: { sample } }
  })

const timestepsOf = (inputs: Tensors) => (inputs.shape('timestep').length === 0 ? 'one' : 'each')

const flat = (inputs: Tensors, name: string): Tensor => {
  const { data } = inputs.tensor(name)
  return tensor([data.length], data)
}

const text = (inputs: Tensors) => ({
  hidden_states: inputs.tensor('hidden_states'),
  encoder_hidden_states: inputs.tensor('encoder_hidden_states'),
  pooled_projections: inputs.tensor('pooled_projections'),
})

const rows = ({ shape: [count, width], data }: Tensor): number[][] =>
  Array.from({ length: count }, (_, k) => [...data.subarray(k * width, (k + 1) * width)])
