import { sizeOf } from '../../tensor/tensor.ts'
import { scalar, type Value, type ValueType } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { multiply, subtract } from './elementwise.ts'
import { reduceMean, reduceSum, sumTo } from './reductions.ts'
import { expand, reshape } from './shape.ts'

const instanceNormalizationOp = defineOp<{ epsilon: number }>({
  name: 'InstanceNormalization',
  infer: ([x, scale]) => {
    if (scale.shape[0] !== x.shape[1])
      throw x.graph.problem(`${shown(x)} has not ${scale.shape[0]} instances to normalise.`)
    return [x]
  },
  gradient: (step, { epsilon }) => {
    const { shape } = step.typeOf(0)
    const [batch, instances] = shape
    const rows = [batch, instances, sizeOf(shape.slice(2))]
    const gradient = () => reshape(step.gradient, rows)
    const normal = () => normalizedRows(reshape(step.input(0), rows), epsilon)
    const perInstance = (values: Value) => reshape(values, [instances])
    return [
      () => {
        const scaled = multiply(gradient(), reshape(step.input(1), [instances, 1]))
        return reshape(throughNormalization(scaled, normal()), shape)
      },
      () => perInstance(reduceSum(multiply(gradient(), normal().rows), [0, 2])),
      () => perInstance(reduceSum(gradient(), [0, 2])),
    ]
  },
  emit: ({ epsilon }) => ({ epsilon: { float: epsilon } }),
})
/** Each [batch, instance] row of x [batch, instances, ..] to mean 0 and variance 1, then scale and shift [instances]. */
export const instanceNormalization = (x: Value, scale: Value, shift: Value, epsilon: number): Value =>
  instanceNormalizationOp([x, scale, shift], { epsilon })[0]

const layerNormalizationOp = defineOp<{ epsilon: number; withStatistics: boolean }>({
  name: 'LayerNormalization',
  infer: ([x, scale], { withStatistics }) => {
    if (String(scale.shape) !== String(x.shape.slice(-1))) {
      throw x.graph.problem(`A layer normalisation over ${shown(scale)} cannot take ${shown(x)}.`)
    }
    const statistics: ValueType = { type: x.type, shape: x.shape.with(-1, 1) }
    return [x, ...(withStatistics ? [statistics, statistics] : [])]
  },
  gradient: (step, { epsilon }) => {
    const normal = () => normalizedRows(step.input(0), epsilon)
    return [
      () => throughNormalization(multiply(step.gradient, step.input(1)), normal()),
      () => sumTo(multiply(step.gradient, normal().rows), step.typeOf(1).shape),
      () => sumTo(step.gradient, step.typeOf(2).shape),
    ]
  },
  emit: ({ epsilon }) => ({ axis: { int: -1 }, epsilon: { float: epsilon } }),
})
/** The last axis of x [.., width] to mean 0 and variance 1, then scale and shift [width]. */
export const layerNormalization = (x: Value, scale: Value, shift: Value, epsilon: number): Value =>
  layerNormalizationOp([x, scale, shift], { epsilon, withStatistics: false })[0]

/** Rows brought to mean 0 and variance 1, and what they were divided by. */
interface NormalRows {
  /** [.., width] */
  readonly rows: Value
  /** 1 / sqrt(variance + epsilon): [.., 1] */
  readonly inverse: Value
}

/** The last axis of x [.., width] to mean 0 and variance 1. */
function normalizedRows(x: Value, epsilon: number): NormalRows {
  const ones = expand(scalar(x.graph, 1), x.shape.slice(-1))
  const [rows, , inverse] = layerNormalizationOp([x, ones], { epsilon, withStatistics: true })
  return { rows, inverse }
}

/** From the gradient of normal rows to that of the rows before: what changes their mean or their length has no effect and is taken out. */
function throughNormalization(gradient: Value, { rows, inverse }: NormalRows): Value {
  const axis = gradient.shape.length - 1
  const along = multiply(rows, reduceMean(multiply(gradient, rows), axis))
  return multiply(subtract(subtract(gradient, reduceMean(gradient, axis)), along), inverse)
}
