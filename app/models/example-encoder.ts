import type { Value } from '../graph/graph.ts'
import { add, reshape } from '../graph/ops/index.ts'
import {
  type ClipVisionConfig,
  type ClipVisionSizes,
  clipVisionStates,
  clipVisionWithProjection,
} from './clip-vision-with-projection.ts'
import type { Family } from './family.ts'
import { attend } from './layers/attention.ts'
import { layerNorm, linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { feedForward } from './layers/transformer.ts'

/** PaintByExampleImageEncoder (diffusers; Yang et al. 2023, arXiv:2211.13227, section 3.3): a picture as the one token that the network attends to.
 *  Input: pixel_values [batch, num_channels, image_size, image_size], see clip-image-processor.ts.
 *  Output: image_embeddings [batch, 1, projection_dim]. The parameter `uncond_vector` of the same shape stands for no picture. */
export const exampleEncoder: Family<ClipVisionConfig, ClipVisionSizes> = {
  className: 'PaintByExampleImageEncoder',
  config: clipVisionWithProjection.config,
  graphs: { encode },
}

function encode(layer: Layer, config: ClipVisionConfig, { batch }: ClipVisionSizes): void {
  const { pooled } = clipVisionStates(layer.at('model'), config, batch)
  let token = reshape(pooled, [batch, 1, config.hidden_size])
  const blocks = Math.floor((config.num_hidden_layers + 1) / 5)
  for (let k = 0; k < blocks; k++) token = mapperBlock(layer.at('mapper', 'blocks', k), token)
  const normal = layerNorm(layer.at('final_layer_norm'), token)
  const embeddings = linear(layer.at('proj_out'), normal, config.projection_dim)
  layer.graph.output('image_embeddings', embeddings)
}

/** The reference's `BasicTransformerBlock` without a context, with one head and biases. */
function mapperBlock(layer: Layer, x: Value): Value {
  return layer.block(() => {
    const width = x.shape[2]
    const attention = layer.at('attn1')
    const project = (name: string, from: Value) => linear(attention.at(name), from, width)
    const first = layerNorm(layer.at('norm1'), x)
    const joined = attend(project('to_q', first), project('to_k', first), project('to_v', first), { heads: 1 })
    const attended = add(linear(attention.at('to_out', 0), joined, width), x)
    return add(feedForward(layer.at('ff'), layerNorm(layer.at('norm3'), attended), 'gelu'), attended)
  })
}
