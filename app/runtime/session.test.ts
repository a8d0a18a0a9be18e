import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { constant, Graph, type Value } from '../graph/graph.ts'
import {
  add,
  cast,
  clip,
  concat,
  conv,
  convTranspose,
  cos,
  divide,
  exp,
  expand,
  gather,
  gelu,
  geluTanh,
  greater,
  layerNormalization,
  log,
  matMul,
  multiHeadAttention,
  padAfter,
  padMirrored,
  quickGelu,
  reciprocal,
  reduceMean,
  relu,
  resizeNearest,
  sigmoid,
  sin,
  slice,
  softmax,
  softplus,
  split,
  sqrt,
  subtract,
  tanh,
  transpose,
} from '../graph/ops/index.ts'
import { type Target, targets } from '../graph/targets.ts'
import { Layer } from '../models/layers/layer.ts'
import { storedParameters } from '../models/parameters.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openSafetensors } from '../weights/safetensors.ts'
import { Session } from './session.ts'

/** Builds, encodes, opens and runs one expression of inputs a, b, ...; the encoder is checked by running. */
async function evaluate(
  inputs: readonly Tensor[],
  build: (...values: Value[]) => Value,
  target: Target = targets.cpu,
): Promise<Tensor> {
  const graph = new Graph(target)
  const names = inputs.map((_, k) => `input${k}`)
  graph.output('out', build(...inputs.map(({ shape }, k) => graph.input(names[k], 'float32', shape))))
  const session = await Session.open(graph, { threads: 1 })
  const { out } = await session.run(Object.fromEntries(inputs.map((value, k) => [names[k], value])))
  await session.release()
  expect(out.shape).toEqual(graph.outputs[0].shape)
  return out
}

const near = (found: Tensor, expected: readonly number[], error = 1e-5) => {
  expect(found.data.length).toBe(expected.length)
  for (const [k, value] of expected.entries()) expect(Math.abs(found.data[k] - value)).toBeLessThan(error)
}

const numbers = (...values: number[]) => tensor([values.length], Float32Array.from(values))
const x = numbers(-1.5, -0.2, 0.3, 2)
const logistic = (value: number) => 1 / (1 + Math.exp(-value))

test.each<[string, (value: Value) => Value, (value: number) => number]>([
  ['Add', value => add(value, 2), value => value + 2],
  ['Sub', value => subtract(value, 2), value => value - 2],
  ['Div', value => divide(value, 4), value => value / 4],
  ['Exp', exp, Math.exp],
  ['Log of the exponential', value => log(exp(value)), value => value],
  ['Relu', relu, value => Math.max(0, value)],
  ['Softplus', softplus, value => Math.log(1 + Math.exp(value))],
  ['Sin', sin, Math.sin],
  ['Cos', cos, Math.cos],
  ['Tanh', tanh, Math.tanh],
  ['Sigmoid', sigmoid, logistic],
  ['Reciprocal', reciprocal, value => 1 / value],
  ['Sqrt of the square', value => sqrt(add(value, 4)), value => Math.sqrt(value + 4)],
  ['Clip', value => clip(value, -1, 1), value => Math.min(Math.max(value, -1), 1)],
  ['QuickGelu', value => quickGelu(value), value => value * logistic(1.702 * value)],
  ['Greater and Cast', value => cast(greater(value, 0), 'float32'), value => Number(value > 0)],
])('%s, element by element', async (_, build, expected) => {
  near(await evaluate([x], build), [...x.data].map(expected))
})

test('Gelu is the one by the error function', async () => {
  near(await evaluate([numbers(1, -1)], gelu), [0.8413447, -0.1586553])
})

test('Gelu by tanh is its approximation (Hendrycks & Gimpel 2016, arXiv:1606.08415)', async () => {
  const expected = (value: number) =>
    (value / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (value + 0.044715 * value ** 3)))
  near(await evaluate([x], geluTanh), [...x.data].map(expected))
})

test('shapes: Transpose, Concat, Split, Slice, Expand, Pad, Gather, Resize', async () => {
  const square = tensor([2, 2], Float32Array.of(1, 2, 3, 4))
  near(await evaluate([square], value => transpose(value, [1, 0])), [1, 3, 2, 4])
  near(await evaluate([square, square], (a, b) => concat([a, b], 1)), [1, 2, 1, 2, 3, 4, 3, 4])
  near(await evaluate([square], value => split(value, 1, [1, 1])[1]), [2, 4])
  near(await evaluate([square], value => slice(value, 0, 1, 2)), [3, 4])
  near(await evaluate([numbers(5)], value => expand(value, [2, 2])), [5, 5, 5, 5])
  near(await evaluate([square], value => padAfter(value, [0, 1])), [1, 2, 0, 3, 4, 0])
  near(await evaluate([square], value => gather(value, constant(value.graph, 'int64', [2], [1, 1]))), [3, 4, 3, 4])
  const picture = tensor([1, 1, 2, 2], square.data)
  near(await evaluate([picture], value => resizeNearest(value, 3, 4)), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4])
})

test('normalisations: ReduceMean, Softmax, LayerNormalization', async () => {
  const rows = tensor([1, 4], x.data)
  near(await evaluate([rows], value => reduceMean(value, 1)), [0.15])
  const powers = [...x.data].map(Math.exp)
  const sum = powers.reduce((a, b) => a + b)
  near(
    await evaluate([rows], softmax),
    powers.map(value => value / sum),
  )
  const scale = (value: Value, each: number) => constant(value.graph, 'float32', [4], new Array(4).fill(each))
  const normal = await evaluate([rows], value => layerNormalization(value, scale(value, 1), scale(value, 0), 1e-5))
  const deviation = Math.sqrt([...x.data].reduce((all, value) => all + (value - 0.15) ** 2, 0) / 4 + 1e-5)
  near(
    normal,
    [...x.data].map(value => (value - 0.15) / deviation),
  )
})

test('Conv: a kernel of ones sums its neighbourhood', async () => {
  const picture = tensor([1, 1, 2, 2], Float32Array.of(1, 2, 3, 4))
  const kernel = tensor([1, 1, 3, 3], new Float32Array(9).fill(1))
  near(await evaluate([picture, kernel], (p, k) => conv(p, k, undefined, { stride: 1, padding: 1 })), [10, 10, 10, 10])
})

test('ConvTranspose: each place draws its kernel, and padding cuts the border off', async () => {
  const picture = tensor([1, 1, 1, 2], Float32Array.of(1, 10))
  const kernel = tensor([1, 1, 3, 3], Float32Array.of(0, 0, 0, 1, 2, 3, 0, 0, 0))
  const drawn = await evaluate([picture, kernel], (p, k) => convTranspose(p, k, { stride: 2, padding: 1 }))
  near(drawn, [2, 3 + 10, 20])
})

test('a picture is continued by its mirror image, without its border twice', async () => {
  const picture = tensor([1, 1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))
  const mirrored = await evaluate([picture], value => padMirrored(value, 1))
  near(mirrored, [5, 4, 5, 6, 5, 2, 1, 2, 3, 2, 5, 4, 5, 6, 5, 2, 1, 2, 3, 2])
})

test('MultiHeadAttention equals its definition', async () => {
  const generator = new TorchGenerator(3n)
  const [query, key, value] = [5, 7, 7].map(length => generator.normal([2, length, 8]))
  const fused = await evaluate([query, key, value], (q, k, v) => multiHeadAttention(q, k, v, { heads: 1, scale: 0.5 }))
  const plain = await evaluate([query, key, value], (q, k, v) =>
    matMul(softmax(multiplyBy(matMul(q, transpose(k, [0, 2, 1])), 0.5)), v),
  )
  near(fused, [...plain.data])
})

const multiplyBy = (value: Value, factor: number) => divide(value, 1 / factor)

/** A file of one weight [1, 3] in the given type, at an odd place: behind 3 bytes of another tensor. */
function weightFile(dtype: string, bytes: Uint8Array): string {
  const header = JSON.stringify({
    padding: { dtype: 'U8', shape: [3], data_offsets: [0, 3] },
    weight: { dtype, shape: [1, 3], data_offsets: [3, 3 + bytes.length] },
  })
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  const path = join(mkdtempSync(join(tmpdir(), 'sfumato-session-')), 'weights.safetensors')
  writeFileSync(path, Buffer.concat([length, Buffer.from(header), Buffer.alloc(3), bytes]))
  return path
}

// 1, -2, 0.5: exact in every type
const stored: Record<string, Uint8Array> = {
  F32: new Uint8Array(Float32Array.of(1, -2, 0.5).buffer),
  F16: new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800).buffer),
  BF16: new Uint8Array(Uint16Array.of(0x3f80, 0xc000, 0x3f00).buffer),
}

const openWeights = (dtype: string) => {
  const file = openSafetensors(weightFile(dtype, stored[dtype]))
  return storedParameters(key => {
    const entry = file.tensors.get(key)
    if (entry === undefined) throw new Error(key)
    return { path: file.path, ...entry }
  })
}

test.each(
  Object.keys(stored).flatMap(dtype => (['held', 'mapped'] as const).map(weights => [dtype, weights] as const)),
)('weights in %s stay in their file (%s)', async (dtype, weights) => {
  const source = openWeights(dtype)
  const build = (value: Value) => add(value, source.parameter(value.graph, 'weight', [1, 3], [3], value))
  near(await evaluate([numbers(10, 20, 30)], build, { ...targets.cpu, weights }), [11, 18, 30.5])
})

test.each(Object.keys(stored))('rows of a table in %s are taken before they are cast', async dtype => {
  const layer = (graph: Graph) => new Layer(graph, openWeights(dtype))
  const rows = (value: Value) => layer(value.graph).rows('weight', [1, 3], constant(value.graph, 'int64', [2], [0, 0]))
  near(await evaluate([numbers(1, 1, 1)], value => add(rows(value), value)), [2, -1, 1.5, 2, -1, 1.5])
})

test('a wrong or missing feed is named', async () => {
  const graph = new Graph(targets.cpu)
  graph.output('out', add(graph.input('sample', 'float32', [2]), 1))
  const session = await Session.open(graph, { threads: 1 })
  await expect(session.run({})).rejects.toThrow('"sample" takes [2], but was given nothing')
  await expect(session.run({ sample: numbers(1, 2, 3) })).rejects.toThrow('"sample" takes [2], but was given [3]')
  await session.release()
})
