import { join } from 'node:path'
import { z } from 'zod'
import { type UNetSizes, unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import { Session } from '../../../app/runtime/session.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import type { Tensors, Variant } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import type { LeftOut, Replayer } from './replayer.ts'

const parameters = z.looseObject({ model: z.string() })
const known = ['sample', 'timestep', 'encoder_hidden_states', 'encoder_attention_mask']

/** One forward pass. */
export const replayUnet: Replayer = variant =>
  withUnet(variant, async (network, sizes, feeds) => {
    const session = await network.session('predict', sizes)
    const { out_sample: sample } = await session.run(feeds)
    return { outputs: { sample } }
  })

/** One forward pass, with what every layer computed, under the reference's module names. */
export const replayUnetIntermediates: Replayer = variant =>
  withUnet(variant, async (network, { batch, ...sizes }, feeds) => {
    // The reference's modules see one timestep for each member of the batch.
    const graph = network.build('predict', { ...sizes, batch, timesteps: 'each' })
    const timestep = joinBatches(Array.from({ length: batch / feeds.timestep.shape[0] }, () => feeds.timestep))
    const watched = [...graph.results].filter(([name]) => variant.outputs.has(name))
    for (const [name, value] of watched) graph.output(name, value)
    const session = await Session.open(graph, { threads: 1 })
    try {
      const { out_sample: sample, ...outputs } = await session.run({ ...feeds, timestep })
      return { outputs: { ...outputs, sample }, expected: { execution_order: watched.map(([name]) => name) } }
    } finally {
      await session.release()
    }
  })

interface Fed {
  readonly timestep: Tensor
  readonly [name: string]: Tensor
}
type UNet = Parameters<Parameters<typeof withNetwork<z.output<typeof unet2DCondition.config>, UNetSizes, never>>[2]>[0]

async function withUnet<Result>(
  { params, inputs, root }: Variant,
  use: (network: UNet, sizes: UNetSizes, feeds: Fed) => Promise<Result>,
): Promise<Result | LeftOut> {
  const { model } = parameters.parse(params)
  return withNetwork(unet2DCondition, join(root, model), async network => {
    const unknown = inputs.names.find(name => !known.includes(name))
    if (unknown !== undefined) return { leftOut: `no family takes the input ${unknown} yet` }
    return use(network, sizesOf(inputs), feedsOf(inputs))
  })
}

function sizesOf(inputs: Tensors): UNetSizes {
  const [batch, , height, width] = inputs.shape('sample')
  const [, tokens] = inputs.shape('encoder_hidden_states')
  const timesteps = inputs.shape('timestep').length === 0 ? 'one' : 'each'
  return { batch, height, width, tokens, timesteps, contextMask: inputs.has('encoder_attention_mask') }
}

function feedsOf(inputs: Tensors): Fed {
  const timestep = inputs.tensor('timestep')
  const fed = Object.fromEntries(inputs.names.map(name => [name, inputs.tensor(name)]))
  return { ...fed, timestep: tensor([timestep.data.length], timestep.data) }
}
