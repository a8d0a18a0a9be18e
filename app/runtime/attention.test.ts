import { describe, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { modelOfGoldens } from '../models/testing.ts'
import { type AttentionSizes, type UNetSizes, unet2DCondition } from '../models/unet-2d-condition.ts'
import { splitBatches } from '../tensor/batches.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openDiffusersFolder } from '../weights/diffusers-folder.ts'
import { Network } from './network.ts'
import { Runtime } from './runtime.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
const tokens = 7

/** A network of goldens, with feeds for two pictures under guidance: [source, edited] of each half. */
function open(part: string, attention?: Omit<AttentionSizes, 'guided'>) {
  const model = modelOfGoldens({ unet: part }, ['DDIMScheduler'])
  const network = new Network(runtime, unet2DCondition, openDiffusersFolder(model).component('unet'))
  const { in_channels, cross_attention_dim, addition_embed_type, addition_time_embed_dim } = network.config
  const isXl = addition_embed_type === 'text_time'
  const sizes: UNetSizes = {
    ...{ batch: 4, height: 8, width: 8, tokens, timesteps: 'one', contextMask: false },
    ...(isXl && { timeIds: 6 }),
    ...(attention && { attention: { guided: true, ...attention } }),
  }
  const pooled = Number(network.config.projection_class_embeddings_input_dim) - 6 * Number(addition_time_embed_dim)
  return { network, sizes, widths: { in_channels, text: [cross_attention_dim].flat()[0], pooled, isXl } }
}

const feedsOf = ({ widths: { in_channels, text, pooled, isXl } }: ReturnType<typeof open>) => ({
  sample: new TorchGenerator(1n).normal([4, in_channels, 8, 8]),
  timestep: tensor([1], Float32Array.of(501)),
  encoder_hidden_states: new TorchGenerator(2n).normal([4, tokens, text]),
  ...(isXl && {
    text_embeds: new TorchGenerator(4n).normal([4, pooled]),
    time_ids: new TorchGenerator(5n).normal([4, 6]),
  }),
})

const diagonal = Float32Array.from({ length: tokens ** 2 }, (_, k) => (k % (tokens + 1) === 0 ? 1 : 0))
const nothing = { words: new Float32Array(tokens ** 2), own: new Float32Array(tokens).fill(1), structure: [0, 0, 0] }
const asked = (edit: typeof nothing) => ({
  'attention.source_words': tensor([1, tokens, tokens], edit.words),
  'attention.own_words': tensor([1, tokens], edit.own),
  'attention.structure': tensor([3], Float32Array.from(edit.structure)),
})

async function run(part: string, attention?: Omit<AttentionSizes, 'guided'>, more: Record<string, Tensor> = {}) {
  const opened = open(part, attention)
  const session = await opened.network.session('predict', opened.sizes)
  return session.run({ ...feedsOf(opened), ...more })
}

const whole = { followers: 1, words: true, maps: true, structure: { layers: 'all', halves: 'wanted' } } as const

describe.each(['sd1/unet', 'unet_sd2', 'sdxl/unet'])('attention of %s', part => {
  test('what is not edited does not change by a bit', async () => {
    const { out_sample: plain } = await run(part)
    const edit = { words: diagonal, own: new Float32Array(tokens), structure: [1, 1, 0] }
    const { out_sample: edited } = await run(part, whole, asked(edit))
    const [before, after] = [plain, edited].map(each => splitBatches(each, 4).map(({ data }) => data))
    expect(after.slice(0, 3)).toEqual(before.slice(0, 3))
    expect(after[3]).not.toEqual(before[3])
  })

  test('an edit that asks for nothing changes the edited picture by roundings alone', async () => {
    const { out_sample: plain } = await run(part)
    const { out_sample: edited } = await run(part, whole, asked(nothing))
    for (const [k, value] of edited.data.entries()) expect(value).toBeCloseTo(plain.data[k], 4)
  })

  test('maps of all sizes say how much each place looks at each word', async () => {
    const { out_sample, ...maps } = await run(part, { maps: true })
    const { out_sample: plain } = await run(part)
    expect(out_sample.data).toEqual(plain.data)
    expect(Object.keys(maps).length).toBeGreaterThan(0)
    for (const [name, { shape, data }] of Object.entries(maps)) {
      const [rows, columns] = name.slice('maps/'.length).split('x').map(Number)
      expect(shape).toEqual([2, rows * columns, tokens])
      for (let place = 0; place < 2 * rows * columns; place++) {
        const row = data.subarray(place * tokens, (place + 1) * tokens)
        expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
      }
    }
  })

  test('a word that is tied to a place is looked at more from there, and nowhere else', async () => {
    const word = 2
    const painted = (size: number) => {
      const places = size ** 2
      const values = tensor([1, 1, places, tokens])
      for (let place = 0; place < places / 2; place++) values.data[place * tokens + word] = 2
      return [`attention.painted.${size}x${size}`, values] as const
    }
    const sizes = [1, 2, 4, 8].map(painted)
    const looks = async (attention: Omit<AttentionSizes, 'guided'>, more: Record<string, Tensor>) => {
      const outputs = await run(part, attention, more)
      const [[name, { data, shape }]] = Object.entries(outputs).filter(([name]) => name.startsWith('maps/'))
      const at = Array.from({ length: shape[1] }, (_, place) => data[place * tokens + word])
      return { name, at, sample: outputs.out_sample }
    }
    const plain = await looks({ maps: true }, {})
    const tied = await looks({ maps: true, painted: true }, Object.fromEntries(sizes))
    const half = plain.at.length / 2
    for (const place of [0, half - 1]) expect(tied.at[place]).toBeGreaterThan(plain.at[place])
    const [before, after] = [plain, tied].map(({ sample }) => splitBatches(sample, 2)[0].data)
    expect(after).toEqual(before)
  })
})

test('keys and values of the source can be taken over, in both halves', async () => {
  const attention = { followers: 1, structure: { layers: 'up', halves: 'both' } } as const
  const { out_sample: plain } = await run('sd1/unet')
  const { out_sample: none } = await run('sd1/unet', attention, asked({ ...nothing, structure: [0, 0, 0] }))
  const { out_sample: taken } = await run('sd1/unet', attention, asked({ ...nothing, structure: [0, 1, 1] }))
  expect(none.data).toEqual(plain.data)
  const [before, after] = [plain, taken].map(each => splitBatches(each, 4).map(({ data }) => data))
  for (const k of [0, 2]) expect(after[k]).toEqual(before[k])
  for (const k of [1, 3]) expect(after[k]).not.toEqual(before[k])
})
