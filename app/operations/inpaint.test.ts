import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { imageToImage } from './image-to-image.ts'
import { inpaint } from './inpaint.ts'
import type { OperationContext, OperationPicture, Progress } from './operation.ts'
import { textToImage } from './text-to-image.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('native-models/sticker-world', runtime)

const words = {
  width: 64,
  height: 96,
  steps: 6,
  guidance: 5,
  sampler: 'DDIMScheduler',
  seed: 7n,
  prompt: 'a red apple',
}

interface Runs {
  run(
    context: OperationContext<'checkpoint' | 'pictures'>,
    parameters: never,
  ): AsyncGenerator<Progress, readonly OperationPicture[]>
}

/** Runs an operation with pictures by their names. */
async function draw(operation: Runs, parameters: object, pictures: Readonly<Record<string, RgbImage>> = {}) {
  const context = {
    ...{ checkpoint, signal: new AbortController().signal, wantsPreviews: false },
    pictures: { read: async (name: string) => pictures[name] },
  }
  const run = operation.run(context, parameters as never)
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value
  }
}

const chosen = (operation: { parameters: { parse: (value: unknown) => object } }, changes: object = {}) =>
  operation.parameters.parse({ ...words, ...changes })
const name = 'a'.repeat(64)
const maskName = 'b'.repeat(64)

/** A picture of its own, and a mask with a marked rectangle, both bigger than what is drawn. */
const base: RgbImage = {
  ...{ width: 90, height: 120 },
  data: Uint8Array.from({ length: 90 * 120 * 3 }, (_, k) => (Math.floor(k / 3) % 90) + (k % 3) * 40),
}
const rectangle = (value = 255): RgbImage => ({
  ...{ width: 90, height: 120 },
  data: Uint8Array.from({ length: 90 * 120 * 3 }, (_, k) => {
    const [x, y] = [Math.floor(k / 3) % 90, Math.floor(k / 270)]
    return x >= 20 && x < 60 && y >= 30 && y < 90 ? value : 0
  }),
})

const masked = (changes: object = {}, mask = rectangle()) =>
  draw(inpaint, chosen(inpaint, { image: name, mask: maskName, ...changes }), { [name]: base, [maskName]: mask })

test.each([
  {},
  { strength: 0.5 },
  { fill: 'surroundings' },
  { onlyMasked: true, padding: 6 },
  { softMask: true },
  { softness: 0, sampler: 'EulerAncestralDiscreteScheduler', count: 2 },
])('in-painting %o: outside the mask every byte stays, inside it is drawn', async changes => {
  const mask = rectangle()
  for (const { image } of await masked(changes)) {
    expect([image.width, image.height]).toEqual([90, 120])
    let changed = 0
    image.data.forEach((value, k) => {
      if (mask.data[k] === 0) expect(value).toBe(base.data[k])
      else if (value !== base.data[k]) changed++
    })
    expect(changed).toBeGreaterThan(40 * 60 * 2)
  }
})

test('where gray is a strength, dark gray changes less than light gray', async () => {
  const change = async (value: number) => {
    const [{ image }] = await masked({ softMask: true, softness: 0, steps: 10 }, rectangle(value))
    return image.data.reduce((sum, each, k) => sum + Math.abs(each - base.data[k]), 0)
  }
  const [dark, middle, light] = [await change(60), await change(150), await change(255)]
  expect(dark).toBeLessThan(middle)
  expect(middle).toBeLessThan(light)
})

test('an empty mask and one of another size are refused in words', async () => {
  await expect(masked({}, rectangle(0))).rejects.toMatchObject({ code: 'MASK_EMPTY', details: { field: 'mask' } })
  const small = { width: 30, height: 40, data: new Uint8Array(30 * 40 * 3).fill(255) }
  await expect(masked({}, small)).rejects.toMatchObject({
    code: 'MASK_SIZE',
    message: expect.stringMatching('30 x 40'),
  })
})

test('image to image keeps more of the picture the less strength it is given', async () => {
  const [{ image: apple }] = await draw(textToImage, chosen(textToImage))
  const rework = async (strength: number) => {
    const parameters = chosen(imageToImage, { image: name, strength, prompt: 'a yellow lemon', steps: 10 })
    const [{ image }] = await draw(imageToImage, parameters, { [name]: apple })
    return image.data.reduce((sum, value, k) => sum + Math.abs(value - apple.data[k]), 0) / apple.data.length
  }
  const [little, some, all] = [await rework(0.1), await rework(0.6), await rework(1)]
  expect(little).toBeLessThan(some)
  expect(some).toBeLessThan(all)
  expect(little).toBeLessThan(8)
})
