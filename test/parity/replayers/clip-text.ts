import { join } from 'node:path'
import { z } from 'zod'
import { type ClipTextConfig, type ClipTextSizes, clipText } from '../../../app/models/clip-text.ts'
import { clipTextWithProjection, pooledStates } from '../../../app/models/clip-text-with-projection.ts'
import type { Network } from '../../../app/runtime/network.ts'
import { type Feeds, Session } from '../../../app/runtime/session.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import type { Tensors } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import { type Output, type Replayer, stack } from './replayer.ts'

const parameters = z.strictObject({ model: z.string(), cls: z.string() })

/** Token ids to the states of all layers, and to the state that stands for the whole text. */
export const replayClipText: Replayer = ({ params, inputs, root }) => {
  const { model, cls } = parameters.parse(params)
  const folder = join(root, model)
  if (cls !== clipTextWithProjection.className) {
    return withNetwork(clipText, folder, async network => {
      const states = await statesOf(network, inputs)
      return { outputs: { ...states, pooler_output: pooled(network, states.last_hidden_state, inputs) } }
    })
  }
  return withNetwork(clipTextWithProjection, folder, async network => {
    const states = await statesOf(network, inputs)
    const session = await network.session('project', sizesOf(inputs))
    const projected = await session.run({ pooled: pooled(network, states.last_hidden_state, inputs) })
    return { outputs: { ...states, ...projected } }
  })
}

const pooled = ({ config }: { config: ClipTextConfig }, states: Tensor, inputs: Tensors): Tensor =>
  pooledStates(states, inputs.integers('input_ids'), config)

function sizesOf(inputs: Tensors): ClipTextSizes {
  const [batch, tokens] = inputs.shape('input_ids')
  return { batch, tokens, mask: inputs.has('attention_mask'), skip: 0 }
}

interface States extends Readonly<Record<string, Output>> {
  readonly last_hidden_state: Tensor
}

/** The last state, those of all layers, the state that clip skip 1 gives, and those before the last layers, not normalised. */
async function statesOf<Config extends ClipTextConfig>(
  network: Network<Config, ClipTextSizes>,
  inputs: Tensors,
): Promise<States> {
  const sizes = sizesOf(inputs)
  const layers = [
    'embeddings',
    ...Array.from({ length: network.config.num_hidden_layers }, (_, k) => `encoder.layers.${k}`),
  ]
  const graph = network.build('encode', sizes)
  for (const layer of layers) {
    const value = graph.results.get(layer)
    if (value) graph.output(layer, value)
  }
  const feeds: Feeds = {
    input_ids: { shape: inputs.shape('input_ids'), integers: inputs.integers('input_ids') },
    ...(sizes.mask && { attention_mask: inputs.tensor('attention_mask') }),
  }
  const session = await Session.open(graph, { threads: 1 })
  const skipping = await network.session('encode', { ...sizes, skip: 1, hiddenBefore: 1 })
  const further = await network.session('encode', {
    ...sizes,
    hiddenBefore: Math.min(2, network.config.num_hidden_layers),
  })
  try {
    const states = await session.run(feeds)
    const skipped = await skipping.run(feeds)
    return {
      last_hidden_state: states.last_hidden_state,
      hidden_states: stack(layers.map(layer => states[layer])),
      clip_skip_1: skipped.last_hidden_state,
      hidden_state_before_1: skipped.hidden_state,
      hidden_state_before_2: (await further.run(feeds)).hidden_state,
    }
  } finally {
    await session.release()
  }
}
