import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sum as sumOf } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { weightParts } from '../models/parts.ts'
import { unet2DCondition } from '../models/unet-2d-condition.ts'
import { Network } from '../runtime/network.ts'
import { Runtime } from '../runtime/runtime.ts'
import { openTrainable } from '../runtime/trainable.ts'
import { coarseMask } from '../tensor/coarse-mask.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { writeChangedCopy } from '../weights/changed-copy.ts'
import { openModel } from '../weights/open-model.ts'
import { diceLoss, drawShape, fedShapes, smartBrushChanges, smartBrushComponent } from './smart-brush.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })

const disc = tensor(
  [1, 1, 24, 24],
  Float32Array.from({ length: 576 }, (_, k) => Number(((k % 24) - 11) ** 2 + (Math.floor(k / 24) - 12) ** 2 <= 16)),
)
const count = ({ data }: { readonly data: Float32Array }) => data.reduce((sum, value) => sum + value, 0)

test('masks of less and less precision hold the whole object, up to its box; an empty one stays empty', () => {
  const levels = [0, 1, 2, 3, 4].map(level => coarseMask(disc, level, 4))
  expect(levels[0].data).toEqual(disc.data)
  for (const mask of levels) expect(mask.data.every((value, k) => value >= disc.data[k])).toBe(true)
  const sizes = levels.slice(0, 4).map(count)
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
  expect(sizes[3]).toBeGreaterThan(1.5 * sizes[0])
  expect(count(levels[4])).toBe(81)
  const empty = tensor([1, 1, 4, 4])
  expect(coarseMask(empty, 2, 4)).toBe(empty)
})

test('the DICE loss and its gradient, against differences', async () => {
  const random = new TorchGenerator(3n)
  const [found, object] = [random.uniform([2, 1, 3, 4]), random.uniform([2, 1, 3, 4])]
  const marks = { ...object, data: object.data.map(value => Number(value > 0.5)) }
  const { run } = openTrainable(runtime, training => {
    const loss = diceLoss(training.parameter('found', [2, 1, 3, 4]), training.input('object', 'float32', [2, 1, 3, 4]))
    return { loss: sumOf(loss), outputs: { each: loss } }
  })
  const at = async (data: Float32Array) => (await run({ object: marks }, new Map([['found', data]]))).loss
  const { gradients } = await run({ object: marks }, new Map([['found', found.data]]))
  const step = 0.01
  for (let k = 0; k < 24; k += 5) {
    const moved = (by: number) => found.data.with(k, found.data[k] + by)
    const difference = ((await at(moved(step))) - (await at(moved(-step)))) / (2 * step)
    expect(gradients.get('found')?.[k]).toBeCloseTo(difference, 3)
  }
  expect(await at(marks.data)).toBeCloseTo(0, 5)
})

test('now and then the whole picture is asked for, which is no object', () => {
  const network = new Network(runtime, unet2DCondition, component('sd1').component)
  const random = new TorchGenerator(9n)
  const drawn = Array.from({ length: 200 }, () => drawShape(random, disc, { network, wholeShare: 0.2 }))
  const whole = drawn.filter(({ object }) => object === undefined)
  expect(whole.length).toBeGreaterThan(20)
  expect(whole.length).toBeLessThan(60)
  expect(whole.every(({ mask, level }) => level === 4 && count(mask) === 576)).toBe(true)
  expect(new Set(drawn.map(({ level }) => level))).toEqual(new Set([0, 1, 2, 3, 4]))
  const question = { sample: disc, timestep: 1, target: disc, weight: 0.5 }
  const { weight } = fedShapes(drawn.map(shape => ({ ...shape, question })))
  // The mean over a picture's places is that over its mask's.
  if (!('data' in weight)) throw new Error('weights are numbers')
  for (let k = 0; k < drawn.length; k++)
    expect(count({ data: weight.data.subarray(k * 576, (k + 1) * 576) }) / 576).toBeCloseTo(0.5, 4)
})

test('a single file is written as one, and known again by its keys and shapes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-brush-file-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const name of ['sd1', 'sdxl']) {
    const { source, unet, component: brush } = component(`single_file/${name}.safetensors`)
    const { config } = new Network(runtime, unet2DCondition, brush)
    const [width] = config.block_out_channels
    const shapes = new Map([
      ['conv_in.weight', [width, 5, 3, 3]],
      ['conv_in.bias', [width]],
      ['conv_out.weight', [5, width, 3, 3]],
      ['conv_out.bias', [5]],
      ['class_embedding.weight', [5, 4 * width]],
    ])
    const numbers = new Map(
      [...shapes].map(([key, shape]) => [key, new Float32Array(shape.reduce((a, b) => a * b)).fill(0.5)]),
    )
    const path = join(folder, `${name}.safetensors`)
    const parts = Object.keys(weightParts(source))
    const copy = { source, parts, metadata: {}, card: '', ...smartBrushChanges(source, numbers, shapes) }
    for await (const _ of writeChangedCopy(path, copy));
    const made = openModel(path).component('unet')
    const again = new Network(runtime, unet2DCondition, made)
    expect(again.config).toEqual({ ...config, sample_size: again.config.sample_size })
    // All weights have their layers.
    const sizes = { batch: 1, height: 8, width: 8, tokens: 4, timesteps: 'one', contextMask: false } as const
    expect(() => again.build('predict', sizes)).not.toThrow()
    expect([...made.weights.keys()].sort()).toEqual([...unet.weights.keys(), 'class_embedding.weight'].sort())
  }
})

function component(model: string) {
  const source = openModel(`test/parity/goldens/models/${model}`)
  const unet = source.component('unet')
  return { source, unet, ...smartBrushComponent(unet) }
}
