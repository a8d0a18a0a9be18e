import { z } from 'zod'
import { integers, type Value } from '../graph/graph.ts'
import { add } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { maskedScore, paddingBias } from './layers/attention.ts'
import { layerNorm } from './layers/basic.ts'
import { clipEncoderLayer } from './layers/clip-encoder.ts'
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
  /** Last layers that are left out of `last_hidden_state` ("clip skip"), 0 or more; the final normalisation follows all the same.
   *  1 is the penultimate state as Stable Diffusion 2 reads it. */
  readonly skip: number
  /** Where given, `hidden_state` is an output too: the state that enters this many last layers, not normalised. 1 is the penultimate
   *  state as Stable Diffusion XL reads it, the reference's hidden_states[-2]; 1 + k with clip skip k. */
  readonly hiddenBefore?: number
}

/** CLIPTextModel (transformers; Radford et al. 2021, arXiv:2103.00020).
 *  Input: input_ids [batch, tokens] (int64); attention_mask [batch, tokens] where the sizes ask for it.
 *  Outputs: last_hidden_state [batch, tokens, hidden_size], after the final normalisation; hidden_state of the same shape where the sizes
 *  ask for it. The states before the final normalisation are the graph's results `embeddings` and `encoder.layers.K`. */
export const clipText: Family<ClipTextConfig, ClipTextSizes> = {
  className: 'CLIPTextModel',
  config: configSchema,
  graphs: { encode },
}

function encode(layer: Layer, config: ClipTextConfig, sizes: ClipTextSizes): void {
  const states = clipTextStates(layer, config, sizes)
  const stateBefore = (layers: number) => {
    const state = states[config.num_hidden_layers - layers]
    if (state !== undefined) return state
    throw layer.graph.problem(
      `The text encoder has ${config.num_hidden_layers} layers, so ${layers} cannot be left out.`,
    )
  }
  layer.graph.output('last_hidden_state', finalNorm(layer, stateBefore(sizes.skip), config))
  if (sizes.hiddenBefore !== undefined) layer.graph.output('hidden_state', stateBefore(sizes.hiddenBefore))
}

/** Declares the inputs; the states of all layers, [batch, tokens, hidden_size] each: the embeddings first, then what each layer gives. */
export function clipTextStates(
  layer: Layer,
  config: ClipTextConfig,
  { batch, tokens, mask }: Pick<ClipTextSizes, 'batch' | 'tokens' | 'mask'>,
): Value[] {
  const { graph } = layer
  const ids = graph.input('input_ids', 'int64', [batch, tokens])
  const padding = mask ? paddingBias(graph.input('attention_mask', 'float32', [batch, tokens])) : undefined
  const bias = padding === undefined ? causalBias(layer, tokens) : add(padding, causalBias(layer, tokens))
  const states = [embed(layer.at('embeddings'), ids, config)]
  for (let k = 0; k < config.num_hidden_layers; k++) {
    states.push(clipEncoderLayer(layer.at('encoder', 'layers', k), states[k], config, bias))
  }
  return states
}

/** The final normalisation of a text encoder's state. */
export const finalNorm = (layer: Layer, state: Value, config: ClipTextConfig): Value =>
  layerNorm(layer.at('final_layer_norm'), state, config.layer_norm_eps)

/** Tokens see themselves and what stands before them: [1, 1, tokens, tokens]. */
function causalBias(layer: Layer, tokens: number): Value {
  const values = Array.from({ length: tokens * tokens }, (_, k) =>
    k % tokens > Math.floor(k / tokens) ? maskedScore : 0,
  )
  return layer.numbers([1, 1, tokens, tokens], values)
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
