import { integers, type Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'

const instanceNormalizationOp = defineOp<{ epsilon: number }>({
  name: 'InstanceNormalization',
  infer: ([x, scale]) => {
    if (scale.shape[0] !== x.shape[1])
      throw x.graph.problem(`${shown(x)} has not ${scale.shape[0]} instances to normalise.`)
    return [x]
  },
  emit: ({ epsilon }) => ({ epsilon: { float: epsilon } }),
})
/** Each [batch, instance] row of x [batch, instances, ..] to mean 0 and variance 1, then scale and shift [instances]. */
export const instanceNormalization = (x: Value, scale: Value, shift: Value, epsilon: number): Value =>
  instanceNormalizationOp([x, scale, shift], { epsilon })[0]

const layerNormalizationOp = defineOp<{ epsilon: number }>({
  name: 'LayerNormalization',
  infer: ([x, scale]) => {
    if (String(scale.shape) !== String(x.shape.slice(-1))) {
      throw x.graph.problem(`A layer normalisation over ${shown(scale)} cannot take ${shown(x)}.`)
    }
    return [x]
  },
  emit: ({ epsilon }) => ({ axis: { int: -1 }, epsilon: { float: epsilon } }),
})
/** The last axis of x [.., width] to mean 0 and variance 1, then scale and shift [width]. */
export const layerNormalization = (x: Value, scale: Value, shift: Value, epsilon: number): Value =>
  layerNormalizationOp([x, scale, shift], { epsilon })[0]

const reduceMeanOp = defineOp<{ axis: number }>({
  name: 'ReduceMean',
  infer: ([x], { axis }) => [{ type: x.type, shape: x.shape.with(axis, 1) }],
  emit: () => ({ keepdims: { int: 1 } }),
})
/** The mean over one axis (0 or larger), which stays with size 1. */
export const reduceMean = (x: Value, axis: number): Value => reduceMeanOp([x, integers(x.graph, [axis])], { axis })[0]

const argMinOp = defineOp<undefined>({
  name: 'ArgMin',
  infer: ([x]) => [{ type: 'int64', shape: x.shape.slice(0, -1) }],
  emit: () => ({ axis: { int: -1 }, keepdims: { int: 0 } }),
})
/** The place of the smallest element on the last axis, the first of equals: [.., n] -> [..] (int64). */
export const argMin = (x: Value): Value => argMinOp([x], undefined)[0]

const softmaxOp = defineOp<undefined>({
  name: 'Softmax',
  infer: ([x]) => [x],
  emit: () => ({ axis: { int: -1 } }),
})
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
