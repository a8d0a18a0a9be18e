import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { gradient } from '../graph/gradient.ts'
import { constant, Graph, integers, type Value } from '../graph/graph.ts'
import * as ops from '../graph/ops/index.ts'
import { blocksOf } from '../graph/recompute.ts'
import { targets } from '../graph/targets.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { Session } from './session.ts'

/** Declares a float32 input of a shape: its gradient is checked. */
type Inputs = (...shape: number[]) => Value

/** How an operation is tried: random sizes, and what is written with them. */
interface Trial<Sizes = never> {
  readonly sizes: fc.Arbitrary<Sizes>
  readonly write: (input: Inputs, sizes: Sizes, graph: Graph) => Value
  /** All values above 0; otherwise of both signs. None is near 0. */
  readonly positive?: true
}

const trial = <Sizes>(
  sizes: fc.Arbitrary<Sizes>,
  write: Trial<Sizes>['write'],
  options: Pick<Trial, 'positive'> = {},
): Trial => ({ sizes, write, ...options }) as unknown as Trial

const size = fc.integer({ min: 1, max: 4 })
const shapes = fc.array(size, { minLength: 1, maxLength: 4 })
const sizes = (count: number) => fc.array(size, { minLength: count, maxLength: count })

/** A shape, and which of its axes have size 1 in either operand; the second operand may lack the first axes. */
const pairs = fc.record({
  shape: shapes,
  ones: fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
  cut: size,
})
type Pair = { shape: number[]; ones: number[]; cut: number }
const left = ({ shape, ones }: Pair) => shape.map((n, k) => (ones[k] === 1 ? 1 : n))
const right = ({ shape, ones, cut }: Pair) =>
  shape.map((n, k) => (ones[k] === 2 ? 1 : n)).slice(Math.min(cut - 1, shape.length - 1))

const unary = (op: (x: Value) => Value, options: Pick<Trial, 'positive'> = {}) =>
  trial(shapes, (input, shape) => op(input(...shape)), options)
const binary = (op: (a: Value, b: Value) => Value, options: Pick<Trial, 'positive'> = {}) =>
  trial(pairs, (input, pair) => op(input(...left(pair)), input(...right(pair))), options)

/** A shape with one of its axes. */
const withAxis = fc
  .record({ shape: shapes, pick: fc.nat() })
  .map(({ shape, pick }) => ({ shape, axis: pick % shape.length }))

const windows = fc.record({
  sizes: sizes(3),
  // From 16 x 16 places on, a kernel's gradient is computed in another form.
  side: fc.oneof(fc.integer({ min: 3, max: 9 }), fc.integer({ min: 40, max: 90 })),
  other: fc.integer({ min: 3, max: 7 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  padding: fc.integer({ min: 0, max: 2 }),
  hasBias: fc.boolean(),
})

const attentions = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  heads: fc.integer({ min: 1, max: 3 }),
  size: fc.integer({ min: 1, max: 3 }),
  queries: fc.integer({ min: 1, max: 5 }),
  keys: fc.integer({ min: 1, max: 5 }),
  bias: fc.constantFrom('none', 'one', 'heads'),
})

/** Of both signs, at most 1, nowhere near 0, where some operations have a kink; each is reached by h and 2h without crossing one. */
const values = (generator: TorchGenerator, shape: Shape, positive: boolean): Tensor => {
  const { data } = generator.uniform(shape, { low: 0.25, high: 1 })
  const signs = generator.uniform(shape, { low: -1, high: 1 }).data
  return tensor(shape, positive ? data.map(x => x + 0.25) : data.map((x, k) => (signs[k] < 0 ? -x : x)))
}

/** Every export of the operations: how it is tried, or why it is not. */
const trials: Readonly<Record<keyof typeof ops, Trial | 'no gradient' | 'no operation'>> = {
  broadcast: 'no operation',
  onnxTypes: 'no operation',
  zeros: 'no operation',
  blocksOf: 'no operation',
  withWayIntoBlocks: 'no operation',

  reduceMax: 'no gradient',
  dynamicQuantizeLinear: 'no gradient',
  matMulIntegerToFloat: 'no gradient',
  matMulNBits: 'no gradient',
  toBlocks: 'no gradient',
  fromBlocks: 'no gradient',
  placesToBlocks: 'no gradient',
  blocksToPlaces: 'no gradient',
  blockedConv: 'no gradient',
  upsampleBlocks: 'no gradient',
  averagePool: 'no gradient',
  maxPool: 'no gradient',
  oblongConv: 'no gradient',
  padAround: 'no gradient',
  placesOf: 'no gradient',
  greater: 'no gradient',
  argMin: 'no gradient',

  add: binary(ops.add),
  addPicture: binary(ops.addPicture),
  addToChannels: trial(sizes(4), (input, [batch, channels, height, width]) =>
    ops.addToChannels(input(batch, channels, height, width), input(batch, channels)),
  ),
  subtract: binary(ops.subtract),
  multiply: binary(ops.multiply),
  divide: binary(ops.divide, { positive: true }),
  where: trial(pairs, (input, pair) => {
    const [a, b] = [input(...left(pair)), input(...right(pair))]
    return ops.where(ops.greater(a, 0.1), a, b)
  }),
  sqrt: unary(ops.sqrt, { positive: true }),
  reciprocal: unary(ops.reciprocal, { positive: true }),
  exp: unary(ops.exp),
  log: unary(ops.log, { positive: true }),
  sin: unary(ops.sin),
  cos: unary(ops.cos),
  asin: unary(x => ops.asin(ops.multiply(x, 0.8))),
  sigmoid: unary(ops.sigmoid),
  tanh: unary(ops.tanh),
  relu: unary(ops.relu),
  softplus: unary(ops.softplus),
  erf: unary(ops.erf),
  gelu: unary(ops.gelu),
  geluTanh: unary(ops.geluTanh),
  quickGelu: trial(fc.record({ shape: shapes, alpha: fc.constantFrom(1, 1.702, -0.5) }), (input, { shape, alpha }) =>
    ops.quickGelu(input(...shape), alpha),
  ),
  leakyRelu: unary(x => ops.leakyRelu(x, 0.2)),
  clip: unary(x => ops.clip(x, -1.5, 0.1)),
  cast: unary(x => ops.cast(ops.cast(x, 'float64'), 'float32')),

  matMul: trial(fc.record({ pair: pairs, inner: sizes(3) }), (input, { pair, inner: [m, k, n] }) =>
    ops.matMul(input(...left(pair), m, k), input(...right(pair), k, n)),
  ),
  transposed: unary(x => ops.transposed(ops.reshape(x, [1, ...x.shape]))),
  gemm: trial(
    fc.record({ sizes: sizes(3), bias: fc.integer({ min: 0, max: 2 }) }),
    (input, { sizes: [m, k, n], bias }) =>
      ops.gemm(input(m, k), input(n, k), [undefined, () => input(n), () => input(m, n)][bias]?.()),
  ),
  product: trial(
    fc.record({ sizes: sizes(3), a: fc.boolean(), b: fc.boolean() }),
    (input, { sizes: [m, k, n], ...transposition }) => {
      const [a, b] = [transposition.a ? [k, m] : [m, k], transposition.b ? [n, k] : [k, n]]
      return ops.product(input(...a), input(...b), transposition)
    },
  ),
  conv: trial(windows, (input, { sizes: [batch, inside, out], side, other, kernel, stride, padding, hasBias }) =>
    ops.conv(input(batch, inside, side, other), input(out, inside, kernel, kernel), hasBias ? input(out) : undefined, {
      stride,
      padding,
    }),
  ),
  convTranspose: trial(
    windows,
    (input, { sizes: [batch, inside, out], side, other, kernel, stride, padding, hasBias }) => {
      const window = { stride, padding: Math.min(padding, kernel - 1) }
      const length = (size: number) => (size - 1) * stride + kernel - 2 * window.padding + (hasBias ? stride - 1 : 0)
      const size = [length(side), length(other)]
      return ops.convTranspose(input(batch, inside, side, other), input(inside, out, kernel, kernel), window, size)
    },
  ),

  instanceNormalization: trial(sizes(4), (input, [batch, instances, height, width]) =>
    ops.instanceNormalization(input(batch, instances, height + 1, width + 1), input(instances), input(instances), 0.01),
  ),
  layerNormalization: trial(sizes(3), (input, [batch, tokens, width]) =>
    ops.layerNormalization(input(batch, tokens, width + 1), input(width + 1), input(width + 1), 0.01),
  ),
  softmax: unary(ops.softmax),
  multiHeadAttention: trial(attentions, (input, { batch, heads, size, queries, keys, bias }) => {
    const width = heads * size
    const shape = { none: undefined, one: [1, 1, queries, keys], heads: [batch, heads, queries, keys] }[bias]
    const [query, key, value] = [input(batch, queries, width), input(batch, keys, width), input(batch, keys, width)]
    return ops.multiHeadAttention(query, key, value, { heads, scale: 0.7, bias: shape && input(...shape) })
  }),

  reduceSum: trial(
    fc.record({ shape: shapes, axes: fc.uniqueArray(fc.nat(3), { minLength: 1 }) }),
    (input, { shape, axes }) => {
      const there = axes.filter(axis => axis < shape.length)
      return ops.reduceSum(input(...shape), there.length === 0 ? [0] : there)
    },
  ),
  reduceMean: trial(withAxis, (input, { shape, axis }) => ops.reduceMean(input(...shape), axis)),
  sum: unary(ops.sum),
  mean: unary(ops.mean),
  sumTo: trial(pairs, (input, pair) => {
    const shape = pair.shape
    return ops.sumTo(input(...shape), right(pair))
  }),

  reshape: unary(x => ops.reshape(x, [...x.shape.toReversed(), 1])),
  after: trial(sizes(2), (input, [a, b]) => ops.after(input(a, b), input(b), [b, a])),
  transpose: trial(fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (input, order) =>
    ops.transpose(input(2, 3, 1, 4), order),
  ),
  concat: trial(
    withAxis.chain(place => sizes(3).map(counts => ({ ...place, counts }))),
    (input, { shape, axis, counts }) =>
      ops.concat(
        counts.map(count => input(...shape.with(axis, count))),
        axis,
      ),
  ),
  split: trial(
    withAxis.chain(place => sizes(3).map(counts => ({ ...place, counts }))),
    (input, { shape, axis, counts }) => {
      const total = counts.reduce((sum, count) => sum + count)
      // One part is left out: the loss does not depend on it.
      const [first, , last] = ops.split(input(...shape.with(axis, total)), axis, counts)
      return ops.concat([last, first], axis)
    },
  ),
  slice: trial(
    fc.record({ place: withAxis, margins: sizes(2) }),
    (input, { place: { shape, axis }, margins: [before, after] }) =>
      ops.slice(
        input(...shape.with(axis, shape[axis] + before + after - 1)),
        axis,
        before - 1,
        before - 1 + shape[axis],
      ),
  ),
  placesOfPicture: trial(sizes(6), (input, [batch, channels, height, width, step, top]) => {
    const rows = top + (height - 1) * step + 2
    const places = { top, left: 1, height, width, step }
    return ops.placesOfPicture(input(batch, channels, rows, 3 + (width - 1) * step), places)
  }),
  gather: trial(
    fc.record({ place: withAxis, picks: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }) }),
    (input, { place: { shape, axis }, picks }, graph) =>
      ops.gather(
        input(...shape),
        integers(
          graph,
          picks.map(pick => pick % shape[axis]),
        ),
        axis,
      ),
  ),
  scatterAdd: trial(
    fc.record({ rows: size, width: size, picks: fc.array(fc.nat(), { minLength: 1, maxLength: 5 }) }),
    (input, { rows, width, picks }, graph) => {
      const indices = constant(
        graph,
        'int64',
        [picks.length, 1],
        picks.map(pick => pick % rows),
      )
      return ops.scatterAdd(input(rows, width), indices, input(picks.length, width))
    },
  ),
  expand: trial(pairs, (input, pair) => ops.expand(input(...right(pair)), pair.shape)),
  pad: trial(shapes, (input, shape) =>
    ops.pad(
      input(...shape),
      shape.map(n => n % 3),
      shape.map(n => (n + 1) % 2),
    ),
  ),
  padAfter: trial(shapes, (input, shape) =>
    ops.padAfter(
      input(...shape),
      shape.map(n => n % 3),
    ),
  ),
  padMirrored: trial(sizes(5), (input, [batch, channels, height, width, count]) =>
    ops.padMirrored(input(batch, channels, height + count, width + count), count),
  ),
  resizeNearest: trial(sizes(6), (input, [batch, channels, height, width, down, across]) =>
    ops.resizeNearest(input(batch, channels, height, width), height * down - (down > 2 ? 1 : 0), width * across),
  ),
  averageOfTiles: trial(sizes(6), (input, [batch, channels, height, width, down, across]) =>
    ops.averageOfTiles(input(batch, channels, height * down, width * across), [down, across]),
  ),
}

/** The seed of the random sizes: the same in every run unless another is given. */
const seed = Number(process.env.GRADIENTS_SEED ?? 1)
const runs = Number(process.env.GRADIENTS_RUNS ?? 6)

describe('gradients of the operations agree with central differences', () => {
  for (const [name, each] of Object.entries(trials)) {
    if (typeof each === 'string') continue
    test(name, async () => {
      const property = fc.asyncProperty(each.sizes, fc.integer({ min: 1, max: 2 ** 31 }), async (sizes, seed) => {
        await expectDifferences(each, sizes, new TorchGenerator(BigInt(seed)))
      })
      await fc.assert(property, { seed, numRuns: runs })
    })
  }
})

test('attention that is too large for one part has the gradients of its plain form', async () => {
  // Two heads, each of whose probabilities fill a part by themselves.
  const [heads, size, queries, keys] = [2, 1, 2900, 2900]
  const graph = new Graph(targets.cpu)
  const [query, key, value] = ['q', 'k', 'v'].map(name => graph.input(name, 'float32', [1, queries, heads * size]))
  const weights = graph.input('weights', 'float32', query.shape)
  const perHead = (x: Value) => ops.transpose(ops.reshape(x, [1, keys, heads, size]), [0, 2, 1, 3])
  const probabilities = ops.softmax(ops.matMul(perHead(query), ops.transposed(perHead(key))))
  const plain = ops.transpose(ops.matMul(probabilities, perHead(value)), [0, 2, 1, 3])
  const fused = ops.multiHeadAttention(query, key, value, { heads, scale: 1 })
  const results = { plain: ops.reshape(plain, query.shape), fused }
  for (const [form, result] of Object.entries(results)) {
    const found = gradient(ops.sum(ops.multiply(result, weights)), [query, key, value])
    found.forEach((own, k) => {
      if (own) graph.output(`${form} ${k}`, own)
    })
  }
  const generator = new TorchGenerator(1n)
  const feeds = ['q', 'k', 'v', 'weights'].map(name => [name, generator.normal(query.shape)] as const)
  const session = await Session.open(graph, { threads: 1 })
  const found = await session.run(Object.fromEntries(feeds))
  await session.release()
  for (const k of [0, 1, 2]) {
    const [own, other] = [found[`fused ${k}`], found[`plain ${k}`]]
    const error = own.data.reduce((worst, x, at) => Math.max(worst, Math.abs(x - other.data[at])), 0)
    expect(error / Math.sqrt(dot(other, other) / other.data.length)).toBeLessThan(1e-3)
  }
})

/** Step of the differences. */
const STEP = 0.02

/** The loss is a random weighted sum of the results, taken in double precision. Along random directions its slope by two central differences
 *  (Richardson's extrapolation, error of the fourth order) agrees with the gradients, also when everything is computed again. */
async function expectDifferences(each: Trial, sizes: never, generator: TorchGenerator): Promise<void> {
  const [held, again] = await Promise.all([false, true].map(recompute => openTrial(each, sizes, recompute)))
  try {
    const at = held.inputs.map(({ name, shape }) => [name, values(generator, shape, each.positive === true)] as const)
    const weights = generator.normal(held.shape)
    const feeds = { ...Object.fromEntries(at), weights }
    const { result, ...gradients } = await held.session.run(feeds)
    expect(await again.session.run(feeds)).toEqual({ result, ...gradients })
    const lossAt = async (directions: ReadonlyMap<string, Tensor>, step: number) => {
      const moved = at.map(([name, { shape, data }]) => {
        const direction = directions.get(name)
        return [
          name,
          direction
            ? tensor(
                shape,
                data.map((x, k) => x + step * direction.data[k]),
              )
            : tensor(shape, data),
        ]
      })
      return dot((await held.session.run({ ...feeds, ...Object.fromEntries(moved) })).result, weights)
    }
    const rounding = (2 ** -22 * result.data.reduce((sum, y, k) => sum + Math.abs(y * weights.data[k]), 0)) / STEP
    for (const [name, { shape }] of at) {
      const direction = generator.uniform(shape, { low: -1, high: 1 })
      const slope = async (step: number) => {
        const directions = new Map([[name, direction]])
        return ((await lossAt(directions, step)) - (await lossAt(directions, -step))) / (2 * step)
      }
      const difference = (4 * (await slope(STEP)) - (await slope(2 * STEP))) / 3
      const own = gradients[`gradient/${name}`]
      expect(own?.shape, name).toEqual(shape)
      const size = Math.sqrt(dot(own, own) * dot(direction, direction))
      expect(Math.abs(dot(own, direction) - difference), name).toBeLessThanOrEqual(2e-3 * size + rounding + 1e-5)
    }
  } finally {
    await held.session.release()
    await again.session.release()
  }
}

const dot = (a: Tensor, b: Tensor): number => a.data.reduce((sum, value, k) => sum + value * b.data[k], 0)

async function openTrial({ write }: Trial, sizes: never, recompute: boolean) {
  const graph = new Graph(targets.cpu)
  const inputs: Value[] = []
  const input: Inputs = (...shape) => {
    const value = graph.input(`x${inputs.length}`, 'float32', shape)
    inputs.push(value)
    return value
  }
  const result = graph.block(() => write(input, sizes, graph))
  const loss = ops.sum(ops.multiply(result, graph.input('weights', 'float32', result.shape)))
  const blocks = recompute ? blocksOf(loss) : []
  const found = gradient(loss, inputs, { recompute: new Set(blocks) })
  graph.output('result', result)
  found.forEach((value, k) => {
    const own = value ?? ops.zeros(result, inputs[k].shape)
    graph.output(`gradient/${inputs[k].name}`, own)
  })
  return { session: await Session.open(graph, { threads: 1 }), inputs, shape: result.shape }
}
