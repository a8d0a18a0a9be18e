import { Graph, type Value } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { Layer, type ParameterSource, type QuantizedWeight } from '../models/layers/layer.ts'
import { quantizedLinear } from '../models/layers/quantized.ts'
import { resnet } from '../models/layers/resnet.ts'
import { spatialTransformer } from '../models/layers/transformer.ts'
import { type Shape, sizeOf, tensor } from '../tensor/tensor.ts'
import { block4 } from '../weights/quantize.ts'
import { Session } from './session.ts'

/** What 8 and 4 bit are worth on this computer. */
export interface FewBits {
  /** Whether 8-bit products are right; 4-bit models have some too. */
  readonly exact: boolean
  /** How many times as quick as in single precision a block of a UNet is; 1: as quick. */
  readonly gains: { readonly '8 bit': number; readonly '4 bit': number }
}

/** A known answer, then a timing of half a second. @throws Problem SESSION_* */
export async function measureFewBits(threads: number): Promise<FewBits> {
  const exact = await is8BitExact(threads)
  const [single, eight, four] = await bestSeconds(await Promise.all(forms.map(bits => openBlock(threads, bits))))
  return { exact, gains: { '8 bit': single / eight, '4 bit': single / four } }
}

/** A block of a UNet: convolutions, attention, linear layers, and what is computed in single precision all the same. */
const BLOCK = { channels: 256, side: 24, tokens: 77, textWidth: 768 } as const

const forms = [undefined, 8, 4] as const

/** Whatever else computes meanwhile changes from moment to moment: the forms take turns, and the best run of each counts. */
const ROUNDS = 5

async function bestSeconds(blocks: readonly { run: () => Promise<unknown>; release: () => Promise<void> }[]) {
  for (const { run } of blocks) await run()
  const best = blocks.map(() => Number.POSITIVE_INFINITY)
  for (let round = 0; round < ROUNDS; round++) {
    for (const [k, { run }] of blocks.entries()) {
      const start = performance.now()
      await run()
      best[k] = Math.min(best[k], (performance.now() - start) / 1000)
    }
  }
  for (const { release } of blocks) await release()
  return best
}

async function openBlock(threads: number, bits: 8 | 4 | undefined) {
  const { channels, side, tokens, textWidth } = BLOCK
  const graph = new Graph(targets.cpu)
  const layer = new Layer(graph, anyParameters(bits))
  const sample = graph.input('sample', 'float32', [2, channels, side, side])
  const context = graph.input('context', 'float32', [2, tokens, textWidth])
  const hidden = resnet(layer.at('resnet'), sample, { out: channels, groups: 32, epsilon: 1e-5 })
  const transformer = { heads: 8, layers: 1, groups: 32, linearProjection: false, onlyCrossAttention: false }
  graph.output('out', spatialTransformer(layer.at('transformer'), hidden, { context }, transformer))
  const filled = ({ shape }: Value) => tensor(shape, new Float32Array(sizeOf(shape)).fill(0.5))
  const feeds = { sample: filled(sample), context: filled(context) }
  const session = await Session.open(graph, { threads })
  return { run: () => session.run(feeds), release: () => session.release() }
}

/** Parameters of any values, as side-cars lay them out: with 4 bits, convolutions have 8. */
function anyParameters(bits: 8 | 4 | undefined): ParameterSource {
  return {
    parameter: (graph, _key, shape, use) =>
      graph.constant('float32', use, bytesOf(new Float32Array(sizeOf(shape)).fill(0.01))),
    table() {
      throw new Error('the block looks nothing up')
    },
    quantized: (graph, _key, shape) => bits && anyWeight(graph, shape, bits === 4 && shape.length === 2 ? 4 : 8),
  }
}

function anyWeight(graph: Graph, shape: Shape, bits: 8 | 4): QuantizedWeight {
  const [out, ...rest] = shape
  const inside = sizeOf(rest)
  const blocks = Math.ceil(inside / block4)
  const scales = (count: number) => graph.constant('float32', [count], bytesOf(new Float32Array(count).fill(0.001)))
  return bits === 8
    ? {
        bits,
        out,
        values: graph.constant('int8', [inside, out], new Uint8Array(inside * out).fill(7)),
        scales: scales(out),
      }
    : {
        ...{ bits, out, block: block4, scales: scales(out * blocks) },
        values: graph.constant(
          'uint8',
          [out, blocks, block4 / 2],
          new Uint8Array((out * blocks * block4) / 2).fill(0x7a),
        ),
      }
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

/** Whole numbers from -127 to 127, the extremes often; scale 1. */
const weightAt = (index: number): number => (index % 4 < 2 ? 127 : index % 4 === 2 ? -127 : (index % 255) - 127)

/** Whether 8-bit products are exact on this computer: processors without an instruction for them (VNNI) may add pairs in 16 bits, which overflows.
 *  Whole numbers from 0 to 255, both of them there, are their own quantisation: every sum is known, and stays below 2^24.
 *  @throws Problem SESSION_* */
export async function is8BitExact(threads: number): Promise<boolean> {
  const [rows, inside, out] = [3, 256, 64]
  const graph = new Graph(targets.cpu)
  const values = Int8Array.from({ length: inside * out }, (_, index) => weightAt(index))
  const weight = {
    ...({ bits: 8, out, values: graph.constant('int8', [inside, out], bytesOf(values)) } as const),
    scales: graph.constant('float32', [out], bytesOf(new Float32Array(out).fill(1))),
  }
  graph.output('out', quantizedLinear(graph.input('x', 'float32', [rows, inside]), weight, undefined))
  const x = Float32Array.from({ length: rows * inside }, (_, index) => (index % 3 === 0 ? 255 : index % 256))
  const session = await Session.open(graph, { threads })
  const found = (await session.run({ x: tensor([rows, inside], x) })).out.data
  await session.release()
  return found.every((value, index) => {
    const [row, column] = [Math.floor(index / out), index % out]
    let sum = 0
    for (let k = 0; k < inside; k++) sum += x[row * inside + k] * weightAt(k * out + column)
    return value === sum
  })
}
