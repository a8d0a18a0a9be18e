import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { newPixelModel } from '../training/new-pixel-model.ts'
import { readHistory } from '../training/run-history.ts'
import { trainUnconditional } from './train-unconditional.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const shades = Array.from({ length: 12 }, (_, k) => [200 - k, 40 + k, 30])
const signal = new AbortController().signal
const featureNetwork = resolve('native-models/sticker-world/clip')

/** A new model, and a folder of plain pictures in shades of red. */
async function teach(changes: object, features: string | undefined = featureNetwork) {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-train-unconditional-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const images = join(home, 'pictures')
  mkdirSync(images)
  for (const k of shades.keys()) writeFileSync(join(images, `${k}.png`), '')
  const source = join(home, 'new')
  newPixelModel(source, { size: 8, widths: [32], seed: 3n })
  const readPicture = async (path: string) => {
    const shade = shades[Number(/(\d+)\.png$/.exec(path)?.[1])]
    return { width: 8, height: 8, data: Uint8Array.from({ length: 192 }, (_, i) => shade[i % 3]) }
  }
  const encodePicture = async ({ data }: RgbImage) => data
  const workshop = {
    runtime,
    home,
    readPicture,
    encodePicture,
    job: 'a job',
    isEnough: () => false,
    rest: async () => {},
  }
  const target = join(home, 'models', 'reds 1.5')
  const context = {
    unconditional: new PixelModel(source, runtime),
    workshop: { ...workshop, ...(features !== undefined && { featureNetwork: features }) },
    making: { source, target, hashes: {}, mergedLoras: () => [] },
    ...{ signal, wantsPreviews: false },
  }
  const usual = {
    images,
    steps: 60,
    batch: 4,
    seed: 5n,
    warmUp: 0,
    learningRate: 2e-3,
    averageDecay: 0.9,
    form: 'v',
    heldBack: 0,
  }
  const parameters = trainUnconditional.parameters.parse({ ...usual, ...changes })
  const run = trainUnconditional.run(context, { ...parameters, seed: 5n })
  let next = await run.next()
  while (!next.done) next = await run.next()
  const [folder] = readdirSync(join(home, 'training'))
  return { target, run: join(home, 'training', folder) }
}

test('the distance from the pictures falls while it learns, and each look is kept as a model', async () => {
  const { target, run } = await teach({ showEvery: 30, measured: 24 })
  const history = readHistory(run)
  const distances = history.filter(entry => entry.kind === 'distance')
  expect(distances.map(({ step }) => step)).toEqual([0, 30, 60])
  expect(distances[0]).toMatchObject({ network: 'CLIP vision (sticker-world/clip)', pictures: [24, 12] })
  expect(distances[1].fid).toBeLessThan(distances[0].fid)
  expect(distances[2].fid).toBeLessThan(distances[0].fid / 2)
  expect(distances[2].kid).toBeLessThan(distances[0].kid / 2)
  expect(history.filter(({ kind }) => kind === 'kept')).toHaveLength(2)
  for (const path of [target, join(run, 'results', 'step-0000030')]) {
    expect(new PixelModel(path, runtime).shape(1)).toEqual([1, 3, 8, 8])
  }
})

test('nothing is measured or kept on the way unless that is asked for; without a network it is refused', async () => {
  const { run } = await teach({ steps: 2 })
  expect(readHistory(run).some(({ kind }) => kind === 'distance' || kind === 'kept')).toBe(false)
  expect(existsSync(join(run, 'results'))).toBe(false)
  await expect(teach({ steps: 2, measured: 4 }, '')).rejects.toMatchObject({ code: 'METRIC_NETWORK' })
})
