import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { diffEdit } from './diffedit.ts'
import { editPictureWords } from './edit-picture-words.ts'
import { editWords } from './edit-words.ts'
import { invertAndDraw } from './invert-and-draw.ts'
import { keepStructure } from './keep-structure.ts'
import { magicMix } from './magic-mix.ts'
import type { OperationPicture, Progress } from './operation.ts'
import { textToImage } from './text-to-image.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
/** Of random weights; one that draws, for what counts in a picture alone. */
const quick = new Checkpoint('test/parity/goldens/models/sd1', runtime)
const drawing = new Checkpoint('native-models/sticker-world', runtime)
const words = {
  ...{ prompt: 'a red car, 3d style, on a blue background', steps: 6, guidance: 3, seed: 7n, width: 64, height: 64 },
  sampler: 'DDIMScheduler',
}
const name = 'a'.repeat(64)

interface Runs {
  readonly parameters: { parse: (value: unknown) => object; shape: object }
  run(context: never, parameters: never): AsyncGenerator<Progress, readonly OperationPicture[]>
}

/** Runs an operation; what its schema does not know of the words stays out. @param image what is read under any name */
async function draw(operation: Runs, changes: object = {}, image?: RgbImage, checkpoint = quick) {
  const known = Object.entries({ ...words, ...(image && { image: name }), ...changes })
  const asked = known.filter(([key]) => Object.hasOwn(operation.parameters.shape, key))
  const context = {
    ...{ checkpoint, signal: new AbortController().signal, wantsPreviews: false, workshop: { runtime } },
    pictures: { read: async () => image },
  }
  const run = operation.run(context as never, operation.parameters.parse(Object.fromEntries(asked)) as never)
  const phases: string[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { image: next.value[0].image, phases }
    phases.push(next.value.phase)
  }
}

/** Mean difference of two pictures in grey levels. */
const distance = (one: RgbImage, other: RgbImage): number =>
  one.data.reduce((sum, value, k) => sum + Math.abs(value - other.data[k]), 0) / one.data.length

const source = (await draw(textToImage)).image
const blue = { to: 'a blue car, 3d style, on a blue background' }

test('the same words give the same picture; swapped ones another, nearer to it the more is kept', async () => {
  const by = (operation: Runs, changes: object) => draw(operation, { steps: 4, ...changes }, undefined, drawing)
  const source = (await by(textToImage, {})).image
  const same = await by(editWords, { to: words.prompt })
  expect(distance(same.image, source)).toBeLessThan(1)
  const held = await by(editWords, { ...blue, keepPlacement: 1, keepShape: 1 })
  const free = await by(editWords, { ...blue, keepPlacement: 0, keepShape: 0 })
  const plain = await by(textToImage, { prompt: blue.to })
  expect(distance(free.image, plain.image)).toBeLessThan(1)
  expect(distance(held.image, source)).toBeGreaterThan(1)
  expect(distance(held.image, source)).toBeLessThan(distance(free.image, source))
})

test('a weight changes how much a word counts', async () => {
  const [less, more] = [
    await draw(editWords, { to: words.prompt, weights: 'red:-2' }),
    await draw(editWords, { to: words.prompt, weights: 'red:4' }),
  ]
  expect(distance(less.image, source)).toBeGreaterThan(1)
  expect(distance(less.image, more.image)).toBeGreaterThan(1)
  await expect(draw(editWords, { ...blue, weights: 'red:2' })).rejects.toMatchObject({ code: 'WORD_UNKNOWN' })
})

test('a change keeps to where its words look', async () => {
  const everywhere = await draw(editWords, { ...blue, keepShape: 0, keepPlacement: 0.4 })
  const there = await draw(editWords, { ...blue, keepShape: 0, keepPlacement: 0.4, onlyWhere: 'car', onlyAbove: 0.6 })
  expect(distance(there.image, source)).toBeLessThan(distance(everywhere.image, source))
})

test('a picture is found again from its noise by null-text inversion, under guidance that drifts away without', async () => {
  const changes = { to: words.prompt, steps: 3, guidance: 7.5, innerSteps: 3 }
  const again = async (inversion: string) => {
    const { image } = await draw(invertAndDraw, { ...changes, inversion }, drawn, drawing)
    return distance(image, drawn)
  }
  const drawn = (await draw(textToImage, { steps: 4 }, undefined, drawing)).image
  expect(await again('null-text')).toBeLessThan(await again('ddim'))
})

test('a picture is edited by words from its noise, and says what it does', async () => {
  const { image, phases } = await draw(editPictureWords, { ...blue, inversion: 'null-text', innerSteps: 2 }, source)
  expect(distance(image, source)).toBeGreaterThan(1)
  expect(phases.some(phase => /Finding the picture's noise, step 3 of 6/.test(phase))).toBe(true)
  expect(phases.some(phase => /Finding the way back, step 3 of 6/.test(phase))).toBe(true)
})

test('what does not differ keeps its pixels', async () => {
  const { image } = await draw(diffEdit, { ...blue, maskMaps: 2, steps: 8, guidance: 5 }, source)
  const same = image.data.filter((value, k) => value === source.data[k]).length / image.data.length
  expect(same).toBeGreaterThan(0.2)
  expect(same).toBeLessThan(1)
  await expect(draw(diffEdit, { to: words.prompt, maskMaps: 2 }, source)).rejects.toMatchObject({ code: 'MASK_EMPTY' })
})

test.each(['structure', 'appearance'])('a picture gives its %s to other words', async takenOver => {
  const kept = await draw(keepStructure, { ...blue, takenOver, inversion: 'ddim', keepUntil: 0.5 }, source)
  const free = await draw(
    keepStructure,
    { ...blue, takenOver, inversion: 'ddim', keepUntil: takenOver === 'structure' ? 0 : 1 },
    source,
  )
  expect(distance(kept.image, free.image)).toBeGreaterThan(0.5)
})

test('less of a thing in the mixture leaves more of the picture', async () => {
  const mixed = async (mixFactor: number) =>
    distance((await draw(magicMix, { prompt: 'a green tree', mixFactor, layoutUntil: 0.2 }, source)).image, source)
  expect(await mixed(0.1)).toBeLessThan(await mixed(1))
})
