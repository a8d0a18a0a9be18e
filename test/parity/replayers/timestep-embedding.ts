import { z } from 'zod'
import { Graph } from '../../../app/graph/graph.ts'
import { targets } from '../../../app/graph/targets.ts'
import { timestepEmbedding } from '../../../app/models/layers/basic.ts'
import { Layer } from '../../../app/models/layers/layer.ts'
import { Session } from '../../../app/runtime/session.ts'
import type { Replayer } from './replayer.ts'

const parameters = z.strictObject({ dim: z.int(), flip: z.boolean(), shift: z.number() })

/** Sinusoidal embeddings, computed by the layer that the UNet uses. */
export const replayTimestepEmbedding: Replayer = async ({ params, inputs }) => {
  const { dim, flip, shift } = parameters.parse(params)
  const timesteps = inputs.tensor('t')
  const graph = new Graph(targets.cpu)
  const none = () => {
    throw new Error('a timestep embedding has no parameters')
  }
  const layer = new Layer(graph, { parameter: none, table: none })
  const fed = graph.input('t', 'float32', timesteps.shape)
  const options = { flipSinToCos: flip, frequencyShift: shift }
  graph.output('emb', timestepEmbedding(layer, fed, dim, options))
  const session = await Session.open(graph, { threads: 1 })
  try {
    return { outputs: await session.run({ t: timesteps }) }
  } finally {
    await session.release()
  }
}
