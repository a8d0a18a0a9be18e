import type { Value } from '../../graph/graph.ts'
import {
  add,
  matMul,
  multiHeadAttention,
  multiply,
  reshape,
  softmax,
  subtract,
  transpose,
} from '../../graph/ops/index.ts'
import { computed, inFull } from './half.ts'

/** How attention is computed. */
export interface AttentionOptions {
  readonly heads: number
  /** [batch or 1, heads or 1, queries or 1, keys], added to the scores; always computed in the plain form. */
  readonly bias?: Value
  /** Of the scores; 1 / sqrt(width of a head) unless given. */
  readonly scale?: number
  /** Told the probabilities [batch, heads, queries, keys]; always computed in the plain form. */
  readonly onProbabilities?: (probabilities: Value) => void
}

/** Scaled dot-product attention (Vaswani et al. 2017, arXiv:1706.03762, equation 1) in the target's form; in single precision throughout, so that
 *  scores cannot overflow and long sums of probabilities keep their small terms.
 *  query [batch, queries, width], key and value [batch, keys, width] -> [batch, queries, width]. */
export function attend(query: Value, key: Value, value: Value, options: AttentionOptions): Value {
  const { heads, bias, onProbabilities } = options
  if (query.graph.target.attention === 'fused' && bias === undefined && onProbabilities === undefined) {
    const scale = options.scale ?? headSize(query, heads) ** -0.5
    return computed(multiHeadAttention(inFull(query), inFull(key), inFull(value), { heads, scale }))
  }
  const scores = attentionScores(query, key, options)
  const probabilities = softmax(bias === undefined ? scores : add(scores, inFull(bias)))
  onProbabilities?.(probabilities)
  return attended(probabilities, value)
}

/** How well each key fits each query: [batch, queries, width], [batch, keys, width] -> [batch, heads, queries, keys]. */
export function attentionScores(query: Value, key: Value, { heads, scale }: AttentionOptions): Value {
  const size = headSize(query, heads)
  return multiply(matMul(perHead(query, heads, [0, 2, 1, 3]), perHead(key, heads, [0, 2, 3, 1])), scale ?? size ** -0.5)
}

/** What is seen with given probabilities [batch, heads, queries, keys]: value [batch, keys, width] -> [batch, queries, width]. */
export function attended(probabilities: Value, value: Value): Value {
  const [batch, heads, queries] = probabilities.shape
  const joined = transpose(matMul(probabilities, perHead(value, heads, [0, 2, 1, 3])), [0, 2, 1, 3])
  return computed(reshape(joined, [batch, queries, value.shape[2]]))
}

function headSize({ graph, shape: [, , width] }: Value, heads: number): number {
  if (width % heads !== 0) throw graph.problem(`A width of ${width} cannot be divided into ${heads} heads.`)
  return width / heads
}

function perHead(x: Value, heads: number, order: readonly number[]): Value {
  const [batch, tokens] = x.shape
  return transpose(reshape(inFull(x), [batch, tokens, heads, headSize(x, heads)]), order)
}

/** The smallest float32, as the reference masks; half of it, so that two masks may be added without overflow. */
export const maskedScore = -3.4028234663852886e38 / 2

/** A bias that keeps padding from being attended to. @param mask [batch, tokens], 1 where a token counts  @returns [batch, 1, 1, tokens] */
export const paddingBias = (mask: Value): Value => {
  const [batch, tokens] = mask.shape
  return reshape(multiply(subtract(mask, 1), -maskedScore), [batch, 1, 1, tokens])
}
