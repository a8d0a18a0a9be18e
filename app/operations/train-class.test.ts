import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { PixelClassModel } from '../runtime/pixel-class-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { newPixelModel } from '../training/new-pixel-model.ts'
import { drawAClass } from './draw-a-class.ts'
import { noGuides } from './guide-parameters.ts'
import { noPictures } from './operation.ts'
import { trainClass } from './train-class.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const colours: Readonly<Record<string, readonly number[]>> = { red: [230, 30, 20], teal: [20, 200, 200] }
const signal = new AbortController().signal

/** A new model of two classes, and a folder of plain pictures for each. */
function place(classChannels: number) {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-train-class-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  for (const name of Object.keys(colours)) {
    mkdirSync(join(home, 'pictures', name), { recursive: true })
    writeFileSync(join(home, 'pictures', name, `${name}.png`), name)
  }
  newPixelModel(join(home, 'new'), { size: 8, widths: [32, 32], seed: 3n, classes: 2, classChannels })
  return { home, images: join(home, 'pictures') }
}

async function readPicture(path: string) {
  const colour = Object.entries(colours).find(([name]) => path.endsWith(`${name}.png`))?.[1] ?? [0, 0, 0]
  return { width: 8, height: 8, data: Uint8Array.from({ length: 192 }, (_, i) => colour[i % 3]) }
}

async function finished<T>(run: AsyncGenerator<unknown, T>): Promise<T> {
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

async function teach({ home, images }: { home: string; images: string }, changes: object) {
  const target = join(home, 'models', 'taught')
  const encodePicture = async ({ data }: RgbImage) => data
  const workshop = {
    runtime,
    home,
    readPicture,
    encodePicture,
    isEnough: () => false,
    rest: async () => {},
    job: 'a job',
  }
  const making = { source: join(home, 'new'), target, hashes: {}, mergedLoras: () => [] }
  const usual = { images, steps: 120, batch: 4, seed: 5n, warmUp: 0, learningRate: 2e-3, averageDecay: 0.9 }
  const parameters = trainClass.parameters.parse({ ...usual, ...changes })
  const classes = new PixelClassModel(join(home, 'new'), runtime)
  const context = { classes, workshop, making, signal, wantsPreviews: false }
  await finished(trainClass.run(context, { ...parameters, seed: parameters.seed ?? 0n }))
  return target
}

/** The mean colour of a drawn picture. */
async function drawn(path: string, classLabel: number, guidance: number) {
  const classes = new PixelClassModel(path, runtime)
  const { sampler } = classes.description.defaults
  const quick = sampler === 'DDPMScheduler' ? 'DDIMScheduler' : sampler
  const chosen = { ...noGuides, classLabel, seed: 1n, steps: 10, guidance, sampler: quick, karras: false, count: 1 }
  const [{ image }] = await finished(
    drawAClass.run({ classes, pictures: noPictures, signal, wantsPreviews: false }, chosen),
  )
  const sum = [0, 0, 0]
  for (const [i, level] of image.data.entries()) sum[i % 3] += level / 64
  return sum
}

const distance = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((value, k) => value - b[k]))

test.each([
  ['channels beside the picture', 4, { form: 'mixed' }],
  ['the embedding, at noise levels of Karras', 0, { form: 'edm' }],
  ['the embedding, asked for v by min-SNR', 0, { form: 'v', weighting: 'min-snr' }],
])('folders become classes that are told through %s, and each draws its own colour', async (_, channels, changes) => {
  const path = await teach(place(channels), changes)
  expect(describeCheckpoint(path)).toMatchObject({ kind: 'classes', classes: { count: 2, names: ['red', 'teal'] } })
  for (const guidance of [1, 1.5]) {
    const [red, teal] = [await drawn(path, 0, guidance), await drawn(path, 1, guidance)]
    expect(distance(red, colours.red)).toBeLessThan(distance(red, colours.teal) / 2)
    expect(distance(teal, colours.teal)).toBeLessThan(distance(teal, colours.red) / 2)
  }
})

test('a folder without folders, and more folders than classes, are refused', async () => {
  const { home, images } = place(0)
  const code = { code: 'TRAINING_CLASSES' }
  await expect(teach({ home, images: join(images, 'red') }, {})).rejects.toMatchObject(code)
  for (const name of ['blue', 'grey']) {
    mkdirSync(join(images, name))
    writeFileSync(join(images, name, 'red.png'), '')
  }
  await expect(teach({ home, images }, {})).rejects.toMatchObject(code)
})
