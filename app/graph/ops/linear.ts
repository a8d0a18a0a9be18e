import type { BackwardStep, Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { broadcast } from './elementwise.ts'
import { reduceSum, sumTo } from './reductions.ts'
import { concat, pad, placesOfPicture, reshape, transpose } from './shape.ts'

const matMulOp = defineOp<undefined>({
  name: 'MatMul',
  infer: ([a, b]) => {
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (batch === undefined || a.shape.at(-1) !== b.shape.at(-2)) {
      throw a.graph.problem(`MatMul cannot multiply ${shown(a)} by ${shown(b)}.`)
    }
    return [{ type: a.type, shape: [...batch, ...a.shape.slice(-2, -1), ...b.shape.slice(-1)] }]
  },
  gradient: step => [
    () => sumTo(matMul(step.gradient, transposed(step.input(1))), step.typeOf(0).shape),
    () => sumTo(matMul(transposed(step.input(0)), step.gradient), step.typeOf(1).shape),
  ],
})
/** [.., m, k] x [.., k, n] -> [.., m, n] */
export const matMul = (a: Value, b: Value): Value => matMulOp([a, b], undefined)[0]

/** [.., m, n] -> [.., n, m]. ONNX Runtime joins it with the product that takes it. */
export function transposed(x: Value): Value {
  const rank = x.shape.length
  return transpose(x, [...x.shape.slice(2).map((_, axis) => axis), rank - 1, rank - 2])
}

/** Which factors of a product of matrices are taken transposed. */
interface Transposition {
  readonly a: boolean
  readonly b: boolean
}

const gemmOp = defineOp<Transposition>({
  name: 'Gemm',
  infer: ([a, b, sum], transposition) => {
    const [rows, inside] = transposition.a ? a.shape.toReversed() : a.shape
    const [inner, columns] = transposition.b ? b.shape.toReversed() : b.shape
    if (a.shape.length !== 2 || b.shape.length !== 2 || inside !== inner)
      throw a.graph.problem(`A linear layer with weight ${shown(b)} cannot take ${shown(a)}.`)
    const sums = [[columns], [rows, columns]]
    if (sum !== undefined && !sums.some(shape => String(sum.shape) === String(shape)))
      throw a.graph.problem(`A linear layer with weight ${shown(b)} cannot have a bias ${shown(sum)}.`)
    return [{ type: a.type, shape: [rows, columns] }]
  },
  gradient: (step, { a, b }) => [
    () =>
      a
        ? product(step.input(1), step.gradient, { a: b, b: true })
        : product(step.gradient, step.input(1), { a: false, b: !b }),
    () =>
      b
        ? product(step.gradient, step.input(0), { a: true, b: a })
        : product(step.input(0), step.gradient, { a: !a, b: false }),
    () => sumTo(step.gradient, step.typeOf(2).shape),
  ],
  emit: ({ a, b }) => ({ ...(a && { transA: { int: 1 } }), ...(b && { transB: { int: 1 } }) }),
})
/** x [rows, in] times weight [out, in] (torch's layout) plus bias [out], or plus a sum [rows, out] that is added to -> [rows, out] */
export const gemm = (x: Value, weight: Value, bias?: Value): Value =>
  gemmOp([x, weight, bias], { a: false, b: true })[0]

/** The product of two matrices, each taken transposed or as it is. */
export const product = (a: Value, b: Value, transposition: Transposition): Value => gemmOp([a, b], transposition)[0]

/** Window of a convolution: step and zero padding, the same for height and width. */
export interface ConvolutionWindow {
  readonly stride: number
  readonly padding: number
}

const convOp = defineOp<ConvolutionWindow>({
  name: 'Conv',
  infer: ([x, weight, bias], { stride, padding }) => {
    const [batch, channels, height, width] = x.shape
    const [out, inside, kernelHeight, kernelWidth] = weight.shape
    if (x.shape.length !== 4 || channels !== inside) {
      throw x.graph.problem(`A convolution with weight ${shown(weight)} cannot take ${shown(x)}.`)
    }
    if (bias !== undefined && String(bias.shape) !== String([out])) {
      throw x.graph.problem(`A convolution with weight ${shown(weight)} cannot have a bias ${shown(bias)}.`)
    }
    const length = (size: number, kernel: number) => Math.floor((size + 2 * padding - kernel) / stride) + 1
    const shape = [batch, out, length(height, kernelHeight), length(width, kernelWidth)]
    if (shape.some(size => size < 1)) {
      throw x.graph.problem(`${shown(x)} is too small for a convolution with weight ${shown(weight)}.`)
    }
    return [{ type: x.type, shape }]
  },
  gradient: (step, window) => [
    () => convTranspose(step.gradient, step.input(1), window, step.typeOf(0).shape.slice(2)),
    () => kernelGradient(step.input(0), step.gradient, step.typeOf(1).shape, window),
    () => sumOverPlaces(step),
  ],
  emit: ({ stride, padding }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
  }),
})
/** x [batch, in, height, width], weight [out, in, kernel, kernel], bias [out] -> [batch, out, height', width'] */
export const conv = (x: Value, weight: Value, bias: Value | undefined, window: ConvolutionWindow): Value =>
  // A bias that is named but empty ends ONNX Runtime's process on WebGPU (1.30.0 on SwiftShader).
  convOp(bias === undefined ? [x, weight] : [x, weight, bias], window)[0]

/** Of a bias: [batch, out, height, width] -> [out] */
const sumOverPlaces = ({ gradient }: BackwardStep): Value =>
  reshape(reduceSum(gradient, [0, 2, 3]), [gradient.shape[1]])

/** The gradient of a convolution's weight [out, in, kernel, kernel], from its input and the gradient of its output, as products of matrices: one
 *  for each tap of the kernel, or for small pictures one for all taps (measured: quicker below about 16 x 16 places). */
function kernelGradient(x: Value, gradient: Value, shape: readonly number[], window: ConvolutionWindow): Value {
  const [out, inside, kernelHeight, kernelWidth] = shape
  const [batch, , height, width] = gradient.shape
  const { stride, padding } = window
  const margin = [0, 0, padding, padding]
  const framed = padding === 0 ? x : pad(x, margin, margin)
  const rows = reshape(gradient, [batch, out, height * width])
  const taps = Array.from({ length: kernelHeight * kernelWidth }, (_, tap) => {
    const [top, left] = [Math.floor(tap / kernelWidth), tap % kernelWidth]
    const seen = placesOfPicture(framed, { top, left, height, width, step: stride })
    return reshape(seen, [batch, inside, height * width])
  })
  const times = (columns: Value) => sumTo(matMul(rows, transposed(columns)), [out, columns.shape[1]])
  if (height * width >= 256 || taps.length === 1) {
    const products = taps.map(columns => reshape(times(columns), [out, inside, 1]))
    return reshape(products.length === 1 ? products[0] : concat(products, 2), shape)
  }
  const all = reshape(times(concat(taps, 1)), [out, taps.length, inside])
  return reshape(transpose(all, [0, 2, 1]), shape)
}

const convTransposeOp = defineOp<ConvolutionWindow & { readonly added: readonly [number, number] }>({
  name: 'ConvTranspose',
  infer: ([x, weight], { stride, padding, added }) => {
    const [batch, channels, height, width] = x.shape
    const [inside, out, kernelHeight, kernelWidth] = weight.shape
    if (x.shape.length !== 4 || channels !== inside) {
      throw x.graph.problem(`A transposed convolution with weight ${shown(weight)} cannot take ${shown(x)}.`)
    }
    const length = (size: number, kernel: number) => (size - 1) * stride + kernel - 2 * padding
    const sizes = [length(height, kernelHeight) + added[0], length(width, kernelWidth) + added[1]]
    return [{ type: x.type, shape: [batch, out, ...sizes] }]
  },
  gradient: (step, window) => [
    () => conv(step.gradient, step.input(1), undefined, window),
    () => kernelGradient(step.gradient, step.input(0), step.typeOf(1).shape, window),
  ],
  emit: ({ stride, padding, added }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
    ...(added.some(count => count > 0) && { output_padding: { ints: added } }),
  }),
})
/** x [batch, in, height, width], weight [in, out, kernel, kernel] -> [batch, out, height', width'], about stride times as large
 *  @param size height' and width', where a convolution gave x from a picture of that size; absent: the smallest */
export function convTranspose(x: Value, weight: Value, window: ConvolutionWindow, size?: readonly number[]): Value {
  const smallest = (axis: number) => (x.shape[axis] - 1) * window.stride + weight.shape[axis] - 2 * window.padding
  const added = [2, 3].map(axis => (size === undefined ? 0 : size[axis - 2] - smallest(axis)))
  return convTransposeOp([x, weight], { ...window, added: [added[0], added[1]] })[0]
}
