import { z } from 'zod'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { type ClipTextConfig, type ClipTextSizes, clipText } from './clip-text.ts'
import type { Family } from './family.ts'
import { linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

const configSchema = z.intersection(clipText.config, z.object({ projection_dim: z.int().positive().default(512) }))

/** CLIPTextModelWithProjection (transformers): a text encoder with the matrix that leads to the space shared with pictures.
 *  encode: as CLIPTextModel. project: pooled [batch, hidden_size] -> text_embeds [batch, projection_dim]. */
export const clipTextWithProjection: Family<z.output<typeof configSchema>, ClipTextSizes> = {
  className: 'CLIPTextModelWithProjection',
  config: configSchema,
  graphs: { ...clipText.graphs, project },
}

function project(layer: Layer, config: z.output<typeof configSchema>, { batch }: ClipTextSizes): void {
  const pooled = layer.graph.input('pooled', 'float32', [batch, config.hidden_size])
  const projected = linear(layer.at('text_projection'), pooled, config.projection_dim, { bias: false })
  layer.graph.output('text_embeds', projected)
}

/** Where each text ends: the place of its first end token among all tokens of the batch, whose state stands for the whole text. An
 *  eos_token_id of 2 is a mistake of old files; there the largest id is the end.
 *  @param ids of all texts, batch x tokens  @returns [batch], 0 to batch x tokens - 1 */
export function endPlaces(ids: readonly number[], tokens: number, config: ClipTextConfig): number[] {
  return Array.from({ length: ids.length / tokens }, (_, text) => {
    const own = ids.slice(text * tokens, (text + 1) * tokens)
    const end = config.eos_token_id === 2 ? Math.max(...own) : config.eos_token_id
    return text * tokens + Math.max(own.indexOf(end ?? -1), 0)
  })
}

/** The states that stand for whole texts.
 *  @param states last_hidden_state [batch, tokens, width]  @param ids of all texts, batch x tokens  @returns [batch, width] */
export function pooledStates(states: Tensor, ids: readonly number[], config: ClipTextConfig): Tensor {
  const [batch, tokens, width] = states.shape
  const pooled = new Float32Array(batch * width)
  endPlaces(ids, tokens, config).forEach((place, text) => {
    pooled.set(states.data.subarray(place * width, (place + 1) * width), text * width)
  })
  return tensor([batch, width], pooled)
}
