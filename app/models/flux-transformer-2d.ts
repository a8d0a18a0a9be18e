import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, concat, multiply, split } from '../graph/ops/index.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Family } from './family.ts'
import { activations, linear } from './layers/basic.ts'
import { jointBlock, type Rotation, selfAttention } from './layers/joint-transformer.ts'
import type { Layer } from './layers/layer.ts'
import { continuousNorm, embedTimeAndText, modulate, modulations, plainLayerNorm } from './layers/modulation.ts'

/** Options of the reference's FluxTransformer2DModel with its defaults; values that are not written here are refused. */
const configSchema = z
  .object({
    patch_size: z.int().positive().default(1),
    in_channels: z.int().positive().default(64),
    out_channels: z.int().positive().nullish(),
    num_layers: z.int().nonnegative().default(19),
    num_single_layers: z.int().nonnegative().default(38),
    attention_head_dim: z.int().positive().default(128),
    num_attention_heads: z.int().positive().default(24),
    joint_attention_dim: z.int().positive().default(4096),
    pooled_projection_dim: z.int().positive().default(768),
    guidance_embeds: z.boolean().default(false),
    axes_dims_rope: z.array(z.int().positive().multipleOf(2)).default([16, 56, 56]),
  })
  .refine(config => config.axes_dims_rope.reduce((sum, size) => sum + size, 0) === config.attention_head_dim, {
    path: ['axes_dims_rope'],
    message: 'its sum is not attention_head_dim',
  })
export type FluxConfig = z.output<typeof configSchema>

/** What one graph is built for. */
export interface FluxSizes {
  readonly batch: number
  /** Patches of the picture: latents are given as 2 x 2 patches in a row. */
  readonly places: number
  /** Tokens of the text. */
  readonly tokens: number
  /** One timestep (and one guidance) for the whole batch, or one for each of its members. */
  readonly timesteps: 'one' | 'each'
}

/** FluxTransformer2DModel (diffusers): noisy patches, timestep and text to a velocity.
 *  Inputs: hidden_states [batch, places, in_channels], encoder_hidden_states [batch, tokens, joint_attention_dim],
 *  pooled_projections [batch, pooled_projection_dim], timestep [1 or batch] from 0 to 1, where the config has guidance_embeds
 *  guidance [1 or batch], and cosines and sines [tokens + places, attention_head_dim / 2] of `fluxRotation`.
 *  Output: out_sample [batch, places, patch_size^2 x out_channels]. */
export const fluxTransformer2D: Family<FluxConfig, FluxSizes> = {
  className: 'FluxTransformer2DModel',
  config: configSchema,
  graphs: { predict },
  usesAllWeights: true,
}

/** Rotations of positions: those of the text's tokens (zeros), then those of the patches (0, row, column), one number for each axis. */
export function fluxRotation(
  config: FluxConfig,
  positions: readonly (readonly number[])[],
): { cosines: Tensor; sines: Tensor } {
  const angles = positions.flatMap(position =>
    config.axes_dims_rope.flatMap((size, axis) =>
      Array.from({ length: size / 2 }, (_, k) => position[axis] / 10000 ** ((2 * k) / size)),
    ),
  )
  const table = (of: (angle: number) => number) =>
    tensor([positions.length, config.attention_head_dim / 2], Float32Array.from(angles, of))
  return { cosines: table(Math.cos), sines: table(Math.sin) }
}

function predict(layer: Layer, config: FluxConfig, sizes: FluxSizes): void {
  const { graph } = layer
  const { batch, places, tokens } = sizes
  const inner = config.num_attention_heads * config.attention_head_dim
  const input = (name: string, ...shape: number[]) => graph.input(name, 'float32', shape)
  const patches = input('hidden_states', batch, places, config.in_channels)
  const words = input('encoder_hidden_states', batch, tokens, config.joint_attention_dim)
  const pooled = input('pooled_projections', batch, config.pooled_projection_dim)
  const each = sizes.timesteps === 'one' ? 1 : batch
  const timestep = multiply(input('timestep', each), 1000)
  const guidance = config.guidance_embeds ? multiply(input('guidance', each), 1000) : undefined
  const angles = [tokens + places, config.attention_head_dim / 2]
  const rotation = { cosines: input('cosines', ...angles), sines: input('sines', ...angles) }

  const embedding = embedTimeAndText(layer.at('time_text_embed'), { timestep, pooled, guidance }, inner)
  const options = { heads: config.num_attention_heads, hasNorm: true, rotation }
  let streams = {
    places: linear(layer.at('x_embedder'), patches, inner),
    text: linear(layer.at('context_embedder'), words, inner),
  }
  for (let k = 0; k < config.num_layers; k++) {
    const form = { ...options, first: 'text', endsText: false, hasSecondAttention: false } as const
    const [block, before] = [layer.at('transformer_blocks', k), streams]
    streams = graph.block(() => jointBlock(block, before, embedding, form))
  }
  let joined = concat([streams.text, streams.places], 1)
  for (let k = 0; k < config.num_single_layers; k++) {
    joined = singleBlock(layer.at('single_transformer_blocks', k), joined, embedding, options)
  }
  const [, drawn] = split(joined, 1, [tokens, places])
  const normal = continuousNorm(layer.at('norm_out'), drawn, embedding)
  const channels = config.patch_size ** 2 * (config.out_channels ?? config.in_channels)
  graph.output('out_sample', linear(layer.at('proj_out'), normal, channels))
}

/** The reference's `FluxSingleTransformerBlock`: attention and feed-forward side by side. x [batch, tokens + places, width] */
function singleBlock(
  block: Layer,
  x: Value,
  embedding: Value,
  options: { heads: number; hasNorm: boolean; rotation: Rotation },
): Value {
  return block.block(() => {
    const width = x.shape[2]
    const [shift, scale, gate] = modulations(block.at('norm', 'linear'), embedding, width, 3)
    const normal = modulate(plainLayerNorm(block.at('norm', 'norm'), x), scale, shift)
    const inside = activations.gelu_tanh(linear(block.at('proj_mlp'), normal, width * 4))
    const attended = selfAttention(block.at('attn'), normal, options)
    return add(x, multiply(gate, linear(block.at('proj_out'), concat([attended, inside], 2), width)))
  })
}
