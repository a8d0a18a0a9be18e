import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Graph, type Value } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { convolution, groupNormalization, silu } from '../models/layers/basic.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { downsample, resnet, upsample } from '../models/layers/resnet.ts'
import { spatialTransformer } from '../models/layers/transformer.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts'
import { blockedFilter, fillsBlocks } from '../weights/blocked-filter.ts'
import { convolutionBlock, isLayout } from './convolution-block.ts'
import { Session } from './session.ts'

const flags = existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : ''

test.runIf(/avx512f/.test(flags))('a processor with AVX-512 has blocks of 16 channels', async () => {
  expect(await convolutionBlock()).toBe(16)
})

test.runIf(/avx2/.test(flags) && !/avx512f/.test(flags))('a processor with AVX2 has blocks of 8 channels', async () => {
  expect(await convolutionBlock()).toBe(8)
})

test('the known answer comes out wrong with weights in another layout', async () => {
  const block = await convolutionBlock()
  if (block === undefined) return
  expect(await isLayout(block, blockedFilter)).toBe(true)
  expect(await isLayout(block, weight => weight)).toBe(false)
})

/** Random weights of about the size of trained ones; in blocks where they fill them. */
function parameters(block: number | undefined): ParameterSource {
  const of = (key: string, shape: Shape) => {
    const seed = [...key].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 65521, 7)
    const size = shape.length === 1 ? 0.2 : sizeOf(shape.slice(1)) ** -0.5
    return new TorchGenerator(BigInt(seed)).normal(shape).data.map(value => value * size)
  }
  const constant = (graph: Graph, shape: Shape, { buffer }: Float32Array) =>
    graph.constant('float32', shape, new Uint8Array(buffer))
  return {
    parameter: (graph, key, shape, use) => constant(graph, use, of(key, shape)),
    table() {
      throw new Error('nothing is looked up')
    },
    blocked: (graph, key, shape) =>
      block !== undefined && fillsBlocks(shape, block)
        ? constant(graph, shape, blockedFilter(of(key, shape), shape, block))
        : undefined,
  }
}

async function computed(x: Tensor, block: number | undefined, build: (layer: Layer, x: Value) => Value) {
  const graph = new Graph(targets.cpu)
  const out = build(new Layer(graph, parameters(block)), graph.input('x', 'float32', x.shape))
  graph.output('out', out)
  const session = await Session.open(graph, { threads: 2 })
  const result = await session.run({ x })
  await session.release()
  expect(result.out.shape).toEqual(out.shape)
  const inBlocks = graph.needed().filter(({ op, domain }) => op === 'Conv' && domain === 'com.microsoft.nchwc').length
  return { out: result.out, inBlocks }
}

/** A stack that joins all ways into and out of blocks. */
function stack(layer: Layer, x: Value): Value {
  const { graph } = layer
  const time = graph.constant('float32', [1, 24], new Uint8Array(new TorchGenerator(9n).normal([1, 24]).data.buffer))
  const context = graph.constant(
    'float32',
    [2, 5, 24],
    new Uint8Array(new TorchGenerator(8n).normal([2, 5, 24]).data.buffer),
  )
  const block = { groups: 8, epsilon: 1e-5, time }
  const transformer = { heads: 4, layers: 1, groups: 8, onlyCrossAttention: false }
  let hidden = convolution(layer.at('conv_in'), x, 32)
  hidden = resnet(layer.at('first'), hidden, { ...block, out: 32 })
  hidden = spatialTransformer(layer.at('tokens'), hidden, { context }, { ...transformer, linearProjection: false })
  const left = hidden
  hidden = downsample(layer.at('down'), hidden, { out: 32, padding: 1 })
  hidden = resnet(layer.at('second'), hidden, { ...block, out: 64 })
  hidden = spatialTransformer(layer.at('linear'), hidden, { context }, { ...transformer, linearProjection: true })
  hidden = resnet(layer.at('third'), hidden, { ...block, out: 40 })
  hidden = resnet(layer.at('fourth'), hidden, { ...block, out: 32, timeScaleShift: 'scale_shift', time })
  const size = { height: left.shape[2], width: left.shape[3] }
  hidden = resnet(layer.at('fifth'), upsample(layer.at('up'), hidden, { out: 32, size }), { ...block, out: 32 })
  hidden = silu(groupNormalization(layer.at('norm'), hidden, 8, 1e-5))
  return convolution(layer.at('conv_out'), hidden, 4)
}

const layers: Readonly<
  Record<string, readonly [shape: Shape, inBlocks: number, build: (layer: Layer, x: Value) => Value]>
> = {
  'three by three': [[2, 32, 7, 5], 1, (layer, x) => convolution(layer, x, 48)],
  'without bias': [[1, 16, 4, 9], 1, (layer, x) => convolution(layer, x, 16, { bias: false })],
  'one by one': [[3, 48, 5, 3], 1, (layer, x) => convolution(layer, x, 32, { kernel: 1 })],
  'stride 2': [[2, 16, 9, 6], 1, (layer, x) => convolution(layer, x, 32, { stride: 2 })],
  'padded on two sides': [[2, 16, 9, 6], 1, (layer, x) => downsample(layer, x, { out: 16, padding: 0 })],
  'one place': [[1, 32, 1, 1], 1, (layer, x) => convolution(layer, x, 32)],
  'five by five': [[1, 16, 6, 11], 1, (layer, x) => convolution(layer, x, 16, { kernel: 5 })],
  'channels in that fill no block': [[2, 20, 7, 5], 0, (layer, x) => convolution(layer, x, 32)],
  'channels out that fill no block': [[2, 32, 7, 5], 0, (layer, x) => convolution(layer, x, 36)],
  'to an odd size': [[2, 16, 3, 4], 1, (layer, x) => upsample(layer, x, { out: 16, size: { height: 5, width: 7 } })],
  'a whole stack': [[2, 4, 8, 12], 12, stack],
  'a whole stack of odd size': [[2, 4, 7, 9], 12, stack],
}

test.each(Object.entries(layers))('%s: in blocks as in the plain layout', async (_, [shape, expected, build]) => {
  const block = await convolutionBlock()
  if (block === undefined) return
  const x = new TorchGenerator(3n).normal(shape)
  const plain = await computed(x, undefined, build)
  const blocked = await computed(x, block, build)
  expect(plain.inBlocks).toBe(0)
  if (block === 16) expect(blocked.inBlocks).toBe(expected)
  const largest = plain.out.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const error = plain.out.data.reduce((most, value, k) => Math.max(most, Math.abs(value - blocked.out.data[k])), 0)
  expect(error / largest).toBeLessThan(5e-6)
})
