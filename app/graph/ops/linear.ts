import type { Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { broadcast } from './elementwise.ts'

const matMulOp = defineOp<undefined>({
  name: 'MatMul',
  infer: ([a, b]) => {
    const batch = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2))
    if (batch === undefined || a.shape.at(-1) !== b.shape.at(-2)) {
      throw a.graph.problem(`MatMul cannot multiply ${shown(a)} by ${shown(b)}.`)
    }
    return [{ type: a.type, shape: [...batch, ...a.shape.slice(-2, -1), ...b.shape.slice(-1)] }]
  },
})
/** [.., m, k] x [.., k, n] -> [.., m, n] */
export const matMul = (a: Value, b: Value): Value => matMulOp([a, b], undefined)[0]

const gemmOp = defineOp<undefined>({
  name: 'Gemm',
  infer: ([x, weight, bias]) => {
    const fits = x.shape.length === 2 && weight.shape.length === 2 && x.shape[1] === weight.shape[1]
    if (!fits) throw x.graph.problem(`A linear layer with weight ${shown(weight)} cannot take ${shown(x)}.`)
    const sums = [[weight.shape[0]], [x.shape[0], weight.shape[0]]]
    if (bias !== undefined && !sums.some(shape => String(bias.shape) === String(shape))) {
      throw x.graph.problem(`A linear layer with weight ${shown(weight)} cannot have a bias ${shown(bias)}.`)
    }
    return [{ type: x.type, shape: [x.shape[0], weight.shape[0]] }]
  },
  emit: () => ({ transB: { int: 1 } }),
})
/** x [rows, in] times weight [out, in] (torch's layout) plus bias [out], or plus a sum [rows, out] that is added to -> [rows, out] */
export const gemm = (x: Value, weight: Value, bias?: Value): Value => gemmOp([x, weight, bias], undefined)[0]

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
  emit: ({ stride, padding }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
  }),
})
/** x [batch, in, height, width], weight [out, in, kernel, kernel], bias [out] -> [batch, out, height', width'] */
export const conv = (x: Value, weight: Value, bias: Value | undefined, window: ConvolutionWindow): Value =>
  // A bias that is named but empty ends ONNX Runtime's process on WebGPU (1.30.0 on SwiftShader).
  convOp(bias === undefined ? [x, weight] : [x, weight, bias], window)[0]

const convTransposeOp = defineOp<ConvolutionWindow>({
  name: 'ConvTranspose',
  infer: ([x, weight], { stride, padding }) => {
    const [batch, channels, height, width] = x.shape
    const [inside, out, kernelHeight, kernelWidth] = weight.shape
    if (x.shape.length !== 4 || channels !== inside) {
      throw x.graph.problem(`A transposed convolution with weight ${shown(weight)} cannot take ${shown(x)}.`)
    }
    const length = (size: number, kernel: number) => (size - 1) * stride + kernel - 2 * padding
    return [{ type: x.type, shape: [batch, out, length(height, kernelHeight), length(width, kernelWidth)] }]
  },
  emit: ({ stride, padding }) => ({
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
  }),
})
/** x [batch, in, height, width], weight [in, out, kernel, kernel] -> [batch, out, height', width'], about stride times as large */
export const convTranspose = (x: Value, weight: Value, window: ConvolutionWindow): Value =>
  convTransposeOp([x, weight], window)[0]
