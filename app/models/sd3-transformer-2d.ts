import { z } from 'zod'
import { integers, type Value } from '../graph/graph.ts'
import { add } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { linear } from './layers/basic.ts'
import { jointBlock } from './layers/joint-transformer.ts'
import type { Layer } from './layers/layer.ts'
import { continuousNorm, embedTimeAndText } from './layers/modulation.ts'
import { embedPatches, joinPatches, type PatchGrid } from './layers/patches.ts'

/** Options of the reference's SD3Transformer2DModel with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  sample_size: z.int().positive().default(128),
  patch_size: z.int().positive().default(2),
  in_channels: z.int().positive().default(16),
  num_layers: z.int().positive().default(18),
  attention_head_dim: z.int().positive().default(64),
  num_attention_heads: z.int().positive().default(18),
  joint_attention_dim: z.int().positive().default(4096),
  caption_projection_dim: z.int().positive().default(1152),
  pooled_projection_dim: z.int().positive().default(2048),
  out_channels: z.int().positive().nullable().default(16),
  pos_embed_max_size: z.int().positive().default(96),
  dual_attention_layers: z.array(z.int()).default([]),
  qk_norm: z.literal('rms_norm').nullish(),
})
export type SD3Config = z.output<typeof configSchema>

/** What one graph is built for. */
export interface SD3Sizes {
  readonly batch: number
  /** Of the latents. */
  readonly height: number
  readonly width: number
  /** Tokens of the text. */
  readonly tokens: number
  /** One timestep for the whole batch, or one for each of its members. */
  readonly timesteps: 'one' | 'each'
}

/** SD3Transformer2DModel (diffusers; Esser et al. 2024, arXiv:2403.03206): noisy latents, timestep and text to a velocity.
 *  Inputs: hidden_states [batch, in_channels, height, width], encoder_hidden_states [batch, tokens, joint_attention_dim],
 *  pooled_projections [batch, pooled_projection_dim], timestep [1 or batch]. Output: out_sample [batch, out_channels, height, width]. */
export const sd3Transformer2D: Family<SD3Config, SD3Sizes> = {
  className: 'SD3Transformer2DModel',
  config: configSchema,
  graphs: { predict },
  usesAllWeights: true,
}

function predict(layer: Layer, config: SD3Config, sizes: SD3Sizes): void {
  const { graph } = layer
  const { batch, height, width, tokens } = sizes
  const { patch_size: patch, num_attention_heads: heads } = config
  const inner = heads * config.attention_head_dim
  const latents = graph.input('hidden_states', 'float32', [batch, config.in_channels, height, width])
  const words = graph.input('encoder_hidden_states', 'float32', [batch, tokens, config.joint_attention_dim])
  const pooled = graph.input('pooled_projections', 'float32', [batch, config.pooled_projection_dim])
  const timestep = graph.input('timestep', 'float32', [sizes.timesteps === 'one' ? 1 : batch])

  const grid = { rows: Math.floor(height / patch), columns: Math.floor(width / patch) }
  const positions = layer.at('pos_embed')
  const embedding = embedTimeAndText(layer.at('time_text_embed'), { timestep, pooled }, inner)
  let streams = {
    places: add(embedPatches(positions, latents, inner, patch), middlePositions(positions, grid, config)),
    text: linear(layer.at('context_embedder'), words, config.caption_projection_dim),
  }
  for (let k = 0; k < config.num_layers; k++) {
    const form = {
      heads,
      hasNorm: config.qk_norm != null,
      first: 'places',
      endsText: k === config.num_layers - 1,
      hasSecondAttention: config.dual_attention_layers.includes(k),
    } as const
    const [block, before] = [layer.at('transformer_blocks', k), streams]
    streams = graph.block(() => jointBlock(block, before, embedding, form))
  }
  const normal = continuousNorm(layer.at('norm_out'), streams.places, embedding)
  const channels = config.out_channels ?? config.in_channels
  graph.output('out_sample', joinPatches(linear(layer.at('proj_out'), normal, patch ** 2 * channels), grid, patch))
}

/** The middle of the stored table of positions: [1, rows x columns, width]. */
function middlePositions(layer: Layer, { rows, columns }: PatchGrid, config: SD3Config): Value {
  const { pos_embed_max_size: side, num_attention_heads: heads, attention_head_dim: size } = config
  if (Math.max(rows, columns) > side) {
    throw layer.graph.problem(`${rows} x ${columns} patches are more than the ${side} x ${side} that this model knows.`)
  }
  const [top, left] = [rows, columns].map(count => Math.floor((side - count) / 2))
  const wanted = Array.from({ length: rows * columns }, (_, k) => {
    return (top + Math.floor(k / columns)) * side + left + (k % columns)
  })
  return layer.rows('pos_embed', [1, side * side, heads * size], integers(layer.graph, wanted), 1)
}
