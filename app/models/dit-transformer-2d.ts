import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, multiply } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { attend } from './layers/attention.ts'
import { embeddingLayers, layerNorm, linear, timestepEmbedding } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { addFeedForward, modulate, modulations, plainLayerNorm } from './layers/modulation.ts'
import { addSinusoidalPositions, embedPatches, joinPatches } from './layers/patches.ts'

/** Options of the reference's DiTTransformer2DModel with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  num_attention_heads: z.int().positive().default(16),
  attention_head_dim: z.int().positive().default(72),
  in_channels: z.int().positive().default(4),
  out_channels: z.int().positive().nullish(),
  num_layers: z.int().positive().default(28),
  attention_bias: z.boolean().default(true),
  sample_size: z.int().positive().default(32),
  patch_size: z.int().positive().default(2),
  activation_fn: z.enum(['gelu-approximate', 'gelu', 'geglu']).default('gelu-approximate'),
  num_embeds_ada_norm: z.int().positive().default(1000),
  norm_type: z.literal('ada_norm_zero').default('ada_norm_zero'),
  norm_elementwise_affine: z.boolean().default(false),
  norm_eps: z.number().positive().default(1e-5),
})
export type DiTConfig = z.output<typeof configSchema>

/** What one graph is built for: sizes of the latents. */
export interface DiTSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
  /** One timestep for the whole batch, or one for each of its members. */
  readonly timesteps: 'one' | 'each'
}

/** DiTTransformer2DModel (diffusers; Peebles & Xie 2022, arXiv:2212.09748): latents of a class to noise and, where it has twice the
 *  channels, its variance. Inputs: hidden_states [batch, in_channels, height, width], timestep [1 or batch], class_labels [batch], of which
 *  num_embeds_ada_norm is none. Output: out_sample [batch, out_channels, height, width]. */
export const ditTransformer2D: Family<DiTConfig, DiTSizes> = {
  className: 'DiTTransformer2DModel',
  config: configSchema,
  graphs: { predict },
  usesAllWeights: true,
}

function predict(layer: Layer, config: DiTConfig, sizes: DiTSizes): void {
  const { graph } = layer
  const { batch, height, width } = sizes
  const { patch_size: patch, sample_size: trained } = config
  const inner = config.num_attention_heads * config.attention_head_dim
  const latents = graph.input('hidden_states', 'float32', [batch, config.in_channels, height, width])
  const timestep = graph.input('timestep', 'float32', [sizes.timesteps === 'one' ? 1 : batch])
  const labels = graph.input('class_labels', 'int64', [batch])

  const grid = { rows: Math.floor(height / patch), columns: Math.floor(width / patch) }
  const patches = embedPatches(layer.at('pos_embed'), latents, inner, patch)
  let hidden = addSinusoidalPositions(patches, grid, Math.floor(trained / patch))
  const embedded = (index: number) =>
    classAndTime(layer.at('transformer_blocks', index, 'norm1', 'emb'), timestep, labels, config)
  for (let k = 0; k < config.num_layers; k++) {
    const block = layer.at('transformer_blocks', k)
    hidden = block.block(() => transformerBlock(block, hidden, embedded(k), config))
  }
  const [shift, scale] = modulations(layer.at('proj_out_1'), embedded(0), inner, 2)
  const channels = config.out_channels ?? config.in_channels
  const normal = modulate(plainLayerNorm(layer.at('norm_out'), hidden), scale, shift)
  graph.output('out_sample', joinPatches(linear(layer.at('proj_out_2'), normal, patch ** 2 * channels), grid, patch))
}

/** The reference's `CombinedTimestepLabelEmbeddings` -> [batch, width] */
function classAndTime(layer: Layer, timestep: Value, labels: Value, config: DiTConfig): Value {
  const width = config.num_attention_heads * config.attention_head_dim
  const options = { flipSinToCos: true, frequencyShift: 1 }
  const sinusoid = timestepEmbedding(layer.at('time_proj'), timestep, 256, options)
  const table = layer.at('class_embedder', 'embedding_table')
  return add(
    embeddingLayers(layer.at('timestep_embedder'), sinusoid, width),
    // One row more than classes: the one for none.
    table.rows('weight', [config.num_embeds_ada_norm + 1, width], labels),
  )
}

/** The reference's `BasicTransformerBlock` with ada_norm_zero. */
function transformerBlock(block: Layer, x: Value, embedding: Value, config: DiTConfig): Value {
  const width = x.shape[2]
  const [shift, scale, gate, ...rest] = modulations(block.at('norm1', 'linear'), embedding, width, 6)
  const normal = modulate(plainLayerNorm(block.at('norm1', 'norm'), x), scale, shift)
  const attention = block.at('attn1')
  const project = (name: string) => linear(attention.at(name), normal, width, { bias: config.attention_bias })
  const joined = attend(project('to_q'), project('to_k'), project('to_v'), { heads: config.num_attention_heads })
  const attended = add(multiply(gate, linear(attention.at('to_out', 0), joined, width)), x)
  const inside = block.at('norm3')
  const second = config.norm_elementwise_affine
    ? layerNorm(inside, attended, config.norm_eps)
    : plainLayerNorm(inside, attended, config.norm_eps)
  const [mlpShift, mlpScale, mlpGate] = rest
  return addFeedForward(block.at('ff'), attended, second, {
    shift: mlpShift,
    scale: mlpScale,
    gate: mlpGate,
    form: config.activation_fn,
  })
}
