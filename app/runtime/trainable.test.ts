import { afterAll, describe, expect, test } from 'vitest'
import { mean, multiply, subtract } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { clipText } from '../models/clip-text.ts'
import type { Trained } from '../models/trained.ts'
import { unet2DCondition } from '../models/unet-2d-condition.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { openDiffusersFolder } from '../weights/diffusers-folder.ts'
import { layersOf } from '../weights/lora.ts'
import { Network } from './network.ts'
import { Runtime } from './runtime.ts'
import { type Objective, openTrainable, type Recompute, type Trainable, type Training } from './trainable.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })
afterAll(() => runtime.release())

const model = openDiffusersFolder('native-models/sticker-world')
const unet = new Network(runtime, unet2DCondition, model.component('unet'))
const textEncoder = new Network(runtime, clipText, model.component('text_encoder'))
const width = [unet.config.cross_attention_dim].flat()[0]

const TOKENS = 5
const sizes = { batch: 1, height: 4, width: 4, tokens: TOKENS, timesteps: 'one', contextMask: false } as const
const random = (seed: bigint, ...shape: number[]) => new TorchGenerator(seed).normal(shape)
const feeds = {
  sample: random(1n, 1, unet.config.in_channels, 4, 4),
  timestep: tensor([1], Float32Array.of(421)),
  target: random(2n, 1, unet.config.out_channels, 4, 4),
}
const context = { encoder_hidden_states: random(3n, 1, TOKENS, width) }

const meanSquare = (training: Training, prediction: Training['graph']['outputs'][0]): Objective => {
  const difference = subtract(prediction, training.input('target', 'float32', prediction.shape))
  return { loss: mean(multiply(difference, difference)), outputs: { prediction } }
}
const ofUnet = (trained: Trained, recompute: Recompute = 'none') =>
  openTrainable(
    runtime,
    training => meanSquare(training, training.part({ network: unet, graph: 'predict', sizes, trained }).out_sample),
    { recompute },
  )

const drawn = ({ parameters, stored }: Trainable) =>
  new Map(
    [...parameters].map(([name, shape], k) => [
      name,
      stored(name) ?? random(BigInt(k), ...shape).data.map(value => value / 10),
    ]),
  )

/** Expects the gradients to tell how the loss changes along a random direction, in each parameter by itself or in all together. */
async function expectSlope(trainable: Trainable, fed: Parameters<Trainable['run']>[0], tolerance: number) {
  const at = drawn(trainable)
  const { gradients } = await trainable.run(fed, at)
  const direction = new Map([...at].map(([name, values], k) => [name, random(BigInt(k + 50), values.length).data]))
  const lossAt = async (step: number) => {
    const moved = [...at].map(
      ([name, values]) => [name, values.map((x, k) => x + step * (direction.get(name)?.[k] ?? 0))] as const,
    )
    return (await trainable.run(fed, new Map(moved))).loss
  }
  const step = 0.002
  const slope = ((await lossAt(step)) - (await lossAt(-step))) / (2 * step)
  const own = [...gradients].reduce(
    (sum, [name, values]) => sum + values.reduce((part, x, k) => part + x * (direction.get(name)?.[k] ?? 0), 0),
    0,
  )
  expect(own / slope).toBeGreaterThan(1 - tolerance)
  expect(own / slope).toBeLessThan(1 + tolerance)
}

const attentions = [...layersOf(model.component('unet').weights).keys()].filter(path => /attn2\.to_[qk]$/.test(path))

describe('a network with parts that are trained', () => {
  test('parameters that are chosen are fed under their keys, at first with what the file holds', async () => {
    const isChosen = (key: string) => key.startsWith('conv_in')
    const trainable = ofUnet({ parameters: isChosen })
    expect([...trainable.parameters.keys()]).toEqual(['conv_in.bias', 'conv_in.weight'])
    const session = await unet.session('predict', sizes)
    const { out_sample } = await session.run({ ...feeds, ...context })
    const { outputs } = await trainable.run({ ...feeds, ...context }, drawn(trainable))
    expect(outputs.prediction).toEqual(out_sample)
    await expectSlope(trainable, { ...feeds, ...context }, 0.01)
  })

  test('low-rank factors have the names and shapes of peft', async () => {
    const trainable = ofUnet({ factors: new Map(attentions.map(path => [path, { rank: 2, scale: 0.5 }])) })
    const [out, inside] = layersOf(model.component('unet').weights).get(attentions[1]) ?? []
    expect(trainable.parameters.size).toBe(2 * attentions.length)
    expect(trainable.parameters.get(`${attentions[1]}.lora_A.weight`)).toEqual([2, inside])
    expect(trainable.parameters.get(`${attentions[1]}.lora_B.weight`)).toEqual([out, 2])
    expect(trainable.stored(`${attentions[1]}.lora_A.weight`)).toBeUndefined()
    await expectSlope(trainable, { ...feeds, ...context }, 0.02)
  })

  test('a layer that is not there is refused by name', () => {
    const factors = new Map([['mid_block.nothing', { rank: 1, scale: 1 }]])
    expect(() => ofUnet({ factors })).toThrow(expect.objectContaining({ code: 'TRAINED_LAYER' }))
  })

  test('a parameter that no layer asks for is not there; one that the loss does not depend on gets zeros', async () => {
    const trainable = openTrainable(runtime, training => {
      training.parameter('unused', [3])
      const x = training.parameter('x', [2])
      return { loss: mean(multiply(x, x)) }
    })
    const values = new Map([
      ['unused', new Float32Array(3)],
      ['x', Float32Array.of(1, 3)],
    ])
    const { loss, gradients } = await trainable.run({}, values)
    expect(loss).toBe(5)
    expect(Object.fromEntries(gradients)).toEqual({ unused: new Float32Array(3), x: Float32Array.of(1, 3) })
  })
})

test('a new word is learned through the text encoder and the UNet', async () => {
  const rows = { key: 'embeddings.token_embedding.weight', first: 60, rows: 2, width: textEncoder.config.hidden_size }
  const trainable = openTrainable(runtime, training => {
    const { last_hidden_state } = training.part({
      network: textEncoder,
      graph: 'encode',
      sizes: { batch: 1, tokens: TOKENS, mask: false, skip: 0 },
      trained: { rows },
      prefix: 'text/',
    })
    const inputs = { encoder_hidden_states: last_hidden_state }
    return meanSquare(training, training.part({ network: unet, graph: 'predict', sizes, inputs }).out_sample)
  })
  expect([...trainable.parameters]).toEqual([['text/learned_rows', [2, rows.width]]])
  const ids = { shape: [1, TOKENS], integers: [0, 61, 4, 60, 1] }
  await expectSlope(trainable, { ...feeds, 'text/input_ids': ids }, 0.02)
})

test('two networks of one kind do not share their weights or inputs by name', async () => {
  const trainable = openTrainable(runtime, training => {
    const first = training.part({ network: unet, graph: 'predict', sizes, trained: { parameters: () => true } })
    const second = training.part({ network: unet, graph: 'predict', sizes, prefix: 'frozen/' })
    const difference = subtract(first.out_sample, second.out_sample)
    return { loss: mean(multiply(difference, difference)) }
  })
  expect([...trainable.parameters.keys()].some(name => name.startsWith('frozen/'))).toBe(false)
  const own = { ...feeds, ...context }
  const frozen = Object.fromEntries(Object.entries(own).map(([name, value]) => [`frozen/${name}`, value]))
  const { loss } = await trainable.run({ ...own, ...frozen }, drawn(trainable))
  expect(loss).toBe(0)
  const twice = (training: Training): Objective => {
    training.part({ network: unet, graph: 'predict', sizes })
    return meanSquare(training, training.part({ network: unet, graph: 'predict', sizes }).out_sample)
  }
  expect(() => openTrainable(runtime, twice)).toThrow('Two inputs or weights are named "sample".')
})

test('blocks that are computed again change no bit and hold less, as many as a budget needs', async () => {
  const large = { ...sizes, height: 32, width: 32 }
  const fed = {
    ...context,
    sample: random(1n, 1, unet.config.in_channels, 32, 32),
    timestep: feeds.timestep,
    target: random(2n, 1, unet.config.out_channels, 32, 32),
  }
  const trained = { factors: new Map(attentions.map(path => [path, { rank: 2, scale: 0.5 }])) }
  const build = (training: Training) =>
    meanSquare(training, training.part({ network: unet, graph: 'predict', sizes: large, trained }).out_sample)
  const results = async (recompute: Recompute) => {
    const trainable = openTrainable(runtime, build, { recompute })
    const { loss, gradients } = await trainable.run(fed, drawn(trainable))
    await trainable.release()
    const { activations } = trainable.footprint
    return { numbers: [loss, ...gradients.values().flatMap(values => [...values])], activations }
  }
  const [none, all] = [await results('none'), await results('all')]
  expect(all.activations).toBeLessThan(0.8 * none.activations)
  const budget = (none.activations + all.activations) / 2
  const some = await results({ budget })
  expect(some.activations).toBeLessThanOrEqual(budget)
  expect(some.activations).toBeGreaterThan(all.activations)
  expect(all.numbers).toEqual(none.numbers)
  expect(some.numbers).toEqual(none.numbers)
})
