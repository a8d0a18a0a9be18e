import { join } from 'node:path'
import { z } from 'zod'
import type { UNetConfig } from '../../../app/models/unet/config.ts'
import { unet2D } from '../../../app/models/unet-2d.ts'
import { type UNetSizes, unet2DCondition } from '../../../app/models/unet-2d-condition.ts'
import type { Network } from '../../../app/runtime/network.ts'
import { type Feeds, Session } from '../../../app/runtime/session.ts'
import { joinBatches } from '../../../app/tensor/batches.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import type { Tensors, Variant } from '../goldens.ts'
import { classOf, withNetwork } from '../models.ts'
import type { LeftOut, Replay, Replayer } from './replayer.ts'

const parameters = z.looseObject({ model: z.string() })
const known = [
  'sample',
  'timestep',
  'encoder_hidden_states',
  'encoder_attention_mask',
  'class_labels',
  'timestep_cond',
  'text_embeds',
  'time_ids',
]

/** One forward pass. */
export const replayUnet: Replayer = variant => {
  const { model } = parameters.parse(variant.params)
  if (classOf(join(variant.root, model)) === unet2D.className) return replayUnconditional(variant, model)
  return withUnet(variant, async (network, sizes, feeds) => {
    const session = await network.session('predict', sizes)
    const { out_sample: sample } = await session.run(feeds)
    return { outputs: { sample } }
  })
}

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

/** One forward pass, with the probabilities of every cross-attention. */
export const replayAttentionProbabilities: Replayer = variant =>
  withUnet(variant, async (network, sizes, feeds) => {
    const session = await network.session('predict', { ...sizes, probabilities: true })
    const { out_sample: sample, ...probabilities } = await session.run(feeds)
    const renamed = Object.entries(probabilities).map(([name, value]) => [
      name.replace('probabilities/', 'probs/'),
      value,
    ])
    return { outputs: { ...Object.fromEntries(renamed), sample } }
  })

type Fed = Feeds & { readonly timestep: Tensor }

function withUnet<Result>(
  { params, inputs, root }: Variant,
  use: (network: Network<UNetConfig, UNetSizes>, sizes: UNetSizes, feeds: Fed) => Promise<Result>,
): Promise<Result | LeftOut> {
  const { model } = parameters.parse(params)
  return withNetwork<UNetConfig, UNetSizes, Result | LeftOut>(unet2DCondition, join(root, model), async network => {
    const unknown = inputs.names.find(name => !known.includes(name))
    if (unknown !== undefined) return { leftOut: `no family takes the input ${unknown} yet` }
    return use(network, sizesOf(inputs), feedsOf(inputs, network.config))
  })
}

/** Sizes of a UNet's inputs, which are named as the reference names them. */
export function sizesOf(inputs: Tensors): UNetSizes {
  const [batch, , height, width] = inputs.shape('sample')
  const [, tokens] = inputs.shape('encoder_hidden_states')
  const timesteps = inputs.shape('timestep').length === 0 ? 'one' : 'each'
  const timeIds = inputs.has('time_ids') ? inputs.shape('time_ids')[1] : undefined
  return { batch, height, width, tokens, timesteps, timeIds, contextMask: inputs.has('encoder_attention_mask') }
}

/** Inputs of a UNet as its graph takes them. */
export function feedsOf(inputs: Tensors, config: Pick<UNetConfig, 'class_embed_type' | 'time_cond_proj_dim'>): Fed {
  const fed: Record<string, Feeds[string]> = {}
  if (config.time_cond_proj_dim != null) {
    // The reference leaves the condition out where none is given: the same as zeros.
    const shape = [inputs.shape('sample')[0], config.time_cond_proj_dim]
    fed.timestep_cond = tensor(shape, new Float32Array(shape[0] * shape[1]))
  }
  for (const name of inputs.names) fed[name] = inputs.tensor(name)
  if (inputs.has('class_labels') && config.class_embed_type == null) {
    fed.class_labels = { shape: inputs.shape('class_labels'), integers: inputs.integers('class_labels') }
  }
  const timestep = inputs.tensor('timestep')
  return { ...fed, timestep: tensor([timestep.data.length], timestep.data) }
}

function replayUnconditional({ inputs, root }: Variant, model: string): Promise<Replay | LeftOut> {
  return withNetwork(unet2D, join(root, model), async network => {
    const [batch, , height, width] = inputs.shape('sample')
    const timesteps = inputs.shape('timestep').length === 0 ? 'one' : 'each'
    const session = await network.session('predict', { batch, height, width, timesteps })
    const { class_embed_type: type } = network.config
    const class_embed_type = type === 'channels' ? null : type // ours: fed by number, as a table is
    const { out_sample: sample } = await session.run(feedsOf(inputs, { class_embed_type, time_cond_proj_dim: null }))
    return { outputs: { sample } }
  })
}
