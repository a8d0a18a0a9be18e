import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { identify } from '../weights/identify.ts'
import { openSafetensors, readTensor } from '../weights/safetensors.ts'
import type { Progress } from './operation.ts'
import { trainLora } from './train-lora.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('test/parity/goldens/models/sd1', runtime)

/** Three pictures of one colour each, the last of which cannot be read. */
function pictures(): { home: string; images: string } {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-train-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const images = join(home, 'pictures')
  mkdirSync(images)
  for (const name of ['1.png', '2.png', 'broken.png', 'notes.md']) writeFileSync(join(images, name), name)
  writeFileSync(join(images, '1.txt'), 'a sks thing,\n on a red background')
  return { home, images }
}

async function readPicture(path: string) {
  if (path.endsWith('broken.png')) throw new Problem('IMAGE_UNREADABLE', `${path} cannot be read as a picture.`)
  const colour = path.endsWith('1.png') ? [250, 20, 10] : [10, 20, 250]
  return { width: 40, height: 30, data: Uint8Array.from({ length: 3600 }, (_, i) => colour[i % 3]) }
}

async function teach(place: { home: string; images: string }, changes: object, stopAfter = Number.POSITIVE_INFINITY) {
  const target = join(place.home, 'models', 'loras', 'thing.safetensors')
  const workshop = {
    runtime,
    home: place.home,
    readPicture,
    isEnough: () => false,
    rest: async () => {},
    job: 'a job',
    encodePicture: async ({ data }: RgbImage) => data,
  }
  const making = { source: checkpoint.description.path, target, hashes: {}, mergedLoras: () => [] }
  const given = {
    images: place.images,
    class: 'thing',
    steps: 4,
    rank: 2,
    batch: 1,
    seed: 5n,
    warmUp: 0,
    classImages: 0,
    textEncoder: false,
    ...changes,
  }
  const parameters = trainLora.parameters.parse(given)
  const chosen = { ...parameters, seed: parameters.seed ?? 0n }
  const context = { checkpoint, workshop, making, signal: new AbortController().signal, wantsPreviews: false }
  const run = trainLora.run(context, chosen)
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { made: target, progress, pictures: next.value }
    progress.push(next.value)
    if (next.value.step >= stopAfter) {
      await run.return([])
      return { made: target, progress, pictures: [] }
    }
  }
}

const learned = (path: string) => {
  const file = openSafetensors(path)
  return [...file.tensors.keys()].map(name => readTensor(file, name))
}

test('pictures become a LoRA with its word; files that are no pictures are named; time and memory are told first', async () => {
  const { made, progress, pictures: shown } = await teach(pictures(), { classImages: 1, name: 'My / thing' })
  expect(trainLora.makes?.({ ...trainLora.parameters.parse({ images: '' }), seed: 0n, name: 'My / thing' }, '')).toBe(
    join('loras', 'My thing.safetensors'),
  )
  expect(identify(made)).toMatchObject({ kind: 'lora', title: 'My / thing', triggerWords: ['sks thing'] })
  const words = progress.map(({ phase }) => phase)
  expect(words.find(phase => phase.startsWith('Learning from 2 pictures'))).toContain('broken.png')
  const told = words.findIndex(phase => /^4 steps: about \d+ (s|min), [\d.]+ GB of memory$/.test(phase))
  expect(told).toBeGreaterThan(0)
  expect(told).toBeLessThan(words.findIndex(phase => phase.startsWith('Step 1 of 4')))
  expect(shown.map(({ image }) => [image.width, image.height])).toEqual([
    [64, 64],
    [64, 64],
  ])
  expect(learned(made).some(values => values.some(value => value !== 0))).toBe(true)
})

test('a training that was stopped goes on, and ends with the same file to the last bit', async () => {
  const whole = await teach(pictures(), {})
  const place = pictures()
  const stopped = await teach(place, {}, 2)
  expect(existsSync(stopped.made)).toBe(false)
  const { made, progress } = await teach(place, {})
  expect(progress.find(({ step }) => step > 0)?.step).toBe(3)
  expect(learned(made)).toEqual(learned(whole.made))
}, 120_000)

test('with the text encoder, class images are kept in mind too, and the run goes on to the last bit', async () => {
  const changes = { textEncoder: true, classImages: 1, steps: 2, optimiser: 'AdamW' }
  const whole = await teach(pictures(), changes)
  const place = pictures()
  await teach(place, changes, 1)
  const { made, pictures: shown } = await teach(place, changes)
  expect(learned(made)).toEqual(learned(whole.made))
  const file = openSafetensors(made)
  const words = [...file.tensors.keys()].filter(name => /^lora_te_text_model_.*lora_up/.test(name))
  expect(words.some(name => name.includes('self_attn_q_proj')) && words.some(name => name.includes('mlp_fc1'))).toBe(
    true,
  )
  for (const name of words) expect(readTensor(file, name).some(value => value !== 0)).toBe(true)
  expect(
    new Checkpoint(checkpoint.description.path, runtime, { loras: [{ path: made, strength: 1 }] }).unmatched,
  ).toEqual([])
  expect(shown).not.toHaveLength(0)
}, 120_000)

test('what it takes counts the text encoder: its numbers learn, its graph is computed', () => {
  const size = { width: 128, height: 128 }
  const example = { caption: 'a', size, isClassImage: false, mayFlip: false, contentHash: '' }
  const cost = (textEncoder: boolean) => {
    const parameters = trainLora.parameters.parse({ images: 'x', classImages: 0, textEncoder })
    return trainLora.foresee?.({ checkpoint, runtime }, { ...parameters, seed: 0n }, [example])
  }
  const [without, withIt] = [cost(false), cost(true)]
  expect(withIt?.learned).toBeGreaterThan(without?.learned ?? Number.POSITIVE_INFINITY)
  expect(withIt?.footprint.weights).toBeGreaterThan(without?.footprint.weights ?? Number.POSITIVE_INFINITY)
  expect(withIt?.footprint.activations).toBeGreaterThan(without?.footprint.activations ?? Number.POSITIVE_INFINITY)
})

test('a folder without pictures says so, and nothing is made', async () => {
  const place = pictures()
  rmSync(place.images, { recursive: true })
  mkdirSync(place.images)
  await expect(teach(place, {})).rejects.toMatchObject({ code: 'TRAINING_SET_EMPTY' })
  expect(existsSync(join(place.home, 'models'))).toBe(false)
})
