import { Graph, type Value } from '../graph/graph.ts'
import { gemm } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { quantizedLinear } from '../models/layers/quantized.ts'
import { tensor } from '../tensor/tensor.ts'
import { Session } from './session.ts'

/** What linear layers reach on this computer, in multiplications with their additions a second. */
export interface ProductRates {
  readonly float32: number
  readonly int8: number
}

/** Below this gain 8 bit is not worth its loss for speed (it still takes less memory). */
const WORTHWHILE = 1.2

/** Whether 8 bit is right and quicker than single precision on this computer: a known answer, and a timing of a tenth of a second.
 *  @throws Problem SESSION_* */
export async function is8BitFaster(threads: number): Promise<boolean> {
  if (!(await is8BitExact(threads))) return false
  const { float32, int8 } = await measureProducts(threads)
  return int8 > WORTHWHILE * float32
}

/** Times a linear layer in single precision and in 8 bit. @throws Problem SESSION_* */
export async function measureProducts(threads: number): Promise<ProductRates> {
  const size = { rows: 1024, inside: 1280, out: 1280 }
  const work = size.rows * size.inside * size.out
  return {
    float32: work / (await secondsOf(threads, size, floatLinear)),
    int8: work / (await secondsOf(threads, size, intLinear)),
  }
}

interface Size {
  readonly rows: number
  readonly inside: number
  readonly out: number
}

const bytesOf = (array: ArrayBufferView) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength)

const floatLinear = (x: Value, { inside, out }: Size): Value =>
  gemm(x, x.graph.constant('float32', [out, inside], bytesOf(new Float32Array(out * inside).fill(0.5))))

/** Whole numbers from -127 to 127, the extremes often; scale 1. */
const weightAt = (index: number): number => (index % 4 < 2 ? 127 : index % 4 === 2 ? -127 : (index % 255) - 127)

function intLinear(x: Value, { inside, out }: Size): Value {
  const values = new Int8Array(inside * out)
  for (let index = 0; index < values.length; index++) values[index] = weightAt(index)
  const weight = {
    bits: 8,
    out,
    values: x.graph.constant('int8', [inside, out], bytesOf(values)),
    scales: x.graph.constant('float32', [out], bytesOf(new Float32Array(out).fill(1))),
  } as const
  return quantizedLinear(x, weight, undefined)
}

async function secondsOf(threads: number, size: Size, layer: typeof intLinear): Promise<number> {
  const run = await opened(threads, size, layer)
  const x = new Float32Array(size.rows * size.inside).fill(0.5)
  await run.once(x)
  let best = Number.POSITIVE_INFINITY
  for (let k = 0; k < 3; k++) {
    const start = performance.now()
    await run.once(x)
    best = Math.min(best, (performance.now() - start) / 1000)
  }
  await run.release()
  return best
}

/** Whether 8-bit products are exact on this computer: processors without an instruction for them (VNNI) may add pairs in 16 bits, which overflows.
 *  Whole numbers from 0 to 255, both of them there, are their own quantisation: every sum is known, and stays below 2^24.
 *  @throws Problem SESSION_* */
export async function is8BitExact(threads: number): Promise<boolean> {
  const size = { rows: 3, inside: 256, out: 64 }
  const x = Float32Array.from({ length: size.rows * size.inside }, (_, index) => (index % 3 === 0 ? 255 : index % 256))
  const run = await opened(threads, size, intLinear)
  const found = await run.once(x)
  await run.release()
  return found.every((value, index) => {
    const [row, column] = [Math.floor(index / size.out), index % size.out]
    let sum = 0
    for (let k = 0; k < size.inside; k++) sum += x[row * size.inside + k] * weightAt(k * size.out + column)
    return value === sum
  })
}

async function opened(threads: number, size: Size, layer: typeof intLinear) {
  const graph = new Graph(targets.cpu)
  const shape = [size.rows, size.inside]
  graph.output('out', layer(graph.input('x', 'float32', shape), size))
  const session = await Session.open(graph, { threads })
  return {
    once: async (x: Float32Array) => (await session.run({ x: tensor(shape, x) })).out.data,
    release: () => session.release(),
  }
}
