import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Problem } from '../problem.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import { foundIn } from '../training/control-pictures.ts'
import { readHistory } from '../training/run-history.ts'
import { openControlNet } from '../weights/control-net.ts'
import { identify } from '../weights/identify.ts'
import { openModel } from '../weights/open-model.ts'
import { writePoseMaps } from '../weights/testing-estimators.ts'
import { readParameter, type WeightFiles } from '../weights/weight-files.ts'
import { skeletonFound } from './found-in-pictures.ts'
import type { Progress } from './operation.ts'
import { trainControlNet } from './train-controlnet.ts'

const source = 'test/parity/goldens/models/sd1'
const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint(source, runtime)
// Trial pictures are drawn with the model's own steps, of which a few are enough here.
Object.assign(checkpoint.description.defaults, { steps: 2 })

const example = { caption: '', isClassImage: false, mayFlip: false, contentHash: '' }

/** A folder of three pictures, one of which cannot be read, and one of control pictures for the two others. */
function place() {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-controlnet-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const [images, conditions] = [join(home, 'pictures'), join(home, 'controls')]
  mkdirSync(images)
  mkdirSync(conditions)
  for (const name of ['a.png', 'b.png', 'broken.png']) writeFileSync(join(images, name), name)
  for (const name of ['a.webp', 'b.png']) writeFileSync(join(conditions, name), name)
  writeFileSync(join(images, 'a.txt'), 'a red square')
  return { home, images, conditions }
}

async function readPicture(path: string): Promise<RgbImage> {
  if (path.endsWith('broken.png')) throw new Problem('IMAGE_UNREADABLE', `${path} cannot be read as a picture.`)
  const isInside = (i: number) => i % 120 > 30 && i % 120 < 90 && i > 1000 && i < 2600
  const data = Uint8Array.from({ length: 3600 }, (_, i) => (isInside(i) ? (path.includes('a.') ? 250 : 120) : 20))
  return { width: 40, height: 30, data }
}

async function teach(
  at: { home: string; images: string },
  changes: object = {},
  stopAfter = Number.POSITIVE_INFINITY,
  over = checkpoint,
) {
  const parameters = trainControlNet.parameters.parse({
    ...{
      images: at.images,
      steps: 3,
      batch: 1,
      seed: 5n,
      warmUp: 0,
      resolution: 64,
      learningRate: 1e-3,
      name: 'Lines',
    },
    ...changes,
  })
  const chosen = { ...parameters, seed: parameters.seed ?? 0n }
  const target = join(at.home, 'models', trainControlNet.makes?.(chosen, source) ?? '')
  const encodePicture = async ({ data }: RgbImage) => data
  const rest = async () => {}
  const workshop = { runtime, home: at.home, readPicture, encodePicture, isEnough: () => false, rest, job: 'a job' }
  const making = { source, target, hashes: {}, mergedLoras: () => [] }
  const context = { checkpoint: over, workshop, making, signal: new AbortController().signal, wantsPreviews: false }
  const run = trainControlNet.run(context, chosen)
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

const numbersOf = (weights: WeightFiles) =>
  new Map(
    [...weights.keys()].map(key => {
      const found = weights.find(key)
      if (found === undefined) throw new Error(key)
      return [key, readParameter(found)]
    }),
  )

test('pictures become a ControlNet of the library, by their edges; what cannot be read is named', async () => {
  const { made, progress, pictures } = await teach(place())
  expect(made).toMatch(/controlnets.Lines$/)
  expect(identify(made).kind).toBe('controlnet')
  const words = progress.map(({ phase }) => phase)
  expect(words.find(phase => phase.startsWith('Learning from 2 pairs'))).toContain('broken.png')
  expect(words.some(phase => /^3 steps: about \d+ (s|min), [\d.]+ GB of memory$/.test(phase))).toBe(true)
  expect(pictures.map(({ image }) => image.width)).toEqual([64, 64])
  const learned = numbersOf(openControlNet(made).weights)
  const zero = ['controlnet_mid_block.weight', 'controlnet_cond_embedding.conv_out.weight']
  for (const key of zero) expect(learned.get(key)?.some(value => value !== 0)).toBe(true)
  // Beside the model it opens as any other does.
  expect(new Checkpoint(source, runtime, { controls: [made] }).control(made).stride).toBe(8)
})

test('poses are found in the pictures by a network, other kinds in their pixels; where nothing is found a picture is left out', async () => {
  const at = place()
  // It finds a figure where a picture is bright.
  const finder = writePoseMaps(at.home)
  const posed = await teach(at, { prepare: 'pose', finder, name: '', steps: 1 })
  expect(posed.made).toMatch(/controlnets.pose$/)
  const words = posed.progress.map(({ phase }) => phase)
  expect(words.find(phase => phase.startsWith('Learning from 2 pairs'))).toBeDefined()
  const soft = await teach(at, { prepare: 'soft edges', steps: 1 })
  expect(identify(soft.made).kind).toBe('controlnet')
  await expect(teach(at, { prepare: 'depth' })).rejects.toMatchObject({ code: 'DEPTH_FINDER' })
})

test('of pictures without figures a control of poses cannot be learned, which is said', async () => {
  const black = { width: 64, height: 64 }
  const set = {
    examples: [1, 2].map(k => ({ ...example, size: black, path: `${k}.png` })),
    read: async () => tensor([3, 64, 64], new Float32Array(3 * 64 * 64).fill(-1)),
  }
  const home = mkdtempSync(join(tmpdir(), 'sfumato-none-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const finder = writePoseMaps(home)
  const { signal } = new AbortController()
  const find = (picture: RgbImage, name: string) => skeletonFound(runtime, finder, picture, name)
  await expect(foundIn(set, find, [], signal)).rejects.toMatchObject({ code: 'TRAINING_CONTROL_PICTURES' })
  const bright = {
    ...set,
    read: async (index: number) => tensor([3, 64, 64], new Float32Array(3 * 64 * 64).fill(index)),
  }
  const found = await foundIn({ ...bright, read: index => bright.read(index === 0 ? 1 : -1) }, find, [], signal)
  expect(found.set.examples.map(({ path }) => path)).toEqual(['1.png'])
  expect(found.leftOut).toEqual(['No figure was found in 2.png'])
  expect((await found.pictureOf(0)).data.some(value => value > 0)).toBe(true)
})

test('with a rate of nothing it is a copy of the UNet, whose new convolutions are zero', async () => {
  const { made } = await teach(place(), { learningRate: 1e-30, steps: 1 })
  const learned = numbersOf(openControlNet(made).weights)
  const unet = openModel(source).component('unet').weights
  const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  for (const [key, values] of learned) {
    const found = unet.find(key)
    if (found) expect(values).toEqual(readParameter(found))
    // What Adam moves by a rate of nothing.
    else if (!key.includes('cond_embedding') || key.includes('conv_out')) expect(largest(values)).toBeLessThan(1e-29)
    else expect(largest(values)).toBeGreaterThan(0.01)
  }
  const copied = [...unet.keys()].filter(key => !/^(up_blocks|conv_norm_out|conv_out)\b/.test(key))
  expect([...learned.keys()].filter(key => !key.startsWith('controlnet_')).sort()).toEqual(copied.sort())
})

test('control pictures are found by name, in any format; a picture without one is left out', async () => {
  const at = place()
  rmSync(join(at.conditions, 'b.png'))
  const { progress } = await teach(at, { conditions: at.conditions, steps: 1 })
  const said = progress.find(({ phase }) => phase.startsWith('Learning from 1 pairs'))?.phase
  expect(said).toContain('b.png (no control picture)')
  rmSync(join(at.conditions, 'a.webp'))
  await expect(teach(at, { conditions: at.conditions })).rejects.toMatchObject({ code: 'TRAINING_CONTROL_PICTURES' })
})

test('a training that was stopped goes on, and ends with the same numbers to the last bit', async () => {
  const [whole, at] = [await teach(place()), place()]
  const stopped = await teach(at, {}, 2)
  expect(existsSync(stopped.made)).toBe(false)
  const { made, progress } = await teach(at)
  expect(progress.find(({ step }) => step > 0)?.step).toBe(3)
  expect(numbersOf(openControlNet(made).weights)).toEqual(numbersOf(openControlNet(whole.made).weights))
}, 120_000)

test('one of the library learns on from its own numbers, with the config that it has', async () => {
  const at = place()
  const first = await teach(at)
  const second = await teach(at, { continued: first.made, learningRate: 1e-30, steps: 1, name: 'On' })
  expect(numbersOf(openControlNet(second.made).weights)).toEqual(numbersOf(openControlNet(first.made).weights))
  expect(openControlNet(second.made).config).toEqual(openControlNet(first.made).config)
})

test('of enough pairs some are held back, and how well the control does on them is kept', async () => {
  const at = place()
  for (const name of 'cdefghijkl') writeFileSync(join(at.images, `${name}.png`), name)
  const { progress } = await teach(at, { steps: 2, heldBack: 0.2, showEvery: 1 })
  expect(progress.some(({ phase }) => phase.startsWith('Learning from 10 pairs of pictures; 2 held back'))).toBe(true)
  const run = progress.find(({ training }) => training !== undefined)?.training ?? ''
  const losses = readHistory(join(at.home, 'training', run)).flatMap(entry =>
    entry.kind === 'held back' ? [entry.loss] : [],
  )
  expect(losses).toHaveLength(3)
  expect(losses[0]).toBeGreaterThan(0)
  expect(losses[2]).not.toBe(losses[0])
})

test('a resolution that the model cannot draw is refused with the nearest that it can', async () => {
  await expect(teach(place(), { resolution: 100 })).rejects.toMatchObject({ code: 'SIZE_MULTIPLE' })
})

test('what a training takes is told from its graphs', () => {
  const parameters = trainControlNet.parameters.parse({ images: 'x', steps: 10, batch: 2 })
  const size = { width: 128, height: 128 }
  const example = { caption: '', size, isClassImage: false, mayFlip: false, contentHash: '' }
  const embedded = new Checkpoint('native-models/sticker-world', runtime)
  const cost = trainControlNet.foresee?.({ checkpoint: embedded, runtime }, { ...parameters, seed: 0n }, [
    example,
    example,
  ])
  expect(cost?.learned).toBeGreaterThan(5e6)
  expect(cost?.footprint.activations).toBeGreaterThan(16 * Number(cost?.learned))
  expect(cost?.picturesOfStep).toBe(2)
})
