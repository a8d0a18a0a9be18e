import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { readCard } from '../models/card.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { instructedComponent, leftOutBy } from '../training/instructed.ts'
import { readHistory } from '../training/run-history.ts'
import { openModel } from '../weights/open-model.ts'
import { readParameter } from '../weights/weight-files.ts'
import { instruct } from './instruct.ts'
import type { Progress } from './operation.ts'
import { trainInstruct } from './train-instruct.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const source = 'test/parity/goldens/models/sd1'

/** Two pictures that were edited, one without the picture before. */
function place() {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-instruct-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const [images, before] = [join(home, 'after'), join(home, 'before')]
  for (const folder of [images, before]) mkdirSync(folder)
  for (const name of ['a.png', 'b.png', 'alone.png']) writeFileSync(join(images, name), 'after')
  writeFileSync(join(images, 'a.txt'), 'make it bright')
  for (const name of ['a.webp', 'b.png']) writeFileSync(join(before, name), 'before')
  return { home, images, before }
}

/** Dark before, bright after. */
async function readPicture(path: string): Promise<RgbImage> {
  const value = path.includes('/before/') ? 60 : 200
  const [width, height] = [48, 40]
  const shift = path.endsWith('b.png') ? 10 : 0
  return {
    width,
    height,
    data: Uint8Array.from({ length: width * height * 3 }, (_, i) => value + shift - 20 * (i % 3)),
  }
}

async function teach(
  at: { home: string; images: string; before: string },
  {
    over = source,
    stopAfter = Number.POSITIVE_INFINITY,
    ...changes
  }: Record<string, unknown> & { readonly over?: string; readonly stopAfter?: number } = {},
) {
  const parameters = trainInstruct.parameters.parse({
    ...{ images: at.images, before: at.before, caption: 'make it brighter', steps: 3, batch: 1, seed: 5n, warmUp: 0 },
    ...{ learningRate: 1e-3, name: 'Told' },
    ...changes,
  })
  const chosen = { ...parameters, seed: parameters.seed ?? 0n }
  const target = join(at.home, 'models', trainInstruct.makes?.(chosen, over) ?? '')
  const checkpoint = new Checkpoint(over, runtime)
  // Trial pictures are drawn with the model's own steps, of which a few are enough here.
  Object.assign(checkpoint.description.defaults, { steps: 2 })
  const workshop = {
    ...{ runtime, home: at.home, readPicture, job: 'a' },
    ...{ encodePicture: async ({ data }: RgbImage) => data, isEnough: () => false, rest: async () => {} },
  }
  const making = { source: over, target, hashes: {}, mergedLoras: () => [] }
  const signal = new AbortController().signal
  const run = trainInstruct.run({ checkpoint, workshop, making, signal, wantsPreviews: false }, chosen)
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

test('pictures before and after become a model of its own that edits pictures as it is told', async () => {
  const { made, progress, pictures } = await teach(place())
  const words = progress.map(({ phase }) => phase)
  expect(words.find(phase => phase.startsWith('Learning from 2 pairs'))).toContain('alone.png (no picture before)')
  expect(pictures).toHaveLength(2)
  expect(describeCheckpoint(made)).toMatchObject({ beside: 'picture' })
  expect(JSON.parse(readFileSync(join(made, 'model_index.json'), 'utf8'))._class_name).toBe(
    'StableDiffusionInstructPix2PixPipeline',
  )
  expect(numbersOf(made).get('conv_in.weight')?.shape[1]).toBe(8)
  // What it can be asked for, not what its model draws.
  expect(readCard(made).examples).toContain('make it bright')
  const parameters = instruct.parameters.parse({
    ...{ width: 48, height: 48, steps: 2, guidance: 4, sampler: 'DDIMScheduler', seed: 7n },
    ...{ prompt: 'make it bright', image: 'a'.repeat(64) },
  })
  const run = instruct.run(
    {
      ...{ checkpoint: new Checkpoint(made, runtime), signal: new AbortController().signal, wantsPreviews: false },
      pictures: { read: () => readPicture('/before/a.png') },
    },
    parameters as never,
  )
  let next = await run.next()
  while (!next.done) next = await run.next()
  expect(next.value[0].image).toMatchObject({ width: 48, height: 48 })
})

test('with a rate of nothing it is its model, which sees nothing of the picture yet; it learns on', async () => {
  const at = place()
  const { made } = await teach(at, { learningRate: 1e-30, steps: 1 })
  const [learned, before] = [numbersOf(made), numbersOf(source)]
  const [wide, narrow] = [learned.get('conv_in.weight'), before.get('conv_in.weight')]
  if (wide === undefined || narrow === undefined) throw new Error('no first convolution')
  for (const [k, value] of wide.values.entries()) {
    const [row, inside] = [Math.floor(k / (8 * 9)), Math.floor(k / 9) % 8]
    const expected = inside >= 4 ? 0 : narrow.values[(row * 4 + inside) * 9 + (k % 9)]
    if (Math.abs(value - expected) > 1e-29) throw new Error(`${k}: ${value}, not ${expected}`)
  }
  const on = await teach(at, { over: made, learningRate: 1e-30, steps: 1, name: 'On' })
  expect(numbersOf(on.made)).toEqual(learned)
})

test('the loss falls, and a training that was stopped ends with the same numbers to the last bit', async () => {
  const options = { steps: 24, learningRate: 3e-3, leftOut: 0, saveEvery: 12 }
  const [whole, at] = [await teach(place(), options), place()]
  const run = whole.progress.find(({ training }) => training !== undefined)?.training ?? ''
  const home = join(whole.made, '..', '..')
  const losses = readHistory(join(home, 'training', run)).flatMap(entry => (entry.kind === 'loss' ? [entry.loss] : []))
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  expect(mean(losses.slice(-6))).toBeLessThan(0.9 * mean(losses.slice(0, 5)))
  const stopped = await teach(at, { ...options, stopAfter: 15 })
  expect(existsSync(stopped.made)).toBe(false)
  expect(numbersOf((await teach(at, options)).made)).toEqual(numbersOf(whole.made))
}, 120_000)

test('words, picture and both are left out, each as often', () => {
  const chances = Array.from({ length: 1000 }, (_, k) => leftOutBy((k + 0.5) / 1000, 0.05))
  const count = (words: boolean, picture: boolean) =>
    chances.filter(each => each.words === words && each.picture === picture).length
  expect([count(true, false), count(true, true), count(false, true), count(false, false)]).toEqual([50, 50, 50, 850])
})

test('a model of Stable Diffusion XL is taught as well; pictures without pairs and other models are refused in words', async () => {
  const at = place()
  const { made } = await teach(at, { over: 'test/parity/goldens/models/sdxl', steps: 1 })
  expect(describeCheckpoint(made)).toMatchObject({ beside: 'picture' })
  for (const name of ['a.webp', 'b.png']) rmSync(join(at.before, name))
  await expect(teach(at)).rejects.toMatchObject({ code: 'TRAINING_PAIRS' })
  const unet = openModel(source).component('unet')
  const inpainting = { ...unet, config: { ...unet.config, in_channels: 9 } }
  expect(() => instructedComponent(inpainting)).toThrow(/draw from words alone/)
})
