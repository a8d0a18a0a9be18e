import type { Shape } from '../../tensor/tensor.ts'
import type { BackwardStep, Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { add, multiply, subtract } from './elementwise.ts'
import { matMul, transposed } from './linear.ts'
import { reduceSum, sumTo } from './reductions.ts'
import { concat, reshape, slice, transpose } from './shape.ts'

const softmaxOp = defineOp<undefined>({
  name: 'Softmax',
  infer: ([x]) => [x],
  gradient: step => [() => throughSoftmax(step.gradient, step.output())],
  emit: () => ({ axis: { int: -1 } }),
})
function throughSoftmax(gradient: Value, probabilities: Value): Value {
  const axis = gradient.shape.length - 1
  return multiply(probabilities, subtract(gradient, reduceSum(multiply(gradient, probabilities), [axis])))
}
/** exp(x) / sum(exp(x)) over the last axis. */
export const softmax = (x: Value): Value => softmaxOp([x], undefined)[0]

const multiHeadAttentionOp = defineOp<{ heads: number; scale: number }>({
  name: 'MultiHeadAttention',
  domain: 'com.microsoft',
  infer: ([query, key, value]) => {
    const fits =
      query.shape.length === 3 &&
      query.shape[0] === key.shape[0] &&
      query.shape[2] === key.shape[2] &&
      key.shape[1] === value.shape[1]
    if (!fits)
      throw query.graph.problem(
        `Attention cannot join queries ${shown(query)}, keys ${shown(key)}, values ${shown(value)}.`,
      )
    return [{ type: query.type, shape: [query.shape[0], query.shape[1], value.shape[2]] }]
  },
  gradient: attentionGradient,
  emit: ({ heads, scale }) => ({ num_heads: { int: heads }, scale: { float: scale } }),
})
/** Attention in one operation; nothing of size queries x keys is stored.
 *  query [batch, queries, width], key and value [batch, keys, width]; bias [batch or 1, heads or 1, queries, keys] is added to the scores. */
export const multiHeadAttention = (
  query: Value,
  key: Value,
  value: Value,
  options: { heads: number; scale: number; bias?: Value },
): Value =>
  multiHeadAttentionOp([query, key, value, undefined, undefined, options.bias], {
    heads: options.heads,
    scale: options.scale,
  })[0]

/** Elements of probabilities that a backward part computes at once: 32 MB of them. */
const PROBABILITIES_AT_ONCE = 1 << 23

/** The way back through attention: its probabilities are computed again, for a few heads at a time. */
function attentionGradient(step: BackwardStep, { heads, scale }: { heads: number; scale: number }) {
  const [query, key, value] = [0, 1, 2].map(place => step.typeOf(place).shape)
  const atOnce = Math.max(1, Math.floor(PROBABILITIES_AT_ONCE / (query[0] * query[1] * key[1])))
  let made: readonly HeadsGradients[] | undefined
  // All that some heads give is built before the next ones: their probabilities do not live together.
  const parts = () => {
    made ??= Array.from({ length: Math.ceil(heads / atOnce) }, (_, k) => {
      const start = k * atOnce
      return headsGradients(step, { heads, scale, start, count: Math.min(atOnce, heads - start) })
    })
    return made
  }
  const joined = (of: (part: HeadsGradients) => Value, shape: Shape) => () =>
    reshape(transpose(joinHeads(parts().map(of)), [0, 2, 1, 3]), shape)
  return [
    joined(part => part.query, query),
    joined(part => part.key, key),
    joined(part => part.value, value),
    undefined,
    undefined,
    () => sumTo(joinHeads(parts().map(part => part.scores)), step.typeOf(5).shape),
  ]
}

const joinHeads = (parts: readonly Value[]): Value => (parts.length === 1 ? parts[0] : concat(parts, 1))

/** Gradients of some heads: [batch, count, tokens, size], of the scores [batch, count, queries, keys]. */
interface HeadsGradients {
  readonly query: Value
  readonly key: Value
  readonly value: Value
  readonly scores: Value
}

function headsGradients(
  step: BackwardStep,
  { heads, scale, start, count }: { heads: number; scale: number; start: number; count: number },
): HeadsGradients {
  const some = (x: Value, axis: number) => (count === heads ? x : slice(x, axis, start, start + count))
  const perHead = (x: Value) => {
    const [batch, tokens, width] = x.shape
    return transpose(some(reshape(x, [batch, tokens, heads, width / heads]), 2), [0, 2, 1, 3])
  }
  const [query, key, value] = [0, 1, 2].map(place => perHead(step.input(place)))
  const [output, gradient] = [step.output(), step.gradient].map(perHead)
  const scaledQuery = multiply(query, scale)
  const products = matMul(scaledQuery, transposed(key))
  const bias = step.has(5) ? step.input(5) : undefined
  const probabilities = softmax(
    bias === undefined ? products : add(products, bias.shape[1] === 1 ? bias : some(bias, 1)),
  )
  // The sum over the keys of probability times its gradient is that over the output (Dao et al. 2022, arXiv:2205.14135, appendix B.4).
  const sums = reduceSum(multiply(gradient, output), [3])
  const scores = multiply(probabilities, subtract(matMul(gradient, transposed(value)), sums))
  return {
    scores,
    query: multiply(matMul(scores, key), scale),
    key: matMul(transposed(scores), scaledQuery),
    value: matMul(transposed(probabilities), gradient),
  }
}
