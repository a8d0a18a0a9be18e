import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sum } from '../graph/ops/index.ts'
import { targets } from '../graph/targets.ts'
import { ClassifierModel } from '../runtime/classifier-model.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import { openTrainable } from '../runtime/trainable.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { tensor } from '../tensor/tensor.ts'
import { newPixelModel } from '../training/new-pixel-model.ts'
import { readHistory } from '../training/run-history.ts'
import { identify } from '../weights/identify.ts'
import { drawWithoutWords } from './draw-without-words.ts'
import { noClassifier, noGuides } from './guide-parameters.ts'
import { noPictures } from './operation.ts'
import { trainClassifier } from './train-classifier.ts'
import { trainUnconditional } from './train-unconditional.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const colours: Readonly<Record<string, readonly number[]>> = { green: [30, 200, 40], red: [220, 40, 30] }
const signal = new AbortController().signal
const home = mkdtempSync(join(tmpdir(), 'sfumato-train-classifier-'))
const target = join(home, 'models', 'colours.safetensors')
const source = join(home, 'new')
const drawing = join(home, 'models', 'both')
afterAll(() => rmSync(home, { recursive: true, force: true }))

const readPicture = async (path: string): Promise<RgbImage> => {
  const [, colour] = Object.entries(colours).find(([name]) => path.includes(name)) ?? ['', [0, 0, 0]]
  const shift = Number(/(\d+)\.png$/.exec(path)?.[1])
  return { width: 8, height: 8, data: Uint8Array.from({ length: 192 }, (_, i) => colour[i % 3] + shift) }
}

async function finished<T>(run: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

const workshop = {
  ...{ runtime, home, readPicture, isEnough: () => false, rest: async () => {}, job: 'a job' },
  encodePicture: async ({ data }: RgbImage) => data,
}
const usual = { batch: 8, warmUp: 0, seed: 4n }

async function teach(images: string, changes: object = {}) {
  const chosen = {
    ...trainClassifier.parameters.parse({ ...usual, images, steps: 60, heldBack: 0.25, ...changes }),
    seed: 4n,
  }
  const making = { source, target, hashes: {}, mergedLoras: () => [] }
  const context = { unconditional: new PixelModel(source, runtime), workshop, making, signal, wantsPreviews: false }
  return finished(trainClassifier.run(context, chosen))
}

/** A model that draws plain pictures of both colours, and knows no classes. */
async function teachToDraw() {
  const images = join(home, 'together')
  mkdirSync(images)
  for (const name of Object.keys(colours))
    for (let k = 0; k < 8; k++) writeFileSync(join(images, `${name} ${k}.png`), name)
  const how = { averageDecay: 0.9, form: 'v', learningRate: 2e-3, heldBack: 0 }
  const chosen = { ...trainUnconditional.parameters.parse({ ...usual, images, steps: 80, ...how }), seed: 5n }
  const making = { source, target: drawing, hashes: {}, mergedLoras: () => [] }
  const context = { unconditional: new PixelModel(source, runtime), workshop, making, signal, wantsPreviews: false }
  await finished(trainUnconditional.run(context, chosen))
}

beforeAll(async () => {
  newPixelModel(source, { size: 8, widths: [32], seed: 3n })
  for (const name of Object.keys(colours)) {
    mkdirSync(join(home, 'pictures', name), { recursive: true })
    for (let k = 0; k < 8; k++) writeFileSync(join(home, 'pictures', name, `${k}.png`), name)
  }
  await teach(join(home, 'pictures'))
  await teachToDraw()
}, 90_000)

/** Log probabilities of green and red, with the gradient of the second. */
async function judged(sample: Float32Array, timestep: number) {
  const classifier = new ClassifierModel(runtime, target)
  const opened = openTrainable(runtime, training => {
    const logs = classifier.written(training, training.parameter('sample', [1, 3, 8, 8]), '')
    return { loss: sum(logs), outputs: { logs } }
  })
  const { outputs } = await opened.run(
    { timestep: tensor([1], Float32Array.of(timestep)) },
    new Map([['sample', sample]]),
  )
  await opened.release()
  return outputs.logs.data
}

const draw = async (changes: object): Promise<RgbImage> => {
  const chosen = {
    ...noGuides,
    ...noClassifier,
    seed: 2n,
    steps: 12,
    sampler: 'DDIMScheduler',
    eta: 0,
    count: 1,
    ...changes,
  }
  const unconditional = new PixelModel(drawing, runtime)
  const context = { unconditional, pictures: noPictures, signal, wantsPreviews: false }
  return (await finished(drawWithoutWords.run(context, chosen)))[0].image
}

test('it tells the classes apart, pictures that it did not learn from too, and is found as what it is', async () => {
  expect(identify(target)).toMatchObject({ kind: 'classifier', precision: 'fp32' })
  for (const [label, name] of Object.keys(colours).entries()) {
    const { data } = fromImages([await readPicture(`${name} 9.png`)])
    expect(Math.exp((await judged(data, 0))[label])).toBeGreaterThan(0.95)
  }
})

test.each([
  ['red', 1],
  ['0', 0],
] as const)('pictures are pulled to the class %s, whatever they would be of themselves', async (guideClass, label) => {
  const said = async (image: RgbImage) => Math.exp((await judged(fromImages([image]).data, 0))[label])
  const pull = { guideClassifier: target, guideClass, classStrength: 10 }
  for (const seed of [2n, 3n]) {
    expect(await said(await draw({ ...pull, seed }))).toBeGreaterThan(0.9)
  }
})

test('the gradient of what it says is that of differences', async () => {
  const classifier = new ClassifierModel(runtime, target)
  const opened = openTrainable(runtime, training => ({
    loss: sum(classifier.written(training, training.parameter('sample', [1, 3, 8, 8]), 'c/')),
  }))
  const { data } = new TorchGenerator(7n).normal([1, 3, 8, 8])
  const feeds = { 'c/timestep': tensor([1], Float32Array.of(300)) }
  const at = (values: Float32Array) => opened.run(feeds, new Map([['sample', values]]))
  const gradient = (await at(data)).gradients.get('sample') ?? new Float32Array()
  const direction = new TorchGenerator(8n).normal([1, 3, 8, 8]).data
  const moved = (by: number) => data.map((value, k) => value + by * direction[k])
  const slope = ((await at(moved(1e-2))).loss - (await at(moved(-1e-2))).loss) / 2e-2
  const expected = gradient.reduce((total, value, k) => total + value * direction[k], 0)
  expect(Math.abs(expected)).toBeGreaterThan(1e-2)
  expect(slope / expected).toBeCloseTo(1, 1)
})

test('classes that it does not know, files that are none, and one class alone are refused in sentences', async () => {
  const pull = { guideClassifier: target, classStrength: 1 }
  await expect(draw({ ...pull, guideClass: 'blue' })).rejects.toMatchObject({
    code: 'CLASS_UNKNOWN',
    hint: 'It knows green, red.',
  })
  await expect(draw({ ...pull, guideClass: '' })).rejects.toMatchObject({
    message: expect.stringMatching(/^Nothing says what class/),
    hint: 'It knows green, red.',
  })
  const other = join(source, 'unet', 'diffusion_pytorch_model.safetensors')
  await expect(draw({ ...pull, guideClassifier: other })).rejects.toMatchObject({ code: 'CLASSIFIER_FILE' })
  mkdirSync(join(home, 'one', 'green'), { recursive: true })
  writeFileSync(join(home, 'one', 'green', '1.png'), '')
  await expect(teach(join(home, 'one'), { steps: 1 })).rejects.toMatchObject({ code: 'TRAINING_CLASSES' })
})

test('how well it does on what is held back is kept in its history', () => {
  const runs = readdirSync(join(home, 'training')).map(run => readHistory(join(home, 'training', run)))
  const losses = runs.flat().filter(entry => entry.kind === 'held back')
  expect(losses.at(-1)?.loss).toBeLessThan(losses[0].loss / 2)
})
