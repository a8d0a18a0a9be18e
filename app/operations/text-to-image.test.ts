import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { seedGroups, type WordChoices } from './draw-from-words.ts'
import { noGuides } from './guide-parameters.ts'
import { type GivenPictures, noPictures, type OperationPicture, type Progress } from './operation.ts'
import { textToImage } from './text-to-image.ts'

const complete = (changes: Partial<WordChoices>): WordChoices => ({
  ...noGuides,
  prompt: '',
  negative: '',
  seed: 7n,
  steps: 20,
  guidance: 5,
  trueGuidance: 1,
  rescale: 0,
  perturbedGuidance: 0,
  selfGuidance: 0,
  perturbedLayers: 'mid',
  sampler: 'DDIMScheduler',
  karras: false,
  width: 128,
  height: 128,
  count: 1,
  longPrompts: 'chunks',
  clipSkip: 0,
  loras: [],
  embeddings: [],
  vae: '',
  textEncoders: [],
  controls: [],
  guessMode: false,
  regions: [],
  ...changes,
})

test('picture k takes the seed + k; beyond the largest seed it goes on at 0', () => {
  expect(seedGroups(complete({ count: 3 }), 1)).toEqual([[7n], [8n], [9n]])
  expect(seedGroups(complete({ seed: 2n ** 64n - 1n, count: 2 }), 2)).toEqual([[2n ** 64n - 1n, 0n]])
})

test.each([
  [9, 32, [9]],
  [64, 32, [32, 32]],
  [5, 2, [2, 2, 1]],
  [5, 4, [3, 2]],
  [3, 1, [1, 1, 1]],
])('%i pictures, at most %i together, are drawn in groups of %o', (count, largest, sizes) => {
  expect(seedGroups(complete({ count }), largest).map(group => group.length)).toEqual(sizes)
})

test.each([
  [{ seed: -1 }],
  [{ seed: 2n ** 64n }],
  [{ seed: '18446744073709551616' }],
  [{ seed: 1.5 }],
  [{ seed: 'seven' }],
  [{ seed: 2 ** 60 }],
  [{ steps: 0 }],
  [{ steps: 1001 }],
  [{ guidance: -1 }],
  [{ rescale: 1.1 }],
  [{ count: 0 }],
  [{ width: 4 }],
  [{ sampler: 'Euler' }],
  [{ prompt: undefined }],
])('%o is refused', changes => {
  expect(textToImage.parameters.safeParse({ prompt: 'x', ...changes }).success).toBe(false)
})

test('seeds are kept exactly, however they are written', () => {
  const seedOf = (seed: unknown) => textToImage.parameters.parse({ prompt: '', seed }).seed
  expect(seedOf('18446744073709551615')).toBe(18446744073709551615n)
  expect(seedOf(0)).toBe(0n)
  expect(seedOf(12345678901234567890n)).toBe(12345678901234567890n)
  expect(seedOf(undefined)).toBeUndefined()
})

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('native-models/sticker-world', runtime)

async function draw(
  changes: Partial<WordChoices>,
  signal = new AbortController().signal,
  pictures: GivenPictures = noPictures,
) {
  const run = textToImage.run({ checkpoint, signal, wantsPreviews: true, pictures }, complete({ steps: 8, ...changes }))
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { progress, pictures: next.value }
    progress.push(next.value)
  }
}

const pixels = (pictures: readonly OperationPicture[]) => pictures.map(({ image }) => image.data)

/** Mean colours of fields, as many as the preview has pixels. */
function pooled(image: RgbImage, { width, height }: RgbImage): number[] {
  const field = image.width / width
  return Array.from({ length: width * height * 3 }, (_, at) => {
    const [channel, x, y] = [at % 3, Math.floor(at / 3) % width, Math.floor(at / 3 / width)]
    let sum = 0
    for (let k = 0; k < field ** 2; k++) {
      sum += image.data[((y * field + Math.floor(k / field)) * image.width + x * field + (k % field)) * 3 + channel]
    }
    return sum / field ** 2
  })
}

test('previews come with every step, and the last one shows the colours of the picture', async () => {
  const { progress, pictures } = await draw({ prompt: 'a red apple, 3d style, on a blue background', count: 2 })
  const steps = progress.filter(({ step }) => step > 0)
  expect(steps.map(({ step, total }) => step * 100 + total)).toEqual(
    Array.from({ length: 16 }, (_, k) => (k + 1) * 100 + 16),
  )
  expect(steps.map(({ secondsLeft }) => secondsLeft !== undefined)).toEqual(steps.map((_, k) => k > 1))
  expect(steps.map(({ previews }) => previews?.length)).toEqual(steps.map((_, k) => (k < 8 ? 1 : 2)))
  pictures.forEach(({ image }, k) => {
    const preview = steps[15].previews?.[k]
    if (preview === undefined) throw new Error('no preview')
    expect(preview).toMatchObject({ width: 16, height: 16 })
    const colours = pooled(image, preview)
    const error = colours.reduce((sum, value, at) => sum + Math.abs(value - preview.data[at]), 0) / colours.length
    expect(error).toBeLessThan(32) // of 255; a grey picture would be off by 80
  })
})

test('each picture of a batch is the same to the last bit when it is drawn again alone, also by a sampler that adds noise', async () => {
  const sampler = 'EulerAncestralDiscreteScheduler'
  const together = await draw({ prompt: 'a robot', count: 3, sampler })
  const alone = await draw({ prompt: 'a robot', seed: 9n, sampler })
  expect(pixels(alone.pictures)[0]).toEqual(pixels(together.pictures)[2])
  expect(together.pictures[2].seed).toBe(9n)
})

test('the empty prompt draws, other sizes draw, and the signal ends the run between steps', async () => {
  const { pictures } = await draw({ width: 64, height: 192, steps: 2 })
  expect(pictures[0].image).toMatchObject({ width: 64, height: 192 })
  const controller = new AbortController()
  controller.abort(new Error('cancelled'))
  await expect(draw({}, controller.signal)).rejects.toThrow('cancelled')
})

const apple = (prompt: string, changes: Partial<WordChoices> = {}) => draw({ prompt, steps: 4, ...changes })

/** Mean difference of two pictures' channels, of 255. */
function difference(a: Awaited<ReturnType<typeof draw>>, b: Awaited<ReturnType<typeof draw>>): number {
  const [ours, theirs] = [pixels(a.pictures)[0], pixels(b.pictures)[0]]
  return ours.reduce((sum, value, at) => sum + Math.abs(value - theirs[at]), 0) / ours.length
}

test('a weight changes the picture, a weight of 1 does not', async () => {
  const plain = await apple('a red apple, 3d style, on a blue background')
  const weighted = await apple('a (red:1.5) apple, 3d style, on a blue background')
  const one = await apple('a (red:1.0) apple, 3d style, on a blue background')
  expect(difference(weighted, plain)).toBeGreaterThan(1)
  expect(pixels(one.pictures)).toEqual(pixels(plain.pictures))
})

test('a change by step is drawn with each of its texts in turn', async () => {
  const [red, blue] = [await apple('a red apple'), await apple('a blue apple')]
  const changing = await apple('a [red:blue:2] apple')
  expect(pixels((await apple('a [red:blue:4] apple')).pictures)).toEqual(pixels(red.pictures))
  expect(pixels((await apple('a [red:blue:0.0] apple')).pictures)).toEqual(pixels(blue.pictures))
  for (const still of [red, blue]) expect(difference(changing, still)).toBeGreaterThan(1)
  // PNDM calls the network once more than it steps: what holds for all steps holds for all calls.
  const sampler = 'PNDMScheduler'
  const [edited, plain] = [await apple('a [red:blue:4] apple', { sampler }), await apple('a red apple', { sampler })]
  expect(pixels(edited.pictures)).toEqual(pixels(plain.pictures))
})

test('words beyond the window count in chunks and are cut off where that is asked for', async () => {
  const long = 'a red apple, 3d style, on a blue background, '.repeat(3)
  const short = 'a red apple, 3d style, on a blue background'
  const chunks = await apple(long)
  const cut = await apple(long, { longPrompts: 'cut' })
  expect(difference(chunks, cut)).toBeGreaterThan(1)
  expect(pixels((await apple(`${long} and a dog`, { longPrompts: 'cut' })).pictures)).toEqual(pixels(cut.pictures))
  expect(difference(await apple(`${long} and a dog`), chunks)).toBeGreaterThan(0.1)
  expect(pixels((await apple(short, { longPrompts: 'cut' })).pictures)).toEqual(pixels((await apple(short)).pictures))
  // Without guidance the negative prompt is not read, and its length changes nothing.
  const [one, other] = [await apple(short, { guidance: 1, negative: long }), await apple(short, { guidance: 1 })]
  expect(pixels(one.pictures)).toEqual(pixels(other.pictures))
})

test('clip skip changes the picture, and more than the text encoder has is refused', async () => {
  expect(difference(await apple('a red apple', { clipSkip: 1 }), await apple('a red apple'))).toBeGreaterThan(1)
  await expect(apple('a red apple', { clipSkip: 20 })).rejects.toMatchObject({
    code: 'CLIP_SKIP',
    details: { field: 'clipSkip' },
  })
})

test('a region draws its own words where it is, and the rest of the picture the others', async () => {
  const [whole, part] = [
    'a red apple, 3d style, on a blue background',
    'a yellow lemon, 3d style, on a blue background',
  ]
  const mask = (isMarked: (x: number) => boolean) => ({
    read: async () => ({
      ...{ width: 64, height: 64 },
      data: Uint8Array.from({ length: 64 * 64 * 3 }, (_, k) => (isMarked(Math.floor(k / 3) % 64) ? 255 : 0)),
    }),
  })
  const withRegion = (isMarked: (x: number) => boolean, weight = 1) =>
    draw({ prompt: whole, regions: [{ prompt: part, mask: 'a'.repeat(64), weight }] }, undefined, mask(isMarked))
  const [apple, lemon] = [await draw({ prompt: whole }), await draw({ prompt: part })]
  // All of the picture, and none of it.
  expect(pixels((await withRegion(() => true)).pictures)).toEqual(pixels(lemon.pictures))
  expect(pixels((await withRegion(() => false)).pictures)).toEqual(pixels(apple.pictures))
  expect(pixels((await withRegion(() => true, 0)).pictures)).toEqual(pixels(apple.pictures))
  const half = pixels((await withRegion(x => x >= 32)).pictures)[0]
  const off = (from: Uint8Array, isRight: boolean) =>
    half.reduce((sum, value, k) => sum + (Math.floor(k / 3) % 128 >= 64 === isRight ? Math.abs(value - from[k]) : 0), 0)
  expect(off(pixels(lemon.pictures)[0], true)).toBeLessThan(off(pixels(apple.pictures)[0], true))
  expect(off(pixels(apple.pictures)[0], false)).toBeLessThan(off(pixels(lemon.pictures)[0], false))
})
