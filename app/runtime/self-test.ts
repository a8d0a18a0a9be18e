import { Graph, type Value } from '../graph/graph.ts'
import { add, cast, multiply } from '../graph/ops/index.ts'
import { type Target, targets } from '../graph/targets.ts'
import { attend } from '../models/layers/attention.ts'
import {
  activations,
  convolution,
  groupNormalization,
  layerNorm,
  linear,
  silu,
  timestepEmbedding,
} from '../models/layers/basic.ts'
import { computed } from '../models/layers/half.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { downsample, resnet, upsample } from '../models/layers/resnet.ts'
import { spatialTransformer } from '../models/layers/transformer.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import { type Feeds, Session } from './session.ts'

/** What a provider answered to the known-answer test. */
export interface SelfTestResult {
  readonly passed: boolean
  /** Largest difference from the CPU, divided by the CPU's largest value. */
  readonly worstError: number
}

/** Providers agree with the CPU to about 1e-5 of the largest value; one that computes another thing is off by a hundredth and more. */
const TOLERANCE = 1e-3

/** Half precision rounds to 11 significant bits, by at most 2^-11 of a number. About 60 roundings follow each other in the network, and independent ones
 *  add up as their square root: 8 x 2^-11. Twice that, because sums may be kept in half precision too. The layers' own roundings alone, computed on the
 *  CPU, are a quarter of it; something wrong is off by more than all of it. */
export const HALF_TOLERANCE = 2 * 8 * 2 ** -11

/** Computes a small network that has every kind of layer, in the target's forms, and compares with the CPU.
 *  @throws Problem SESSION_* where the provider is not there at all. A broken driver may end the process: call it in a child. */
export async function selfTest(target: Target, threads: number): Promise<SelfTestResult> {
  const size = { size: 8, channels: 32 }
  const reference = await run(targets.cpu, threads, size)
  const worstError = relativeError((await run(target, threads, size)).out, reference.out)
  // NaN fails: it is not at most the tolerance.
  return { passed: worstError <= (target.compute === 'float16' ? HALF_TOLERANCE : TOLERANCE), worstError }
}

/** The time of one run of a larger network, divided by another target's: below 1, the first is quicker. */
export async function relativeTime(target: Target, threads: number, other = targets.cpu): Promise<number> {
  const size = { size: 32, channels: 128 }
  return (await run(target, threads, size)).seconds / (await run(other, threads, size)).seconds
}

interface NetworkSize {
  readonly size: number
  readonly channels: number
}

const TOKENS = 12
const TEXT_WIDTH = 24

/** Runs the network twice, so that what is done once (shaders) is not timed. */
async function run(target: Target, threads: number, size: NetworkSize) {
  const generator = new TorchGenerator(1n)
  const feeds: Feeds = {
    sample: generator.normal([2, 4, size.size, size.size]),
    timestep: tensor([1], Float32Array.of(321)),
    context: generator.normal([2, TOKENS, TEXT_WIDTH]),
  }
  const session = await Session.open(everyLayer(target, size), { threads })
  try {
    const { out } = await session.run(feeds)
    const start = performance.now()
    await session.run(feeds)
    return { out, seconds: (performance.now() - start) / 1000 }
  } finally {
    await session.release()
  }
}

/** The layers of a text encoder, a UNet and an autoencoder, one after the other. */
function everyLayer(target: Target, { size, channels }: NetworkSize): Graph {
  const graph = new Graph(target)
  const layer = new Layer(graph, randomParameters())
  const sample = graph.input('sample', 'float32', [2, 4, size, size])
  const time = silu(embeddedTime(layer, graph.input('timestep', 'float32', [1]), channels))
  const context = textLayer(layer.at('text'), graph.input('context', 'float32', [2, TOKENS, TEXT_WIDTH]))
  const block = { groups: 8, epsilon: 1e-5, time, out: channels }
  const transformer = { heads: 4, layers: 1, groups: 8, linearProjection: false, onlyCrossAttention: false }
  let hidden = convolution(layer.at('conv_in'), sample, channels)
  hidden = resnet(layer.at('first'), hidden, block)
  hidden = spatialTransformer(layer.at('transformer'), hidden, { context }, transformer)
  hidden = downsample(layer.at('down'), hidden, { out: channels, padding: 0 })
  hidden = resnet(layer.at('second'), hidden, { ...block, out: channels * 2 })
  hidden = upsample(layer.at('up'), hidden, { out: channels })
  hidden = silu(groupNormalization(layer.at('norm_out'), hidden, 8, 1e-6))
  graph.output('out', convolution(layer.at('conv_out'), hidden, 3))
  return graph
}

const embeddedTime = (layer: Layer, timestep: Value, channels: number): Value =>
  linear(
    layer.at('time'),
    timestepEmbedding(layer.at('sinusoid'), timestep, channels, { flipSinToCos: true, frequencyShift: 0 }),
    channels,
  )

/** A layer of a text encoder: biased attention, both activations. */
function textLayer(layer: Layer, fed: Value): Value {
  const x = computed(fed)
  const bias = layer.numbers(
    [1, 1, TOKENS, TOKENS],
    Array.from({ length: TOKENS ** 2 }, (_, k) => (k % TOKENS > k / TOKENS ? -1e4 : 0)),
  )
  const normal = layerNorm(layer.at('norm'), x)
  const attended = add(attend(normal, multiply(normal, 0.5), normal, { heads: 4, bias }), x)
  return activations.gelu(activations.quick_gelu(linear(layer.at('mlp'), attended, TEXT_WIDTH)))
}

/** Weights that keep the values' size: normal, divided by the square root of the inputs; scales about 1. */
function randomParameters(): ParameterSource {
  const generator = new TorchGenerator(2n)
  return {
    parameter(graph, key, shape, use) {
      const values = generator.normal(shape).data
      const inputs = sizeOf(shape.slice(1))
      const offset = shape.length === 1 && key.endsWith('weight') ? 1 : 0
      const data = values.map(value => offset + value / (shape.length === 1 ? 10 : Math.sqrt(inputs)))
      return cast(graph.constant('float32', use, new Uint8Array(data.buffer)), graph.target.compute)
    },
    table() {
      throw new Error('the known-answer network looks nothing up')
    },
  }
}

function relativeError(own: Tensor, reference: Tensor): number {
  let [error, largest] = [0, 0]
  reference.data.forEach((value, k) => {
    largest = Math.max(largest, Math.abs(value))
    const difference = Math.abs(own.data[k] - value)
    error = Math.max(error, difference)
  })
  return error / largest
}
