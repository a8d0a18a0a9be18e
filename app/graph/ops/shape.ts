import { type Shape, sizeOf } from '../../tensor/tensor.ts'
import { constant, integers, scalar, type Value, type ValueType } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { add, cast, greater, multiply } from './elementwise.ts'
import { matMul } from './linear.ts'
import { averageOfTiles } from './pooling.ts'
import { sumTo, zeros } from './reductions.ts'

const reshapeOp = defineOp<{ shape: Shape }>({
  name: 'Reshape',
  infer: ([x], { shape }) => {
    if (sizeOf(x.shape) !== sizeOf(shape))
      throw x.graph.problem(`${shown(x)} cannot be reshaped to [${shape.join(', ')}].`)
    return [{ type: x.type, shape }]
  },
  gradient: step => [() => reshape(step.gradient, step.typeOf(0).shape)],
})
/** The same elements in another shape; nothing is copied. */
export const reshape = (x: Value, shape: Shape): Value =>
  String(x.shape) === String(shape) ? x : reshapeOp([x, integers(x.graph, shape)], { shape })[0]

/** x in a shape, but not before `anchor` is there: the shape waits for a zero computed from it. Nothing is copied. */
export function after(x: Value, anchor: Value, shape: Shape = x.shape): Value {
  const first = slice(reshape(anchor, [sizeOf(anchor.shape)]), 0, 0, 1)
  const zero = cast(greater(first, scalar(x.graph, Number.POSITIVE_INFINITY)), 'int64')
  return reshapeOp([x, add(integers(x.graph, shape), zero)], { shape })[0]
}

const transposeOp = defineOp<{ order: readonly number[] }>({
  name: 'Transpose',
  infer: ([x], { order }) => {
    if (order.length !== x.shape.length || new Set(order).size !== order.length) {
      throw x.graph.problem(`${shown(x)} cannot be transposed by [${order.join(', ')}].`)
    }
    return [{ type: x.type, shape: order.map(axis => x.shape[axis]) }]
  },
  gradient: (step, { order }) => [
    () =>
      transpose(
        step.gradient,
        order.map((_, axis) => order.indexOf(axis)),
      ),
  ],
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
  gradient: (step, { axis }) => {
    const total = step.gradient.shape[axis]
    const rules: (() => Value)[] = []
    for (let start = 0; start < total; ) {
      const [from, end] = [start, start + step.typeOf(rules.length).shape[axis]]
      rules.push(() => slice(step.gradient, axis, from, end))
      start = end
    }
    return rules
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
  gradient: (step, { axis, sizes }) => [
    () => {
      const like = step.gradients.find(gradient => gradient !== undefined) ?? step.gradient
      const parts = sizes.map((size, k) => step.gradients[k] ?? zeros(like, like.shape.with(axis, size)))
      return concat(parts, axis)
    },
  ],
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
  gradient: (step, { axis, start, end }) => [
    () => {
      const { shape } = step.typeOf(0)
      const on = (count: number) => shape.map((_, k) => (k === axis ? count : 0))
      return pad(step.gradient, on(start), on(shape[axis] - end))
    },
  ],
})
/** Elements start (included) to end (excluded) of one axis. */
export const slice = (x: Value, axis: number, start: number, end: number): Value =>
  sliceOp([x, ...[[start], [end], [axis]].map(list => integers(x.graph, list))], { axis, start, end })[0]

/** A rectangle of places of a picture, every `step`th of them. */
export interface Places {
  readonly top: number
  readonly left: number
  /** Places that are taken. */
  readonly height: number
  readonly width: number
  readonly step: number
}

const placesOp = defineOp<Places>({
  name: 'Slice',
  infer: ([x], { top, left, height, width, step }) => {
    const [batch, channels, rows, columns] = x.shape
    if (top + (height - 1) * step >= rows || left + (width - 1) * step >= columns)
      throw x.graph.problem(`${shown(x)} has no ${height} x ${width} places from ${top}, ${left} on.`)
    return [{ type: x.type, shape: [batch, channels, height, width] }]
  },
  gradient: (step, places) => [() => putPlaces(step.gradient, places, step.typeOf(0).shape)],
})
/** Places of pictures [batch, channels, height, width]. */
export function placesOfPicture(x: Value, places: Places): Value {
  const { top, left, height, width, step } = places
  const ends = [top + (height - 1) * step + 1, left + (width - 1) * step + 1]
  const lists = [[top, left], ends, [2, 3], [step, step]]
  return placesOp([x, ...lists.map(list => integers(x.graph, list))], places)[0]
}

/** A picture of the given shape that has x at the places, and zeros elsewhere. */
function putPlaces(x: Value, { top, left, height, width, step }: Places, shape: Shape): Value {
  const [batch, channels] = x.shape
  // Each element becomes the first of step x step.
  const cells = reshape(x, [batch, channels, height, 1, width, 1])
  const spread = step === 1 ? cells : pad(cells, [0, 0, 0, 0, 0, 0], [0, 0, 0, step - 1, 0, step - 1])
  const [down, across] = [(height - 1) * step + 1, (width - 1) * step + 1]
  const all = reshape(spread, [batch, channels, height * step, width * step])
  const cut = slice(slice(all, 2, 0, down), 3, 0, across)
  return pad(cut, [0, 0, top, left], [0, 0, shape[2] - top - down, shape[3] - left - across])
}

const gatherOp = defineOp<{ axis: number }>({
  name: 'Gather',
  infer: ([table, indices], { axis }) => [
    { type: table.type, shape: [...table.shape.slice(0, axis), ...indices.shape, ...table.shape.slice(axis + 1)] },
  ],
  gradient: (step, { axis }) => [
    () => {
      const { shape } = step.typeOf(0)
      const indices = step.input(1)
      const count = sizeOf(indices.shape)
      const [before, behind] = [shape.slice(0, axis), shape.slice(axis + 1)]
      // The counted axis first: rows are added to rows.
      const rows = transpose(reshape(step.gradient, [sizeOf(before), count, sizeOf(behind)]), [1, 0, 2])
      const nothing = zeros(rows, [shape[axis], sizeOf(before), sizeOf(behind)])
      const sums = scatterAdd(nothing, reshape(indices, [count, 1]), rows)
      return reshape(transpose(sums, [1, 0, 2]), shape)
    },
  ],
  emit: ({ axis }) => ({ axis: { int: axis } }),
})
/** Rows of a table: [rows, width], indices [..] -> [.., width]. */
export const gather = (table: Value, indices: Value, axis = 0): Value => gatherOp([table, indices], { axis })[0]

const scatterAddOp = defineOp<undefined>({
  name: 'ScatterND',
  infer: ([x, indices, rows]) => {
    if (String(rows.shape) !== String([indices.shape[0], ...x.shape.slice(1)]) || indices.shape[1] !== 1)
      throw x.graph.problem(`${shown(rows)} cannot be added to rows of ${shown(x)} at ${shown(indices)}.`)
    return [x]
  },
  gradient: step => [
    () => step.gradient,
    undefined,
    () => gather(step.gradient, reshape(step.input(1), [step.typeOf(1).shape[0]])),
  ],
  emit: () => ({ reduction: { string: 'add' } }),
})
/** x [rows, ..] with other rows [n, ..] added to those that indices [n, 1] name; a row that is named twice gets both. */
export const scatterAdd = (x: Value, indices: Value, rows: Value): Value =>
  scatterAddOp([x, indices, rows], undefined)[0]

const expandOp = defineOp<{ shape: Shape }>({
  name: 'Expand',
  infer: ([x], { shape }) => [{ type: x.type, shape }],
  gradient: step => [() => sumTo(step.gradient, step.typeOf(0).shape)],
})
/** Repeats axes of size 1 up to the given shape. */
export const expand = (x: Value, shape: Shape): Value =>
  String(x.shape) === String(shape) ? x : expandOp([x, integers(x.graph, shape)], { shape })[0]

/** Counts of elements at the begin and at the end of each axis. */
interface Margins {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

const padded = (x: Value, { before, after }: Margins): ValueType => ({
  type: x.type,
  shape: x.shape.map((size, axis) => before[axis] + size + after[axis]),
})

/** What lies between margins. */
const inner = (x: Value, { before, after }: Margins): Value =>
  x.shape.reduce(
    (value, size, axis) =>
      before[axis] === 0 && after[axis] === 0 ? value : slice(value, axis, before[axis], size - after[axis]),
    x,
  )

const padOp = defineOp<Margins>({
  name: 'Pad',
  infer: ([x], margins) => [padded(x, margins)],
  gradient: (step, margins) => [() => inner(step.gradient, margins)],
})
/** Puts zeros at the begin and at the end of each axis: `before` and `after` have one count for each. */
export const pad = (x: Value, before: readonly number[], after: readonly number[]): Value =>
  padOp([x, integers(x.graph, [...before, ...after])], { before, after })[0]

/** Appends zeros at the end of each axis: `after` has one count for each. */
export const padAfter = (x: Value, after: readonly number[]): Value =>
  pad(
    x,
    after.map(() => 0),
    after,
  )

const reflectOp = defineOp<Margins>({
  name: 'Pad',
  infer: ([x], margins) => {
    const { before, after } = margins
    if (x.shape.some((size, axis) => Math.max(before[axis], after[axis]) >= size))
      throw x.graph.problem(`${shown(x)} is too small to be continued by its mirror image.`)
    return [padded(x, margins)]
  },
  gradient: (step, margins) => [
    () => step.gradient.shape.reduce((value, _, axis) => foldBack(value, axis, margins), step.gradient),
  ],
  emit: () => ({ mode: { string: 'reflect' } }),
})
/** Adds the mirrored margins of one axis to the elements that they show, and takes them away. */
function foldBack(x: Value, axis: number, margins: Margins): Value {
  const [before, behind] = [margins.before[axis], margins.after[axis]]
  const size = x.shape[axis] - before - behind
  const put = (start: number, count: number, at: number) => {
    if (count === 0) return []
    const backwards = Array.from({ length: count }, (_, k) => start + count - 1 - k)
    const strip = gather(x, integers(x.graph, backwards), axis)
    const on = (places: number) => x.shape.map((_, k) => (k === axis ? places : 0))
    return [pad(strip, on(at), on(size - at - count))]
  }
  if (before === 0 && behind === 0) return x
  const strips = [...put(0, before, 1), ...put(before + size, behind, size - 1 - behind)]
  return strips.reduce(add, slice(x, axis, before, before + size))
}

/** Continues a picture [batch, channels, height, width] on all sides by its mirror image; the border itself is not repeated. */
export function padMirrored(x: Value, count: number): Value {
  const counts = [0, 0, count, count]
  return reflectOp([x, integers(x.graph, [...counts, ...counts])], { before: counts, after: counts })[0]
}

const resizeOp = defineOp<{ shape: Shape }>({
  name: 'Resize',
  infer: ([x], { shape }) => [{ type: x.type, shape }],
  gradient: (step, { shape }) => [
    () => {
      const [, , height, width] = step.typeOf(0).shape
      const [down, across] = [shape[2] / height, shape[3] / width]
      if (Number.isInteger(down) && Number.isInteger(across)) {
        return multiply(averageOfTiles(step.gradient, [down, across]), down * across)
      }
      const { graph } = step.gradient
      const rows = constant(graph, 'float32', [height, shape[2]], nearest(height, shape[2]))
      const columns = constant(graph, 'float32', [width, shape[3]], nearest(width, shape[3]))
      return matMul(matMul(rows, step.gradient), transpose(columns, [1, 0]))
    },
  ],
  emit: () => ({
    mode: { string: 'nearest' },
    coordinate_transformation_mode: { string: 'asymmetric' },
    nearest_mode: { string: 'floor' },
  }),
})
/** 1 where place k of the smaller axis is shown at place j of the larger: [from, to] */
const nearest = (from: number, to: number): number[] =>
  Array.from({ length: from * to }, (_, place) =>
    Math.floor(((place % to) * from) / to) === Math.floor(place / to) ? 1 : 0,
  )

/** Nearest neighbour to the given height and width, as torch's `interpolate(mode='nearest')`. [batch, channels, height, width] */
export function resizeNearest(x: Value, height: number, width: number): Value {
  const [batch, channels] = x.shape
  const shape = [batch, channels, height, width]
  return resizeOp([x, undefined, undefined, integers(x.graph, shape)], { shape })[0]
}
