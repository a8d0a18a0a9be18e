import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { readHistory } from '../training/run-history.ts'
import { smartBrushComponent } from '../training/smart-brush.ts'
import { openModel } from '../weights/open-model.ts'
import { readParameter } from '../weights/weight-files.ts'
import type { Progress } from './operation.ts'
import { smartBrush } from './smart-brush.ts'
import { trainSmartBrush } from './train-smart-brush.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })

function quick(path: string): Checkpoint {
  const checkpoint = new Checkpoint(path, runtime)
  // Trial pictures are drawn with the model's own steps, of which a few are enough here.
  Object.assign(checkpoint.description.defaults, { steps: 2 })
  return checkpoint
}
const source = 'test/parity/goldens/models/sd1'

/** Two pictures with a mask each, and one without. */
function place() {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-brush-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const [images, masks] = [join(home, 'pictures'), join(home, 'masks')]
  for (const folder of [images, masks]) mkdirSync(folder)
  for (const name of ['a.png', 'b.png', 'alone.png', 'a.txt']) writeFileSync(join(images, name), 'a square')
  for (const name of ['a.webp', 'b.1.png', 'b.2.png']) writeFileSync(join(masks, name), name)
  writeFileSync(join(masks, 'b.2.txt'), 'its corner')
  return { home, images, masks }
}

/** A square on a ground, or its mask. */
async function readPicture(path: string): Promise<RgbImage> {
  const isMask = path.includes('masks')
  const [width, height] = [48, 40]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)]
    const isInside = x >= 12 && x < 36 && y >= 8 && y < 32
    if (isMask) return isInside ? 255 : 0
    return isInside ? 220 - 60 * (i % 3) : 60
  })
  return { width, height, data }
}

/** What is not transparent: the square. */
const readOn = async (path: string, background: string): Promise<RgbImage> => {
  const [picture, mask] = [await readPicture(path), await readPicture('masks')]
  const behind = background === '#ffffff' ? 255 : 0
  return { ...picture, data: picture.data.map((value, k) => (mask.data[k] > 0 ? value : behind)) }
}

async function teach(
  at: { home: string; images: string; masks: string },
  {
    over = source,
    stopAfter = Number.POSITIVE_INFINITY,
    ...changes
  }: Record<string, unknown> & {
    readonly over?: string
    readonly stopAfter?: number
  } = {},
) {
  const parameters = trainSmartBrush.parameters.parse({
    ...{ images: at.images, objectMasks: at.masks, steps: 3, batch: 1, seed: 5n, warmUp: 0 },
    ...{ learningRate: 1e-3, name: 'Shapes' },
    ...changes,
  })
  const chosen = { ...parameters, seed: parameters.seed ?? 0n }
  const target = join(at.home, 'models', trainSmartBrush.makes?.(chosen, over) ?? '')
  const encodePicture = async ({ data }: RgbImage) => data
  const workshop = {
    runtime,
    home: at.home,
    readPicture,
    encodePicture,
    isEnough: () => false,
    rest: async () => {},
    job: 'a',
  }
  const making = { source: over, target, hashes: {}, mergedLoras: () => [] }
  const run = trainSmartBrush.run(
    {
      ...{ checkpoint: quick(over), workshop, making, pictures: { read: readOn } },
      ...{ signal: new AbortController().signal, wantsPreviews: false },
    },
    chosen,
  )
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { made: target, progress, pictures: next.value }
    progress.push(next.value)
    if (next.value.step < stopAfter) continue
    await run.return([])
    return { made: target, progress, pictures: [] }
  }
}

function numbersOf(path: string) {
  const { weights } = openModel(path).component('unet')
  return new Map(
    [...weights.keys()].map(key => {
      const found = weights.find(key)
      if (found === undefined) throw new Error(key)
      return [key, { shape: found.entry.shape, values: readParameter(found) }]
    }),
  )
}

async function draw(path: string, changes: object = {}) {
  const parameters = smartBrush.parameters.parse({
    ...{ width: 48, height: 48, steps: 3, guidance: 4, sampler: 'DDIMScheduler', seed: 7n, prompt: 'a square' },
    ...{ image: 'a'.repeat(64), mask: 'b'.repeat(64), softness: 0 },
    ...changes,
  })
  const run = smartBrush.run(
    {
      ...{ checkpoint: new Checkpoint(path, runtime), signal: new AbortController().signal, wantsPreviews: false },
      pictures: { read: name => readPicture(name.startsWith('b') ? 'masks' : 'picture') },
    },
    parameters as never,
  )
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

test('pictures and masks become a smart brush of its own, that draws inside masks alone', async () => {
  const { made, progress, pictures } = await teach(place())
  const words = progress.map(({ phase }) => phase)
  expect(words.find(phase => phase.startsWith('Learning from 3 objects'))).toContain('alone.png (no mask)')
  expect(pictures).toHaveLength(3)
  expect(describeCheckpoint(made)).toMatchObject({ beside: 'shape', shapeLevels: 5 })
  const learned = numbersOf(made)
  expect(learned.get('conv_in.weight')?.shape[1]).toBe(5)
  expect(learned.get('conv_out.weight')?.shape[0]).toBe(5)
  expect(learned.get('class_embedding.weight')?.values.some(value => value !== 0)).toBe(true)
  // Whole models: what is not new has moved too.
  const [before, mask] = [numbersOf(source), await readPicture('masks')]
  expect(learned.get('conv_norm_out.weight')?.values).not.toEqual(before.get('conv_norm_out.weight')?.values)
  const picture = await readPicture('picture')
  for (const follow of ['exactly', 'roughly']) {
    for (const { image } of await draw(made, { follow, count: 2 })) {
      const changed = [...image.data.keys()].filter(k => image.data[k] !== picture.data[k])
      expect(changed.every(k => mask.data[k] > 0)).toBe(true)
      expect(changed.length).toBeGreaterThan(100)
    }
  }
})

test('with a rate of nothing it is its model, with zeros in what is new', async () => {
  const { made } = await teach(place(), { learningRate: 1e-30, steps: 1 })
  const [learned, before] = [numbersOf(made), numbersOf(source)]
  const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const [key, { values }] of learned) {
    const own = before.get(key)
    if (own && String(own.shape) === String(learned.get(key)?.shape)) expect(values).toEqual(own.values)
  }
  expect(largest(learned.get('class_embedding.weight')?.values ?? new Float32Array([1]))).toBeLessThan(1e-29)
  const [wide, narrow] = [learned.get('conv_in.weight'), before.get('conv_in.weight')]
  if (wide === undefined || narrow === undefined) throw new Error('no first convolution')
  const place2 = 9
  for (const [k, value] of wide.values.entries()) {
    const [row, inside] = [Math.floor(k / (5 * place2)), Math.floor(k / place2) % 5]
    const expected = inside === 4 ? 0 : narrow.values[(row * 4 + inside) * place2 + (k % place2)]
    if (Math.abs(value - expected) > 1e-29) throw new Error(`${k}: ${value}, not ${expected}`)
  }
})

test('the loss falls, and a training that was stopped ends with the same numbers to the last bit', async () => {
  const options = { steps: 24, learningRate: 3e-3, emptyCaptions: 0, maskWeight: 1, saveEvery: 12 }
  const [whole, at] = [await teach(place(), options), place()]
  const run = whole.progress.find(({ training }) => training !== undefined)?.training ?? ''
  const home = join(whole.made, '..', '..')
  const losses = readHistory(join(home, 'training', run)).flatMap(entry => (entry.kind === 'loss' ? [entry.loss] : []))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(losses.slice(-6))).toBeLessThan(0.9 * mean(losses.slice(0, 5)))
  const stopped = await teach(at, { ...options, stopAfter: 15 })
  expect(existsSync(stopped.made)).toBe(false)
  const { made } = await teach(at, options)
  expect(numbersOf(made)).toEqual(numbersOf(whole.made))
}, 120_000)

test('where no masks are named, what is not transparent is the object; one that was taught learns on', async () => {
  const at = place()
  const first = await teach(at, { objectMasks: '', steps: 1 })
  expect(first.progress.some(({ phase }) => phase.startsWith('Learning from 3 objects'))).toBe(true)
  const second = await teach(at, { over: first.made, learningRate: 1e-30, steps: 1, name: 'On' })
  expect(numbersOf(second.made)).toEqual(numbersOf(first.made))
  expect(describeCheckpoint(second.made).shapeLevels).toBe(5)
})

test('a model of Stable Diffusion XL is taught as well', async () => {
  const { made } = await teach(place(), { over: 'test/parity/goldens/models/sdxl', steps: 1 })
  expect(describeCheckpoint(made)).toMatchObject({ beside: 'shape', shapeLevels: 5 })
  expect(await draw(made)).toHaveLength(1)
})

test('pictures without masks and models that see something else are refused in words', async () => {
  const at = place()
  for (const name of ['a.webp', 'b.1.png', 'b.2.png']) rmSync(join(at.masks, name))
  await expect(teach(at)).rejects.toMatchObject({ code: 'TRAINING_MASKS' })
  const { component } = openModel(source)
  const unet = component('unet')
  const depth = { ...unet, config: { ...unet.config, in_channels: 5 }, weights: unet.weights }
  expect(() => smartBrushComponent(depth)).toThrow(/plain models/)
})
