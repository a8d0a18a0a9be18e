import { join } from 'node:path'
import { z } from 'zod'
import { clipVisionWithProjection } from '../../../app/models/clip-vision-with-projection.ts'
import { Session } from '../../../app/runtime/session.ts'
import { withNetwork } from '../models.ts'
import { type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({ model: z.string() })

/** Pictures to the states of all layers, and to their place in the space shared with texts. */
export const replayClipVision: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(clipVisionWithProjection, join(root, parsed.data.model), async network => {
    const pixels = inputs.tensor('pixel_values')
    const graph = network.build('encode', { batch: pixels.shape[0] })
    const layers = [
      'vision_model.pre_layrnorm',
      ...Array.from({ length: network.config.num_hidden_layers }, (_, k) => `vision_model.encoder.layers.${k}`),
    ]
    for (const layer of layers) {
      const value = graph.results.get(layer)
      if (value) graph.output(layer, value)
    }
    const session = await Session.open(graph, { threads: 1 })
    try {
      const results = await session.run({ pixel_values: pixels })
      return { outputs: { ...results, hidden_states: stack(layers.map(layer => results[layer])) } }
    } finally {
      await session.release()
    }
  })
}
