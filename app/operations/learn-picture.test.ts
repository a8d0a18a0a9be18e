import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { identify } from '../weights/identify.ts'
import { openLearnedPicture } from '../weights/learned-picture.ts'
import { imagic } from './imagic.ts'
import type { OperationPicture, Progress } from './operation.ts'
import { trainImagic } from './train-imagic.ts'
import { trainUniTune } from './train-unitune.ts'
import { uniTune } from './unitune.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const model = (name: string) => new Checkpoint(`test/parity/goldens/models/${name}`, runtime)
const [sd1, sdxl] = ['sd1', 'sdxl'].map(model)

const IMAGE = 'a'.repeat(64)
const picture: RgbImage = {
  ...{ width: 80, height: 64 },
  data: Uint8Array.from({ length: 80 * 64 * 3 }, (_, i) => (i % 3 === 0 ? 220 : (i * 7) % 160)),
}
const surroundings = {
  ...{ signal: new AbortController().signal, wantsPreviews: false },
  pictures: { read: async () => picture },
}

function folder(): string {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-learn-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  return home
}

type Run = AsyncGenerator<Progress, readonly OperationPicture[]>

async function finished(run: Run, stopAfter = Number.POSITIVE_INFINITY) {
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { progress, pictures: next.value }
    progress.push(next.value)
    if (next.value.step >= stopAfter) {
      await run.return([])
      return { progress, pictures: [] }
    }
  }
}

function learning(
  operation: typeof trainImagic | typeof trainUniTune,
  checkpoint: Checkpoint,
  home: string,
  changes: object,
) {
  const target = join(home, 'models', 'pictures', 'it.safetensors')
  const workshop = {
    ...{ runtime, home, isEnough: () => false, rest: async () => {}, job: 'a job' },
    ...{ readPicture: async () => picture, encodePicture: async ({ data }: RgbImage) => data },
  }
  const making = { source: checkpoint.description.path, target, hashes: {}, mergedLoras: () => [] }
  const given = { image: IMAGE, width: 64, height: 64, rank: 2, seed: 5n, ...changes }
  const chosen = { ...operation.parameters.parse(given), width: 64, height: 64, seed: 5n }
  const context = { checkpoint, workshop, making, ...surroundings }
  const run: Run =
    operation === trainImagic
      ? trainImagic.run(context, { ...trainImagic.parameters.parse(given), ...chosen, words: 'a blue cat' })
      : trainUniTune.run(context, { ...trainUniTune.parameters.parse(given), ...chosen })
  return { target, run }
}

const short = { words: 'a blue cat', wordSteps: 2, wordRate: 0.01, steps: 2 }

async function bent(checkpoint: Checkpoint, learned: string, toward: number, prompt = '') {
  const given = { prompt, learned, toward, steps: 2, seed: 1n, width: 64, height: 64 }
  const { defaults } = checkpoint.description
  const chosen = { ...defaults, ...imagic.parameters.parse(given), trueGuidance: 1, sampler: defaults.sampler }
  const { pictures } = await finished(imagic.run({ checkpoint, ...surroundings }, { ...chosen, ...given, guidance: 3 }))
  return pictures[0].image.data
}

/** Learned once for several tests. */
const place = mkdtempSync(join(tmpdir(), 'sfumato-learn-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
const learnedOnce = learning(trainImagic, sd1, place, short)
const once = finished(learnedOnce.run)

test('the network learns a picture after what it is told, and bends it as far as one likes', async () => {
  const { target } = learnedOnce
  const { progress, pictures } = await once
  expect(progress.map(({ step }) => step).filter(step => step > 0)).toEqual([1, 2, 3, 4])
  expect(progress.some(({ phase }) => /^4 steps: about \d+ (s|min), [\d.]+ GB of memory$/.test(phase))).toBe(true)
  expect(pictures).toHaveLength(3)
  const [none, half, all] = [await bent(sd1, target, 0), await bent(sd1, target, 0.5), await bent(sd1, target, 1)]
  expect(half).not.toEqual(none)
  expect(half).not.toEqual(all)
  expect(await bent(sd1, target, 0, 'other words')).toEqual(none)
  expect(await bent(sd1, target, 1, 'other words')).not.toEqual(all)
}, 300_000)

test.each([
  ['all of the network', sd1, 'all', ['encoder_hidden_states']],
  ['Stable Diffusion XL', sdxl, 'low rank', ['encoder_hidden_states', 'text_embeds']],
] as const)(
  '%s learns as well',
  async (_, checkpoint, learns, told) => {
    const { target, run } = learning(trainImagic, checkpoint, folder(), { ...short, learns })
    await finished(run)
    expect(identify(target)).toMatchObject({ kind: 'learned-picture', title: 'a blue cat' })
    const file = openLearnedPicture(target)
    expect(file).toMatchObject({ method: 'imagic', words: 'a blue cat', picture: IMAGE, width: 64, height: 64 })
    expect(Object.keys(file.optimised)).toEqual(told)
    const size = { width: 64, height: 64 }
    const [{ positive }] = await checkpoint.condition([{ prompt: { sections: plainWords('a blue cat') }, size }], 'cut')
    for (const name of told) expect(file.optimised[name].data).not.toEqual(positive[name].data)
    expect(await bent(checkpoint, target, 0)).not.toEqual(await bent(checkpoint, target, 1))
  },
  60_000,
)

test('a training that was stopped between its stages goes on, and ends with the same file to the last bit; another model is refused', async () => {
  await once
  const home = folder()
  const first = learning(trainImagic, sd1, home, short)
  await finished(first.run, short.wordSteps)
  expect(existsSync(first.target)).toBe(false)
  const { target, run } = learning(trainImagic, sd1, home, short)
  const { progress } = await finished(run)
  expect(progress.find(({ step }) => step > 0)?.step).toBe(short.wordSteps + 1)
  expect(openLearnedPicture(target)).toEqual(openLearnedPicture(learnedOnce.target))
  await expect(bent(sdxl, target, 0.5)).rejects.toMatchObject({ code: 'LEARNED_BASE' })
}, 300_000)

test('UniTune learns a picture under rare words, and draws it anew with others beside them', async () => {
  const { target, run } = learning(trainUniTune, sd1, folder(), { steps: 2 })
  const { pictures } = await finished(run)
  expect(pictures).toHaveLength(1)
  const file = openLearnedPicture(target)
  expect(file).toMatchObject({ method: 'unitune', words: 'beikkpic', optimised: {} })
  const given = { prompt: 'a cat', learned: target, image: IMAGE, steps: 4, seed: 1n, width: 64, height: 64 }
  const { defaults } = sd1.description
  const drawn = async (strength: number) => {
    const chosen = { ...defaults, ...uniTune.parameters.parse({ ...given, strength }), trueGuidance: 1 }
    const run = uniTune.run(
      { checkpoint: sd1, ...surroundings },
      { ...chosen, ...given, strength, guidance: 3, sampler: defaults.sampler },
    )
    return (await finished(run)).pictures[0].image.data
  }
  const far = (data: Uint8Array) => data.reduce((sum, value, i) => sum + Math.abs(value - picture.data[i]), 0)
  expect(far(await drawn(0.25))).not.toBe(far(await drawn(1)))
  await expect(bent(sd1, target, 0.5)).rejects.toMatchObject({ code: 'LEARNED_METHOD' })
}, 300_000)

test('what it takes is told before', () => {
  const cost = (learns: string) => {
    const chosen = trainImagic.parameters.parse({ ...short, image: IMAGE, learns })
    return trainImagic.foresee?.({ checkpoint: sd1, runtime }, { ...chosen, width: 64, height: 64, seed: 0n }, [])
  }
  expect(cost('low rank')).toMatchObject({ steps: 4, picturesOfStep: 1 })
  expect(cost('all')?.learned).toBeGreaterThan(cost('low rank')?.learned ?? Number.POSITIVE_INFINITY)
})
