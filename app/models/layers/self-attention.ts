import type { Value } from '../../graph/graph.ts'
import { add, multiply } from '../../graph/ops/index.ts'
import { attend } from './attention.ts'
import { groupNormalization, linear } from './basic.ts'
import type { Layer } from './layer.ts'
import { toPicture, toTokens } from './tokens.ts'

/** How an `Attention` over a picture is written. */
export interface SelfAttentionOptions {
  /** Of the group normalisation before; null: there is none. */
  readonly groups: number | null
  readonly epsilon: number
  readonly heads: number
  /** Width of a head; absent: the heads share all channels. */
  readonly headSize?: number
  /** The sum is divided by this. */
  readonly outputScale?: number
}

/** The reference's `Attention` with `residual_connection`: x [batch, channels, height, width] attends to all its places. */
export function selfAttention(layer: Layer, x: Value, options: SelfAttentionOptions): Value {
  const { groups, epsilon, heads, headSize, outputScale = 1 } = options
  return layer.block(() => {
    const [, channels, height, width] = x.shape
    const normal = groups === null ? x : groupNormalization(layer.at('group_norm'), x, groups, epsilon)
    const tokens = toTokens(normal)
    const project = (name: string) =>
      linear(layer.at(name), tokens, headSize === undefined ? channels : heads * headSize)
    const joined = attend(project('to_q'), project('to_k'), project('to_v'), { heads })
    const sum = add(toPicture(linear(layer.at('to_out', 0), joined, channels), height, width), x)
    return outputScale === 1 ? sum : multiply(sum, 1 / outputScale)
  })
}
