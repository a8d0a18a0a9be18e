import type { Value } from '../../graph/graph.ts'
import {
  add,
  type ConvolutionWindow,
  concat,
  conv,
  divide,
  gemm,
  matMul,
  multiply,
  reduceMean,
  reshape,
  slice,
  split,
  sqrt,
  subtract,
  transpose,
} from '../../graph/ops/index.ts'
import { type Shape, sizeOf } from '../../tensor/tensor.ts'
import type { Factor, Matrix, WeightDelta } from '../../weights/lora.ts'
import type { Rows } from '../../weights/lora-places.ts'
import { computed, inFull, like } from './half.ts'

/** What one adapter adds to one layer, in a graph. */
export interface LayerAdapter {
  readonly delta: WeightDelta
  /** [1], an input of the graph, so that it changes without building anything again. */
  readonly strength: Value
  /** A factor in the shape that the graph wants: from a file, or an input when it is trained. @param anchor as for parameters */
  factor(factor: Factor, use: Shape, anchor: Value | undefined): Value
}

/** A layer that adapters are added to. */
interface AdaptedLayer {
  /** [rows, in] of a linear layer, [batch, in, height, width] of a convolution. */
  readonly x: Value
  /** Of the weight: [out, in] or [out, in, kernel, kernel]. */
  readonly shape: Shape
  /** The weight, where an adapter must know it. */
  readonly weight: () => Value
  readonly bias: Value | undefined
  /** Of a convolution. */
  readonly window?: ConvolutionWindow
}

/** The result y of a layer with what its adapters add: y + strength * scale * D x, one after the other, as peft does it.
 *  D x is computed through the low rank; LoHa and LoKr build D first. */
export function withAdapters(adapters: readonly LayerAdapter[], y: Value, layer: AdaptedLayer): Value {
  return adapters.reduce((sum, adapter) => {
    if (adapter.delta.magnitude === undefined) return branchOf(adapter, layer, sum)
    const branch = branchOf(adapter, layer)
    // The bias is not part of the weight whose length DoRA sets.
    const perOutput = (values: Value) =>
      reshape(values, layer.window ? [1, values.shape[0], 1, 1] : [1, values.shape[0]])
    const own = layer.bias === undefined ? sum : subtract(sum, perOutput(layer.bias))
    const ratio = perOutput(like(lengthRatio(adapter, layer.weight(), layer.x), layer.x))
    return add(add(sum, multiply(own, subtract(ratio, 1))), multiply(branch, ratio))
  }, y)
}

/** A weight W with adapters merged into it, of W's shape; the sums are those of `withAdapters`. */
export function adaptedWeight(adapters: readonly LayerAdapter[], weight: Value): Value {
  const byOutput = (values: Value) => reshape(values, [values.shape[0], ...weight.shape.slice(1).map(() => 1)])
  return adapters.reduce((merged, adapter) => {
    const sum = add(merged, multiply(deltaWeight(adapter, weight.shape, undefined), amountOf(adapter, merged)))
    if (adapter.delta.magnitude === undefined) return sum
    return multiply(sum, byOutput(lengthRatio(adapter, weight, undefined)))
  }, weight)
}

/** strength * scale: [1], in the type of what it multiplies. */
const amountOf = ({ strength, delta }: LayerAdapter, multiplied: Value): Value =>
  like(delta.scale === 1 ? strength : multiply(strength, delta.scale), multiplied)

/** strength * scale * D x, without bias; added to `sum` where it is given. */
function branchOf(adapter: LayerAdapter, layer: AdaptedLayer, sum?: Value): Value {
  const { x, shape, window } = layer
  const { delta } = adapter
  const added = (branch: Value) => (sum === undefined ? branch : add(sum, branch))
  const apply = (by: Value) => (window === undefined ? gemm(x, by) : conv(x, by, undefined, window))
  if (delta.kind !== 'low-rank')
    return added(multiply(apply(like(deltaWeight(adapter, shape, x), x)), amountOf(adapter, x)))
  const [out, inputs, ...kernel] = shape
  const [rank] = delta.down.shape
  const factor = (of: Factor, use: Shape) => like(adapter.factor(of, use, x), x)
  // The small values in the middle are scaled: fewest multiplications.
  if (window === undefined) {
    const inner = multiply(apply(factor(delta.down, [rank, inputs])), amountOf(adapter, x))
    // A matrix product adds what is there in the same pass.
    return gemm(inner, factor(delta.up, [out, rank]), sum)
  }
  const point = (from: Value, by: Value) => conv(from, by, undefined, { stride: 1, padding: 0 })
  const { down, up, mid } = delta
  const inner =
    mid === undefined
      ? apply(factor(down, [rank, inputs, ...kernel]))
      : conv(
          point(x, factor(down, [rank, inputs, 1, 1])),
          factor(mid, [up.shape[1], rank, ...kernel]),
          undefined,
          window,
        )
  return added(point(multiply(inner, amountOf(adapter, x)), factor(up, [out, up.shape[1], 1, 1])))
}

/** D, of the weight's shape. */
function deltaWeight(adapter: LayerAdapter, shape: Shape, anchor: Value | undefined): Value {
  const { delta } = adapter
  const [out, inputs, ...kernel] = shape
  const area = sizeOf(kernel)
  if (delta.kind === 'low-rank') {
    const { down, up, mid } = delta
    const flatUp = adapter.factor(up, [out, up.shape[1]], anchor)
    if (mid === undefined) {
      const flatDown = adapter.factor(down, [down.shape[0], inputs * area], anchor)
      return reshape(matMul(flatUp, flatDown), shape)
    }
    const core = adapter.factor(mid, [up.shape[1], down.shape[0], area], anchor)
    const flatDown = adapter.factor(down, [down.shape[0], inputs], anchor)
    return reshape(tucker(core, transpose(flatUp, [1, 0]), flatDown), shape)
  }
  const [first, second] = [delta.first, delta.second].map(each => matrixOf(adapter, each, anchor))
  if (delta.kind === 'hadamard') return reshape(multiply(first, second), shape)
  // Entry (a b, c d) of the Kronecker product is first(a, c) * second(b, d); kernels belong to the second.
  const [rows, columns] = first.shape
  const outputs = delta.rows?.of ?? out
  const [subRows, subColumns] = [outputs / rows, inputs / columns]
  const product = multiply(reshape(first, [rows, 1, columns, 1, 1]), reshape(second, [1, subRows, 1, subColumns, area]))
  return delta.rows
    ? reshape(cutRows(reshape(product, [outputs, inputs * area]), delta.rows), shape)
    : reshape(product, shape)
}

/** Some rows of a matrix. */
function cutRows(matrix: Value, { first, count, of, swapped }: Rows): Value {
  if (!swapped) return slice(matrix, 0, first, first + count)
  const [second, beginning] = split(matrix, 0, [of / 2, of / 2])
  return concat([beginning, second], 0)
}

/** A matrix [rows, columns x elements of the kernel]. */
function matrixOf(adapter: LayerAdapter, matrix: Matrix, anchor: Value | undefined): Value {
  const whole = (factor: Factor) => adapter.factor(factor, [factor.shape[0], sizeOf(factor.shape.slice(1))], anchor)
  if ('whole' in matrix) return whole(matrix.whole)
  const { a, b, core } = matrix
  if (core === undefined) return matMul(whole(a), whole(b))
  const [i, j, ...kernel] = core.shape
  const product = tucker(adapter.factor(core, [i, j, sizeOf(kernel)], anchor), whole(a), whole(b))
  return reshape(product, [product.shape[0], product.shape[1] * product.shape[2]])
}

/** Tucker decomposition: core [i, j, area], a [i, p], b [j, q] -> [p, q, area]. */
function tucker(core: Value, a: Value, b: Value): Value {
  const [i, j, area] = core.shape
  const rows = matMul(transpose(a, [1, 0]), reshape(core, [i, j * area]))
  return matMul(transpose(b, [1, 0]), reshape(rows, [a.shape[1], j, area]))
}

/** DoRA: m / |W + strength * scale * D| for each output, [out]. W is the weight before any adapter. */
function lengthRatio(adapter: LayerAdapter, weight: Value, anchor: Value | undefined): Value {
  const { magnitude } = adapter.delta
  if (magnitude === undefined) throw weight.graph.problem('An adapter without DoRA has no lengths.')
  const [out] = weight.shape
  const inside = sizeOf(weight.shape) / out
  const delta = like(deltaWeight(adapter, weight.shape, anchor), weight)
  const sum = add(weight, multiply(delta, amountOf(adapter, weight)))
  const rows = reshape(inFull(sum), [out, inside])
  const length = sqrt(multiply(reduceMean(multiply(rows, rows), 1), inside))
  return computed(divide(inFull(adapter.factor(magnitude, [out], anchor)), reshape(length, [out])))
}
