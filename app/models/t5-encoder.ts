import { z } from 'zod'
import { integers, type Value } from '../graph/graph.ts'
import { add, multiply, reshape, transpose } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { attend, paddingBias } from './layers/attention.ts'
import { activations, linear, rootMeanSquareNorm } from './layers/basic.ts'
import { inFull } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'
import { relativePositionBuckets } from './layers/relative-position.ts'

/** Options of the reference's T5Config with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  vocab_size: z.int().positive().default(32128),
  d_model: z.int().positive().default(512),
  /** Width of a head; the heads together need not be as wide as the model. */
  d_kv: z.int().positive().default(64),
  d_ff: z.int().positive().default(2048),
  num_layers: z.int().positive().default(6),
  num_heads: z.int().positive().default(8),
  relative_attention_num_buckets: z.int().min(4).default(32),
  relative_attention_max_distance: z.int().positive().default(128),
  layer_norm_epsilon: z.number().positive().default(1e-6),
  feed_forward_proj: z.enum(['relu', 'gelu', 'silu', 'gated-relu', 'gated-gelu', 'gated-silu']).default('relu'),
})
export type T5Config = z.output<typeof configSchema>

/** What one graph of a text encoder is built for. */
export interface T5Sizes {
  readonly batch: number
  readonly tokens: number
  /** Whether a mask of the tokens is fed: 1 where a token counts, 0 where not. Stable Diffusion 3 and Flux feed none. */
  readonly mask: boolean
}

/** T5EncoderModel (transformers; Raffel et al. 2020, arXiv:1910.10683; version 1.1 with gates: Shazeer 2020, arXiv:2002.05202).
 *  Input: input_ids [batch, tokens] (int64); attention_mask [batch, tokens] where the sizes ask for it.
 *  Output: last_hidden_state [batch, tokens, d_model]. The states before are the graph's results `encoder.embed_tokens` and
 *  `encoder.block.K`. */
export const t5Encoder: Family<T5Config, T5Sizes> = {
  className: 'T5EncoderModel',
  config: configSchema,
  graphs: { encode },
}

function encode(layer: Layer, config: T5Config, { batch, tokens, mask }: T5Sizes): void {
  const { graph } = layer
  const encoder = layer.at('encoder')
  const ids = graph.input('input_ids', 'int64', [batch, tokens])
  // All blocks share the first one's bias.
  const positions = positionBias(encoder.at('block', 0, 'layer', 0, 'SelfAttention'), tokens, config)
  const bias = mask ? add(positions, paddingBias(graph.input('attention_mask', 'float32', [batch, tokens]))) : positions
  let hidden = encoder
    .at('embed_tokens')
    .build(() => layer.at('shared').rows('weight', [config.vocab_size, config.d_model], ids))
  for (let k = 0; k < config.num_layers; k++) hidden = block(encoder.at('block', k), hidden, bias, config)
  graph.output('last_hidden_state', norm(encoder.at('final_layer_norm'), hidden, config))
}

/** A learned bias for each head and distance: [1, heads, tokens, tokens]. */
function positionBias(layer: Layer, tokens: number, config: T5Config): Value {
  const { num_heads: heads, relative_attention_num_buckets: buckets } = config
  const places = relativePositionBuckets(tokens, buckets, config.relative_attention_max_distance)
  const table = layer.at('relative_attention_bias')
  const rows = inFull(table.rows('weight', [buckets, heads], integers(layer.graph, places)))
  return reshape(transpose(rows, [1, 0]), [1, heads, tokens, tokens])
}

/** The reference's `T5Block`: self-attention and feed-forward, each normalised before and added. The sum and the last projection, whose numbers
 *  grow beyond half precision, are in single precision, as the reference keeps `wo`. */
function block(layer: Layer, x: Value, bias: Value, config: T5Config): Value {
  return layer.block(() => {
    const [attention, forward] = [layer.at('layer', 0), layer.at('layer', 1)]
    const normal = norm(attention.at('layer_norm'), x, config)
    const attended = add(inFull(selfAttention(attention.at('SelfAttention'), normal, bias, config)), inFull(x))
    const inside = norm(forward.at('layer_norm'), attended, config)
    return add(feedForward(forward.at('DenseReluDense'), inside, config), attended)
  })
}

const norm = (layer: Layer, x: Value, config: T5Config): Value =>
  rootMeanSquareNorm(layer, x, config.layer_norm_epsilon)

function selfAttention(layer: Layer, x: Value, bias: Value, config: T5Config): Value {
  const project = (name: string) => linear(layer.at(name), x, config.num_heads * config.d_kv, { bias: false })
  // T5 does not scale the scores: that is left to the weights.
  const joined = attend(project('q'), project('k'), project('v'), { heads: config.num_heads, bias, scale: 1 })
  return linear(layer.at('o'), joined, config.d_model, { bias: false })
}

function feedForward(layer: Layer, x: Value, config: T5Config): Value {
  const act = activations[activationOf(config)]
  const inside = (name: string) => linear(layer.at(name), x, config.d_ff, { bias: false })
  const hidden = isGated(config) ? multiply(inFull(act(inside('wi_0'))), inFull(inside('wi_1'))) : act(inside('wi'))
  return linear(layer.at('wo'), hidden, config.d_model, { bias: false, inFull: true })
}

const isGated = ({ feed_forward_proj: kind }: T5Config): boolean => kind.startsWith('gated-')

/** "gated-gelu" means the approximation by tanh, as in the reference; "gelu" does not. */
function activationOf({ feed_forward_proj: kind }: T5Config): keyof typeof activations {
  switch (kind) {
    case 'relu':
    case 'gated-relu':
      return 'relu'
    case 'silu':
    case 'gated-silu':
      return 'silu'
    case 'gelu':
      return 'gelu'
    case 'gated-gelu':
      return 'gelu_new'
  }
}
