import { expect, test } from 'vitest'
import { constant, Graph, type Value } from './graph.ts'
import { encodeOnnx } from './onnx.ts'
import {
  add,
  concat,
  conv,
  convTranspose,
  gather,
  gemm,
  matMul,
  multiply,
  padMirrored,
  reshape,
  slice,
  split,
  transpose,
} from './ops/index.ts'
import { targets } from './targets.ts'

const graph = () => new Graph(targets.cpu)
const input = (g: Graph, ...shape: number[]): Value => g.input(`x${g.inputs.length}`, 'float32', shape)

test.each<[string, number[], number[], (a: Value, b: Value) => Value, number[]]>([
  ['MatMul broadcasts its batch', [2, 1, 3, 4], [5, 4, 6], matMul, [2, 5, 3, 6]],
  ['Add broadcasts', [2, 1, 4], [3, 1], add, [2, 3, 4]],
  ['Gemm takes torch weights', [7, 3], [5, 3], (x, w) => gemm(x, w), [7, 5]],
  ['Concat sums one axis', [2, 3], [2, 4], (a, b) => concat([a, b], 1), [2, 7]],
  [
    'Conv halves with stride 2',
    [1, 3, 9, 8],
    [4, 3, 3, 3],
    (x, w) => conv(x, w, undefined, { stride: 2, padding: 1 }),
    [1, 4, 5, 4],
  ],
  [
    'ConvTranspose doubles with stride 2',
    [1, 3, 5, 4],
    [3, 2, 4, 4],
    (x, w) => convTranspose(x, w, { stride: 2, padding: 1 }),
    [1, 2, 10, 8],
  ],
])('%s', (_, left, right, apply, expected) => {
  const g = graph()
  expect(apply(input(g, ...left), input(g, ...right)).shape).toEqual(expected)
})

test.each<[string, (a: Value, b: Value) => unknown, RegExp]>([
  ['MatMul', (a, b) => matMul(a, b), /decoder\.mid: MatMul cannot multiply \[2, 3\] by \[4, 5\]/],
  ['Add', (a, b) => add(a, b), /decoder\.mid: Add cannot combine \[2, 3\] with \[4, 5\]/],
  ['Gemm', (a, b) => gemm(a, b), /weight \[4, 5\] cannot take \[2, 3\]/],
  ['Concat', (a, b) => concat([a, b], 0), /cannot join \[2, 3\] with \[4, 5\]/],
  ['Reshape', a => reshape(a, [7]), /\[2, 3\] cannot be reshaped to \[7\]/],
  [
    'ConvTranspose',
    (a, b) => convTranspose(a, b, { stride: 2, padding: 1 }),
    /transposed convolution with weight \[4, 5\] cannot take \[2, 3\]/,
  ],
  ['Pad', a => padMirrored(reshape(a, [1, 1, 2, 3]), 2), /\[1, 1, 2, 3\] is too small to be continued/],
  ['Split', a => split(a, 1, [1, 1]), /\[2, 3\] cannot be split into \[1, 1\] on axis 1/],
  ['Slice', a => slice(a, 1, 1, 4), /\[2, 3\] has no elements 1 to 4 on axis 1/],
  ['Transpose', a => transpose(a, [0, 0]), /\[2, 3\] cannot be transposed by \[0, 0\]/],
  ['a constant', a => constant(a.graph, 'float32', [3], [1, 2]), /shape \[3\] cannot hold 2 values/],
])('%s fails at build time with the layer and both shapes', (_, apply, message) => {
  const g = graph()
  const [a, b] = [input(g, 2, 3), input(g, 4, 5)]
  expect(() =>
    g.within('decoder.mid', () => {
      apply(a, b)
      return a
    }),
  ).toThrow(message)
})

test('equal nodes and constants are built once', () => {
  const g = graph()
  const x = input(g, 2, 2)
  expect(multiply(x, 3)).toBe(multiply(x, 3))
  expect(multiply(x, 3)).not.toBe(multiply(x, 4))
  expect(transpose(x, [1, 0])).not.toBe(transpose(x, [0, 1]))
  expect(g.initializers.size).toBe(2)
})

test('what no output needs is left out of the encoded model', () => {
  const g = graph()
  const x = input(g, 2, 2)
  g.output('y', add(x, 1))
  const before = encodeOnnx(g, '/').length
  gather(constant(g, 'float32', [1000], new Array(1000).fill(1)), constant(g, 'int64', [1], [0]))
  expect(encodeOnnx(g, '/').length).toBe(before)
})
