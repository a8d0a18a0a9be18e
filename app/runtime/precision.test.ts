import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { transpose } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { convolution, linear } from '../models/layers/basic.ts'
import { Layer, type ParameterSource, type QuantizedWeight } from '../models/layers/layer.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, sizeOf, type Tensor } from '../tensor/tensor.ts'
import type { Precision } from '../weights/precision.ts'
import { block4, scales4, scales8, values4, values8 } from '../weights/quantize.ts'
import { Checkpoint } from './checkpoint.ts'
import { convolutionBlock } from './convolution-block.ts'
import { is8BitExact } from './eight-bit.ts'
import { footprintOf } from './footprint.ts'
import { Runtime } from './runtime.ts'
import { Session } from './session.ts'

const cache = mkdtempSync(join(tmpdir(), 'sfumato-precision-'))
afterAll(() => rmSync(cache, { recursive: true }))

/** Random weights, as they are or quantised. */
function parameters(bits?: 8 | 4): ParameterSource {
  const weights = new Map<string, Float32Array>()
  const of = (key: string, shape: Shape) => {
    const values = weights.get(key) ?? new TorchGenerator(BigInt(key.length)).normal(shape).data
    weights.set(key, values)
    return values
  }
  const bytes = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
  return {
    parameter: (graph, key, shape, use) => graph.constant('float32', use, bytes(of(key, shape))),
    table() {
      throw new Error('nothing is looked up')
    },
    quantized(graph, key, shape): QuantizedWeight | undefined {
      const [out, inside] = shape
      const weight = of(key, shape)
      if (bits === 8) {
        const scales = scales8(weight, out)
        const taps = sizeOf(shape.slice(2))
        const values = graph.constant('int8', [taps * inside, out], bytes(values8(weight, out, taps, scales)))
        return { bits, out, values, scales: graph.constant('float32', [out], bytes(scales)) }
      }
      if (bits === undefined || shape.length !== 2) return undefined
      const scales = scales4(weight, out)
      const blocks = Math.ceil(inside / block4)
      const values = graph.constant('uint8', [out, blocks, block4 / 2], bytes(values4(weight, out, scales)))
      return { bits, out, block: block4, values, scales: graph.constant('float32', [out * blocks], bytes(scales)) }
    },
  }
}

async function computed(x: Tensor, bits: 8 | 4 | undefined, build: typeof layers.linear): Promise<Tensor> {
  const graph = new Graph(targets.cpu)
  const input = graph.input('x', 'float32', x.shape)
  graph.output('out', build(new Layer(graph, parameters(bits), 'layer'), input))
  const session = await Session.open(graph, { threads: 1 })
  const { out } = await session.run({ x })
  await session.release()
  expect(out.shape).toEqual(graph.outputs[0].shape)
  return out
}

const layers = {
  linear: (layer: Layer, x: Parameters<typeof linear>[1]) => linear(layer, x, 24),
  withoutBias: (layer: Layer, x: Parameters<typeof linear>[1]) => linear(layer, x, 24, { bias: false }),
  kernel3: (layer: Layer, x: Parameters<typeof linear>[1]) => convolution(layer, x, 24),
  strided: (layer: Layer, x: Parameters<typeof linear>[1]) => convolution(layer, x, 24, { stride: 2 }),
  unpadded: (layer: Layer, x: Parameters<typeof linear>[1]) => convolution(layer, x, 24, { stride: 2, padding: 0 }),
  kernel1: (layer: Layer, x: Parameters<typeof linear>[1]) => convolution(layer, x, 24, { kernel: 1 }),
}

/** Root mean square of the difference, divided by the reference's. */
function relativeError(found: Tensor, reference: Tensor): number {
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0)
  return Math.sqrt(squares(found.data.map((value, k) => value - reference.data[k])) / squares(reference.data))
}

// A step of 8 bits is 1/255 of the range of normal values (about 8 deviations), uniformly wrong: 8 / 255 / sqrt(12) = 0.9 % for the
// activations, half of that for the weights. In 4 bits a block of 32 spans about 4.2 deviations in 15 steps: 8 %.
test.each([
  ['linear' as const, [2, 5, 40], 8 as const, 0.015],
  ['withoutBias' as const, [7, 40], 8 as const, 0.015],
  ['kernel3' as const, [2, 40, 7, 6], 8 as const, 0.015],
  ['strided' as const, [2, 40, 7, 6], 8 as const, 0.015],
  ['unpadded' as const, [2, 40, 7, 6], 8 as const, 0.015],
  ['kernel1' as const, [2, 40, 7, 6], 8 as const, 0.015],
  ['linear' as const, [2, 5, 40], 4 as const, 0.11],
  ['withoutBias' as const, [7, 40], 4 as const, 0.11],
])('%s of %j in %i bit', async (name, shape, bits, bound) => {
  const x = new TorchGenerator(5n).normal(shape)
  const exact = await computed(x, undefined, layers[name])
  const error = relativeError(await computed(x, bits, layers[name]), exact)
  expect(error).toBeLessThan(bound)
  expect(error).toBeGreaterThan(0)
})

const model = 'native-models/sticker-world'

/** One step of the embedded model's UNet, 8 x 12 latents. */
async function step(precision: Precision, block?: number): Promise<Tensor> {
  const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
  const checkpoint = new Checkpoint(model, runtime, { precision: { precision, cache, block } })
  const isPrepared = precision === 'as stored'
  expect(checkpoint.mustPrepare).toBe(!isPrepared)
  const predict = await checkpoint.predictor([1, 8, 8, 12], 32, true)
  expect(checkpoint.mustPrepare).toBe(false)
  const generator = new TorchGenerator(1n)
  const out = await predict(generator.normal([2, 8, 8, 12]), 400, {
    encoder_hidden_states: generator.normal([2, 32, 256]),
  })
  await runtime.release()
  return out
}

test('a UNet: single precision is off by roundings, 8 bit is off by less than 4 %, 4 bit by less than 15 %', async () => {
  const exact = await step('as stored')
  expect(relativeError(await step('fp32'), exact)).toBeLessThan(3e-6)
  expect(relativeError(await step('8 bit'), exact)).toBeLessThan(0.04)
  expect(relativeError(await step('4 bit'), exact)).toBeLessThan(0.15)
  expect(readdirSync(cache).length).toBe(3)
})

test('a UNet: single precision in blocks differs by roundings; its side-car is not the one of the plain layout', async () => {
  const block = await convolutionBlock()
  const exact = await step('as stored')
  const blocked = await step('fp32', block)
  expect(relativeError(blocked, exact)).toBeLessThan(3e-6)
  if (block !== undefined) expect(relativeError(blocked, exact)).toBeGreaterThan(0)
})

test('few bits are refused where the provider cannot compute with them', () => {
  const webgpu = new Runtime({ target: targets.webgpu, threads: 2, memoryBudget: 2 ** 32 })
  expect(() => new Checkpoint(model, webgpu, { precision: { precision: '8 bit', cache } })).toThrow(
    /8 bit are computed on the CPU/,
  )
})

test('what cannot fit is refused with the numbers and with what would, before a side-car is written', async () => {
  const empty = mkdtempSync(join(cache, 'empty-'))
  const tight = (memory: number) => new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 40, memory })
  const refused = new Checkpoint(model, tight(30e6), { precision: { precision: 'fp32', cache: empty } }).predictor(
    [1, 8, 16, 16],
    32,
    true,
  )
  await expect(refused).rejects.toMatchObject({
    code: 'MEMORY',
    message: expect.stringMatching(/0\.046 GB of weights.*this computer has 0\.030 GB/),
    hint: expect.stringContaining('the precision "8 bit"'),
  })
  expect(readdirSync(empty)).toEqual([])
  const eight = new Checkpoint(model, tight(30e6), { precision: { precision: '8 bit', cache: empty } })
  await eight.predictor([1, 8, 16, 16], 32, true)
})

test('the footprint: what lives at once, with views and results in place', () => {
  const graph = new Graph(targets.cpu)
  const layer = new Layer(graph, parameters())
  const x = graph.input('x', 'float32', [10, 40])
  const hidden = linear(layer.at('first'), x, 100, { bias: false })
  graph.output('out', linear(layer.at('second'), hidden, 60, { bias: false }))
  // The input, the hidden rows, the result, four times; two weights.
  expect(footprintOf(graph)).toEqual({ weights: 4 * (40 * 100 + 100 * 60), activations: 4 * 4 * 10 * (40 + 100 + 60) })
})

test('the footprint: weights that are laid out for products when a session opens count as memory that it holds', () => {
  const graph = new Graph({ ...targets.cpu, products: 'packed' })
  const layer = new Layer(graph, parameters())
  graph.output('out', linear(layer.at('first'), graph.input('x', 'float32', [10, 40]), 100, { bias: false }))
  const footprint = footprintOf(graph)
  expect(footprint).toMatchObject({ weights: 4 * 40 * 100, packed: 4 * 40 * 100 })
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
  expect(runtime.held(footprint) - runtime.held({ ...footprint, packed: 0 })).toBe(4 * 40 * 100)
})

const hasVnni = existsSync('/proc/cpuinfo') && /^flags.*vnni/m.test(readFileSync('/proc/cpuinfo', 'utf8'))

test.runIf(hasVnni)('8 bit: on a processor with VNNI products are exact', async () => {
  expect(await is8BitExact(2)).toBe(true)
})

test('the footprint: the largest of the blocks that the C library keeps are never used again, and those above 32 MB are given back', () => {
  const turned = (side: number, times: number) => {
    const graph = new Graph(targets.cpu)
    let x = graph.input('x', 'float32', [side, side])
    for (let k = 0; k < times; k++) x = transpose(x, [1, 0])
    graph.output('out', x)
    return footprintOf(graph).activations / (4 * side * side)
  }
  // Three live at once, the input among them, 4 times; from 12 blocks on there are more than that, but at most 9 times as many count.
  expect([turned(40, 5), turned(40, 15), turned(40, 60)]).toEqual([12, 15, 27])
  expect(turned(3000, 15)).toBeCloseTo(1.4 * 3)
})
