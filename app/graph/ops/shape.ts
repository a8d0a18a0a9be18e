import { type Shape, sizeOf } from '../../tensor/tensor.ts'
import { integers, type Value, type ValueType } from '../graph.ts'
import { defineOp, shown } from '../op.ts'

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'Reshape',
  infer: ([x], { shape }) => {
    if (sizeOf(x.shape) !== sizeOf(shape))
      throw x.graph.problem(`${shown(x)} cannot be reshaped to [${shape.join(', ')}].`)
    return [{ type: x.type, shape }]
  },
})
/** The same elements in another shape; nothing is copied. */
export const reshape = (x: Value, shape: Shape): Value =>
  String(x.shape) === String(shape) ? x : reshapeOp([x, integers(x.graph, shape)], { shape })[0]

/** As `reshape`, but the shape is a value (int64 [rank]) that equals `shape` at run time: ties x to whatever `dimensions` waits for. */
export const reshapeBy = (x: Value, dimensions: Value, shape: Shape): Value => reshapeOp([x, dimensions], { shape })[0]

const transposeOp = defineOp<{ order: readonly number[] }>({
  name: 'Transpose',
  infer: ([x], { order }) => {
    if (order.length !== x.shape.length || new Set(order).size !== order.length) {
      throw x.graph.problem(`${shown(x)} cannot be transposed by [${order.join(', ')}].`)
    }
    return [{ type: x.type, shape: order.map(axis => x.shape[axis]) }]
  },
  emit: ({ order }) => ({ perm: { ints: order } }),
})
/** Axis k of the result is axis order[k] of x. */
export const transpose = (x: Value, order: readonly number[]): Value => transposeOp([x], { order })[0]

const concatOp = defineOp<{ axis: number }>({
  name: 'Concat',
  infer: (inputs, { axis }) => {
    const [first] = inputs
    const fits = (x: Value) =>
      x.type === first.type &&
      x.shape.length === first.shape.length &&
      x.shape.every((size, k) => k === axis || size === first.shape[k])
    const odd = inputs.find(x => !fits(x))
    if (odd !== undefined)
      throw first.graph.problem(`Concat on axis ${axis} cannot join ${shown(first)} with ${shown(odd)}.`)
    const length = inputs.reduce((sum, x) => sum + x.shape[axis], 0)
    return [{ type: first.type, shape: first.shape.with(axis, length) }]
  },
  emit: ({ axis }) => ({ axis: { int: axis } }),
})
/** Joins values that differ only on one axis (0 or larger). */
export const concat = (values: readonly Value[], axis: number): Value => concatOp(values, { axis })[0]

const splitOp = defineOp<{ axis: number; sizes: readonly number[] }>({
  name: 'Split',
  infer: ([x], { axis, sizes }) => {
    const sum = sizes.reduce((total, size) => total + size, 0)
    if (x.shape[axis] !== sum)
      throw x.graph.problem(`${shown(x)} cannot be split into [${sizes.join(', ')}] on axis ${axis}.`)
    return sizes.map((size): ValueType => ({ type: x.type, shape: x.shape.with(axis, size) }))
  },
  emit: ({ axis }) => ({ axis: { int: axis } }),
})
/** Cuts one axis (0 or larger) into parts of the given sizes. */
export const split = (x: Value, axis: number, sizes: readonly number[]): readonly Value[] =>
  splitOp([x, integers(x.graph, sizes)], { axis, sizes })

const sliceOp = defineOp<{ axis: number; start: number; end: number }>({
  name: 'Slice',
  infer: ([x], { axis, start, end }) => {
    if (start < 0 || end > x.shape[axis] || start >= end) {
      throw x.graph.problem(`${shown(x)} has no elements ${start} to ${end} on axis ${axis}.`)
    }
    return [{ type: x.type, shape: x.shape.with(axis, end - start) }]
  },
})
/** Elements start (included) to end (excluded) of one axis. */
export const slice = (x: Value, axis: number, start: number, end: number): Value =>
  sliceOp([x, ...[[start], [end], [axis]].map(list => integers(x.graph, list))], { axis, start, end })[0]

const gatherOp = defineOp<{ axis: number }>({
  name: 'Gather',
  infer: ([table, indices], { axis }) => [
    { type: table.type, shape: [...table.shape.slice(0, axis), ...indices.shape, ...table.shape.slice(axis + 1)] },
  ],
  emit: ({ axis }) => ({ axis: { int: axis } }),
})
/** Rows of a table: [rows, width], indices [..] -> [.., width]. */
export const gather = (table: Value, indices: Value, axis = 0): Value => gatherOp([table, indices], { axis })[0]

const expandOp = defineOp<{ shape: Shape }>({
  name: 'Expand',
  infer: ([x], { shape }) => [{ type: x.type, shape }],
})
/** Repeats axes of size 1 up to the given shape. */
export const expand = (x: Value, shape: Shape): Value =>
  String(x.shape) === String(shape) ? x : expandOp([x, integers(x.graph, shape)], { shape })[0]

const padOp = defineOp<{ after: readonly number[] }>({
  name: 'Pad',
  infer: ([x], { after }) => [{ type: x.type, shape: x.shape.map((size, axis) => size + after[axis]) }],
})
/** Appends zeros at the end of each axis: `after` has one count for each. */
export const padAfter = (x: Value, after: readonly number[]): Value =>
  padOp([x, integers(x.graph, [...after.map(() => 0), ...after])], { after })[0]

const reflectOp = defineOp<{ before: readonly number[]; after: readonly number[] }>({
  name: 'Pad',
  infer: ([x], { before, after }) => {
    if (x.shape.some((size, axis) => Math.max(before[axis], after[axis]) >= size))
      throw x.graph.problem(`${shown(x)} is too small to be continued by its mirror image.`)
    return [{ type: x.type, shape: x.shape.map((size, axis) => before[axis] + size + after[axis]) }]
  },
  emit: () => ({ mode: { string: 'reflect' } }),
})
/** Continues a picture [batch, channels, height, width] on all sides by its mirror image; the border itself is not repeated. */
export function padMirrored(x: Value, count: number): Value {
  const counts = [0, 0, count, count]
  return reflectOp([x, integers(x.graph, [...counts, ...counts])], { before: counts, after: counts })[0]
}

const resizeOp = defineOp<{ shape: Shape }>({
  name: 'Resize',
  infer: ([x], { shape }) => [{ type: x.type, shape }],
  emit: () => ({
    mode: { string: 'nearest' },
    coordinate_transformation_mode: { string: 'asymmetric' },
    nearest_mode: { string: 'floor' },
  }),
})
/** Nearest neighbour to the given height and width, as torch's `interpolate(mode='nearest')`. [batch, channels, height, width] */
export function resizeNearest(x: Value, height: number, width: number): Value {
  const [batch, channels] = x.shape
  const shape = [batch, channels, height, width]
  return resizeOp([x, undefined, undefined, integers(x.graph, shape)], { shape })[0]
}
