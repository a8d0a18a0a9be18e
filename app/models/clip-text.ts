import { z } from 'zod'
import { integers, type Value } from '../graph/graph.ts'
import { add, multiply, reshape, subtract } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { attend } from './layers/attention.ts'
import { activations, layerNorm, linear } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

/** Options of the reference's CLIPTextConfig with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  vocab_size: z.int().positive().default(49408),
  hidden_size: z.int().positive().default(512),
  intermediate_size: z.int().positive().default(2048),
  num_hidden_layers: z.int().positive().default(12),
  num_attention_heads: z.int().positive().default(8),
  max_position_embeddings: z.int().positive().default(77),
  hidden_act: z.enum(['quick_gelu', 'gelu']).default('quick_gelu'),
  layer_norm_eps: z.number().positive().default(1e-5),
  eos_token_id: z.int().nullable().default(49407),
})
export type ClipTextConfig = z.output<typeof configSchema>

/** What one graph of a text encoder is built for. */
export interface ClipTextSizes {
  readonly batch: number
  readonly tokens: number
  /** Whether a mask of the tokens is fed: 1 where a token counts, 0 where not. Stable Diffusion feeds none. */
  readonly mask: boolean
  /** Last layers that are left out ("clip skip"), 0 or more. */
  readonly skip: number
  /** Which state is wanted: the last, with the final normalisation (Stable Diffusion 1 and 2), or that before the last layer,
   *  without it, beside the last (Stable Diffusion XL). */
  readonly state: 'last' | 'before-last'
}

/** CLIPTextModel (transformers; Radford et al. 2021, arXiv:2103.00020).
 *  Input: input_ids [batch, tokens] (int64). Output: last_hidden_state [batch, tokens, hidden_size], after the final normalisation;
 *  for the state 'before-last' hidden_state too, of the same shape, and then no layer is missing from last_hidden_state.
 *  The states before the final normalisation are the graph's results `embeddings` and `encoder.layers.K`. */
export const clipText: Family<ClipTextConfig, ClipTextSizes> = {
  className: 'CLIPTextModel',
  config: configSchema,
  graphs: { encode },
}

function encode(layer: Layer, config: ClipTextConfig, sizes: ClipTextSizes): void {
  const { batch, tokens, mask, skip, state } = sizes
  const { graph } = layer
  const ids = graph.input('input_ids', 'int64', [batch, tokens])
  const padding = mask ? paddingBias(graph.input('attention_mask', 'float32', [batch, tokens])) : undefined
  const bias = padding === undefined ? causalBias(layer, tokens) : add(padding, causalBias(layer, tokens))
  const states = [embed(layer.at('embeddings'), ids, config)]
  for (let k = 0; k < config.num_hidden_layers; k++) {
    states.push(encoderLayer(layer.at('encoder', 'layers', k), states[k], bias, config))
  }
  // Layers that no output needs are built, but not encoded.
  const [hidden, last] = state === 'last' ? [undefined, states.at(-1 - skip)] : [states.at(-2 - skip), states.at(-1)]
  if (last === undefined || (state === 'before-last' && hidden === undefined)) {
    throw graph.problem(`A text encoder of ${config.num_hidden_layers} layers cannot leave out ${skip}.`)
  }
  if (hidden !== undefined) graph.output('hidden_state', hidden)
  graph.output('last_hidden_state', layerNorm(layer.at('final_layer_norm'), last, config.layer_norm_eps))
}

/** Tokens see themselves and what stands before them: [1, 1, tokens, tokens]. */
function causalBias(layer: Layer, tokens: number): Value {
  const values = Array.from({ length: tokens * tokens }, (_, k) => (k % tokens > Math.floor(k / tokens) ? lowest : 0))
  return layer.numbers([1, 1, tokens, tokens], values)
}

/** The smallest float32, as the reference masks; half of it, so that two masks may be added without overflow. */
const lowest = -3.4028234663852886e38 / 2

const paddingBias = (mask: Value): Value => {
  const [batch, tokens] = mask.shape
  return reshape(multiply(subtract(mask, 1), -lowest), [batch, 1, 1, tokens])
}

function embed(layer: Layer, ids: Value, config: ClipTextConfig): Value {
  return layer.build(() => {
    const tokens = ids.shape[1]
    if (tokens > config.max_position_embeddings) {
      throw layer.graph.problem(`The text encoder reads ${config.max_position_embeddings} tokens, not ${tokens}.`)
    }
    const width = config.hidden_size
    const positions = integers(
      layer.graph,
      Array.from({ length: tokens }, (_, k) => k),
    )
    const words = layer.at('token_embedding').rows('weight', [config.vocab_size, width], ids)
    const places = layer.at('position_embedding').rows('weight', [config.max_position_embeddings, width], positions)
    return add(words, places)
  })
}

function encoderLayer(layer: Layer, x: Value, bias: Value, config: ClipTextConfig): Value {
  return layer.build(() => {
    const attended = add(
      selfAttention(layer.at('self_attn'), norm(layer.at('layer_norm1'), x, config), bias, config),
      x,
    )
    const mlp = layer.at('mlp')
    const inside = linear(mlp.at('fc1'), norm(layer.at('layer_norm2'), attended, config), config.intermediate_size)
    return add(linear(mlp.at('fc2'), activations[config.hidden_act](inside), config.hidden_size), attended)
  })
}

const norm = (layer: Layer, x: Value, config: ClipTextConfig) => layerNorm(layer, x, config.layer_norm_eps)

function selfAttention(layer: Layer, x: Value, bias: Value, config: ClipTextConfig): Value {
  const project = (name: string, from: Value) => linear(layer.at(name), from, config.hidden_size)
  const joined = attend(project('q_proj', x), project('k_proj', x), project('v_proj', x), {
    heads: config.num_attention_heads,
    bias,
  })
  return project('out_proj', joined)
}
