import type { Value } from '../../graph/graph.ts'
import { add, concat, transpose } from '../../graph/ops/index.ts'
import { attend } from './attention.ts'
import { groupNormalization, layerNorm, linear } from './basic.ts'
import type { Layer } from './layer.ts'
import { toPicture, toTokens } from './tokens.ts'
import type { TransformerContext } from './transformer.ts'

/** How an attention to places and text at once is written. */
export interface ContextAttentionOptions {
  readonly groups: number
  readonly headSize: number
  readonly contextNorm: 'layer_norm' | 'group_norm' | null
  /** The text alone, not the places of the picture. */
  readonly onlyCrossAttention: boolean
}

/** The reference's `Attention` with added keys: x [batch, channels, height, width] attends to the text and to all its places at once. */
export function contextAttention(
  layer: Layer,
  x: Value,
  { context, contextBias }: TransformerContext,
  options: ContextAttentionOptions,
): Value {
  return layer.block(() => {
    const [, channels, height, width] = x.shape
    const tokens = toTokens(groupNormalization(layer.at('group_norm'), x, options.groups, 1e-5))
    const text = normalizedContext(layer.at('norm_cross'), context, options.contextNorm)
    const project = (name: string, from: Value) => linear(layer.at(name), from, channels)
    const joined = (added: string, own: string) =>
      options.onlyCrossAttention ? project(added, text) : concat([project(added, text), project(own, tokens)], 1)
    const attended = attend(project('to_q', tokens), joined('add_k_proj', 'to_k'), joined('add_v_proj', 'to_v'), {
      heads: Math.floor(channels / options.headSize),
      bias: contextBias && (options.onlyCrossAttention ? contextBias : withPlaces(layer, contextBias, tokens.shape[1])),
    })
    return add(toPicture(linear(layer.at('to_out', 0), attended, channels), height, width), x)
  })
}

/** The reference's `norm_cross`: context [batch, keys, width]. */
export function normalizedContext(layer: Layer, context: Value, kind: 'layer_norm' | 'group_norm' | null): Value {
  if (kind === null) return context
  if (kind === 'layer_norm') return layerNorm(layer, context)
  return transpose(groupNormalization(layer, transpose(context, [0, 2, 1]), 32, 1e-5), [0, 2, 1])
}

/** [batch, 1, 1, keys] and 0 for each place, which always counts. */
function withPlaces(layer: Layer, bias: Value, places: number): Value {
  const shape = [bias.shape[0], 1, 1, places]
  return concat([bias, layer.numbers(shape, new Array(shape[0] * places).fill(0))], 3)
}
