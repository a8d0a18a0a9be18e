import { type Shape, sizeOf } from '../../tensor/tensor.ts'
import { integers, scalar, type Value } from '../graph.ts'
import { defineOp, shown, stops } from '../op.ts'
import { multiply } from './elementwise.ts'
import { expand, reshape } from './shape.ts'

const reduceSumOp = defineOp<{ axes: readonly number[] }>({
  name: 'ReduceSum',
  infer: ([x], { axes }) => {
    if (axes.length === 0 || axes.some(axis => axis >= x.shape.length))
      throw x.graph.problem(`${shown(x)} has no axes [${axes.join(', ')}] to sum over.`)
    return [{ type: x.type, shape: x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size)) }]
  },
  gradient: step => [() => expand(step.gradient, step.typeOf(0).shape)],
  emit: () => ({ keepdims: { int: 1 } }),
})
/** The sum over some axes (0 or larger), which stay with size 1. */
export const reduceSum = (x: Value, axes: readonly number[]): Value =>
  reduceSumOp([x, integers(x.graph, axes)], { axes })[0]

const reduceMeanOp = defineOp<{ axis: number }>({
  name: 'ReduceMean',
  infer: ([x], { axis }) => [{ type: x.type, shape: x.shape.with(axis, 1) }],
  gradient: (step, { axis }) => [
    () => {
      const { shape } = step.typeOf(0)
      return expand(multiply(step.gradient, 1 / shape[axis]), shape)
    },
  ],
  emit: () => ({ keepdims: { int: 1 } }),
})
/** The mean over one axis (0 or larger), which stays with size 1. */
export const reduceMean = (x: Value, axis: number): Value => reduceMeanOp([x, integers(x.graph, [axis])], { axis })[0]

const reduceMaxOp = defineOp<{ axis: number }>({
  name: 'ReduceMax',
  infer: ([x], { axis }) => [{ type: x.type, shape: x.shape.with(axis, 1) }],
  gradient: 'none',
  emit: () => ({ keepdims: { int: 1 } }),
})
/** The largest over one axis (0 or larger), which stays with size 1. */
export const reduceMax = (x: Value, axis: number): Value => reduceMaxOp([x, integers(x.graph, [axis])], { axis })[0]

const argMinOp = defineOp<undefined>({
  name: 'ArgMin',
  infer: ([x]) => [{ type: 'int64', shape: x.shape.slice(0, -1) }],
  gradient: stops,
  emit: () => ({ axis: { int: -1 }, keepdims: { int: 0 } }),
})
/** The place of the smallest element on the last axis, the first of equals: [.., n] -> [..] (int64). */
export const argMin = (x: Value): Value => argMinOp([x], undefined)[0]

/** The sum of all elements: [] */
export const sum = (x: Value): Value => reshape(reduceSum(reshape(x, [sizeOf(x.shape)]), [0]), [])

/** The mean of all elements: [] */
export const mean = (x: Value): Value => reshape(reduceMean(reshape(x, [sizeOf(x.shape)]), 0), [])

/** Sums x over the axes along which a value of `shape` was repeated to become as large as x. */
export function sumTo(x: Value, shape: Shape): Value {
  const added = x.shape.length - shape.length
  const axes = x.shape.flatMap((size, axis) => (axis < added || size !== shape[axis - added] ? [axis] : []))
  return axes.length === 0 ? x : reshape(reduceSum(x, axes), shape)
}

/** Zeros of a shape, made when the graph runs. */
export const zeros = (like: Value, shape: Shape): Value => expand(scalar(like.graph, 0), shape)
