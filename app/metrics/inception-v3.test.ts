import { expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { inceptionV3 } from '../models/inception-v3.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { Session } from '../runtime/session.ts'
import { type Shape, sizeOf, tensor } from '../tensor/tensor.ts'

/** The formula of test/parity/make/inception.py. */
function numbers(count: number, seed: number, scale: number, shift = 0): Float32Array {
  const values = new Float32Array(count)
  for (let k = 0, root = (seed * 104729) % 65521; k < count; k++, root = (root + 7919) % 65521) {
    values[k] = (((root * root) % 65521) / 65521 - 0.5) * scale + shift
  }
  return values
}

function weight(key: string, shape: Shape, seed: number): Float32Array {
  const count = sizeOf(shape)
  if (/\.(?:bias|running_mean)$/.test(key)) return numbers(count, seed, 0.2)
  return shape.length === 1 ? numbers(count, seed, 1, 1) : numbers(count, seed, Math.sqrt(24 / (count / shape[0])))
}

type Config = Parameters<typeof inceptionV3.graphs.classify>[1]

function build(config: Config, values: (key: string, shape: Shape) => Float32Array): Graph {
  const graph = new Graph(targets.cpu)
  const parameter: ParameterSource['parameter'] = (owner, key, shape, use) =>
    owner.constant('float32', use, new Uint8Array(values(key, shape).buffer))
  inceptionV3.graphs.classify(new Layer(graph, { parameter, table: parameterless }), config, { batch: 1 })
  return graph
}

const parameterless = () => {
  throw new Error('it has no tables')
}

/** Every 8th part of a list: what the reference was asked for. */
const samples = (values: Float32Array) =>
  [...values].filter((_, k) => k % Math.floor(values.length / 8) === 0).slice(0, 8)

// Numbers of torchvision 0.29.1 (test/parity/make/inception.py).
test.each([
  {
    config: { variant: 'torchvision', num_classes: 10 } as const,
    mean: 4.210686425589326,
    features: [0, 0, 8.23423957824707, 0.25294652581214905, 14.791125297546387, 2.3938722610473633, 5.329780578613281],
    logits: [3.168074369430542, 11.491232872009277, -0.8244150876998901, 13.062111854553223, 9.083850860595703],
  },
  {
    config: { variant: 'fid', num_classes: 1008 } as const,
    mean: 4.493641837031728,
    features: [0, 0, 8.394784927368164, 0.2107684314250946, 15.319329261779785, 2.4851834774017334, 5.493303298950195],
    logits: [2.0442535877227783, 7.836142539978027, -1.6578243970870972, -4.362030506134033, -1.7621023654937744],
  },
])(
  'InceptionV3 of $config.variant computes what the reference does',
  async ({ config, mean, features, logits }) => {
    const keys = new Set<string>()
    build(config, (key, shape) => {
      keys.add(key)
      return new Float32Array(sizeOf(shape))
    })
    const seeds = new Map([...keys].sort().map((key, seed) => [key, seed]))
    const graph = build(config, (key, shape) => weight(key, shape, seeds.get(key) ?? Number.NaN))
    const session = await Session.open(graph, { threads: 2 })
    const results = await session.run({ pixel_values: tensor([1, 3, 299, 299], numbers(3 * 299 * 299, 1, 2)) })
    await session.release()
    expect(results.features.shape).toEqual([1, 2048])
    expect(results.features.data.reduce((sum, value) => sum + value, 0) / 2048).toBeCloseTo(mean, 4)
    const found = samples(results.features.data)
    for (const [k, value] of features.entries()) expect(found[k]).toBeCloseTo(value, 3)
    const classes = samples(results.logits.data)
    for (const [k, value] of logits.entries()) expect(classes[k]).toBeCloseTo(value, 3)
  },
  60_000,
)
