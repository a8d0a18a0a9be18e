import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { partsOfMask } from '../tensor/mask-parts.ts'
import { detailer } from './detailer.ts'
import type { Progress } from './operation.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const checkpoint = new Checkpoint('test/parity/goldens/models/sd1', runtime)

const [image, mask] = ['a', 'b'].map(letter => letter.repeat(64))
const size = { width: 120, height: 90 }
const base: RgbImage = { ...size, data: Uint8Array.from({ length: 120 * 90 * 3 }, (_, k) => (k * 7) % 251) }
/** Two places, the second of which is touched at a corner only. */
const isMarked = (x: number, y: number): boolean =>
  (x >= 10 && x < 30 && y >= 10 && y < 30) ||
  (x >= 80 && x < 110 && y >= 40 && y < 70) ||
  (x >= 70 && x < 80 && y >= 30 && y < 40)
const marks: RgbImage = {
  ...size,
  data: Uint8Array.from({ length: 120 * 90 * 3 }, (_, k) => {
    const place = Math.floor(k / 3)
    return isMarked(place % 120, Math.floor(place / 120)) ? 255 : 0
  }),
}

async function draw(changes: object) {
  const given = { prompt: 'a cat', image, steps: 4, seed: 3n, width: 64, height: 64, guidance: 3, ...changes }
  const chosen = { ...checkpoint.description.defaults, ...detailer.parameters.parse(given), trueGuidance: 1 }
  const context = {
    ...{ checkpoint, signal: new AbortController().signal, wantsPreviews: false },
    pictures: { read: async (hash: string) => (hash === mask ? marks : base) },
  }
  const run = detailer.run(context, { ...chosen, ...given, sampler: 'DDIMScheduler' } as never)
  const progress: Progress[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { progress, pictures: next.value }
    progress.push(next.value)
  }
}

/** Places whose pixels differ. */
const changed = ({ data }: RgbImage): string[] =>
  Array.from({ length: 120 * 90 }, (_, place) => place)
    .filter(place => [0, 1, 2].some(c => data[place * 3 + c] !== base.data[place * 3 + c]))
    .map(place => `${place % 120} ${Math.floor(place / 120)}`)

test('parts of a mask are found by what touches, specks are left out', () => {
  const gray = { ...size, data: marks.data.filter((_, k) => k % 3 === 0) }
  gray.data[120 * 89 + 119] = 255
  const parts = partsOfMask(gray)
  expect(parts.map(({ data }) => data.filter(value => value > 0).length)).toEqual([400, 1000])
})

test('each place is drawn for itself, and not a pixel changes elsewhere; a picture each, from its own seed', async () => {
  const { progress, pictures } = await draw({ mask, count: 2 })
  const steps = progress.filter(({ step }) => step > 0)
  expect(steps.at(-1)).toMatchObject({ phase: expect.stringContaining('Place 2 of 2'), step: 8, total: 8 })
  expect(pictures.map(({ seed }) => seed)).toEqual([3n, 4n])
  for (const { image } of pictures) {
    const places = changed(image)
    expect(places.every(place => isMarked(...(place.split(' ').map(Number) as [number, number])))).toBe(true)
    for (const left of [10, 80])
      expect(places.some(place => Math.abs(Number(place.split(' ')[0]) - left) < 30)).toBe(true)
  }
  expect(pictures[0].image.data).not.toEqual(pictures[1].image.data)
}, 60_000)

test('a box does as well as a mask; what marks nothing, and what is no box, is refused', async () => {
  const { pictures } = await draw({ boxes: '40,50,60,80' })
  const places = changed(pictures[0].image).map(place => place.split(' ').map(Number))
  expect(places.length).toBeGreaterThan(0)
  expect(places.every(([x, y]) => x >= 40 && x < 60 && y >= 50 && y < 80)).toBe(true)
  await expect(draw({})).rejects.toMatchObject({ code: 'MASK_EMPTY' })
  await expect(draw({ boxes: '40,50,30,80' })).rejects.toMatchObject({ code: 'BOX' })
}, 60_000)

test('it is drawn at the size of the model, whatever the size of the picture', () => {
  const { stride, sizeMultiple, defaults } = checkpoint.description
  expect(detailer.sizeOf?.({ width: 3000, height: 2000 }, { stride, sizeMultiple, defaults }, {})).toEqual({
    ...{ width: defaults.width, height: defaults.height },
  })
})

test.each([
  [{}, 'Nothing says what shall be drawn again.'],
  [{ boxes: '900,900,1000,1000' }, '"900,900,1000,1000" lies outside the picture, which is 120 x 90.'],
  [{ boxes: '10,10,30,30; 0,-9,20,0' }, '"0,-9,20,0" lies outside the picture, which is 120 x 90.'],
  [{ boxes: '30,10,10,30' }, '"30,10,10,30" is no box in a picture.'],
])('places that are none are refused in a sentence: %j', async (given, message) => {
  await expect(draw(given)).rejects.toMatchObject({ message })
})
