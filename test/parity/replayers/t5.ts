import { join } from 'node:path'
import { z } from 'zod'
import { t5Encoder } from '../../../app/models/t5-encoder.ts'
import { Session } from '../../../app/runtime/session.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** Token ids to the states of all blocks; the last one is normalised, as the reference lists it. */
export const replayT5: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(t5Encoder, join(root, parsed.data.model), async network => {
    const [batch, tokens] = inputs.shape('input_ids')
    const mask = inputs.has('attention_mask')
    const graph = network.build('encode', { batch, tokens, mask })
    const layers = [
      'encoder.embed_tokens',
      ...Array.from({ length: network.config.num_layers - 1 }, (_, k) => `encoder.block.${k}`),
    ]
    for (const layer of layers) {
      const value = graph.results.get(layer)
      if (value) graph.output(layer, value)
    }
    const session = await Session.open(graph, { threads: 1 })
    try {
      const states = await session.run({
        input_ids: { shape: [batch, tokens], integers: inputs.integers('input_ids') },
        ...(mask && { attention_mask: inputs.tensor('attention_mask') }),
      })
      const { last_hidden_state: last } = states
      return {
        outputs: { last_hidden_state: last, hidden_states: stack([...layers.map(layer => states[layer]), last]) },
      }
    } finally {
      await session.release()
    }
  })
}
