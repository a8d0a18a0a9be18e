import type { Value } from '../../graph/graph.ts'
import { add } from '../../graph/ops/index.ts'
import { attend } from './attention.ts'
import { activations, layerNorm, linear } from './basic.ts'
import type { Layer } from './layer.ts'

/** What CLIP's text and vision models say of their encoder; the names are the config's own. */
export interface ClipEncoderConfig {
  readonly hidden_size: number
  /** Width inside the feed-forward part. */
  readonly intermediate_size: number
  readonly num_attention_heads: number
  readonly hidden_act: 'quick_gelu' | 'gelu'
  readonly layer_norm_eps: number
}

/** The reference's `CLIPEncoderLayer`: self-attention and feed-forward, each normalised before and added.
 *  x [batch, tokens, hidden_size] -> the same.  @param bias added to the scores: [batch or 1, 1, tokens or 1, tokens] */
export function clipEncoderLayer(layer: Layer, x: Value, config: ClipEncoderConfig, bias?: Value): Value {
  return layer.block(() => {
    const normal = (name: string, value: Value) => layerNorm(layer.at(name), value, config.layer_norm_eps)
    const attended = add(selfAttention(layer.at('self_attn'), normal('layer_norm1', x), config, bias), x)
    const mlp = layer.at('mlp')
    const inside = linear(mlp.at('fc1'), normal('layer_norm2', attended), config.intermediate_size)
    return add(linear(mlp.at('fc2'), activations[config.hidden_act](inside), config.hidden_size), attended)
  })
}

/** The reference's `CLIPAttention` of tokens to each other. x [batch, tokens, hidden_size] -> the same. */
export function selfAttention(
  layer: Layer,
  x: Value,
  config: Pick<ClipEncoderConfig, 'hidden_size' | 'num_attention_heads'>,
  bias?: Value,
): Value {
  const project = (name: string, from: Value) => linear(layer.at(name), from, config.hidden_size)
  const joined = attend(project('q_proj', x), project('k_proj', x), project('v_proj', x), {
    heads: config.num_attention_heads,
    bias,
  })
  return project('out_proj', joined)
}
