import { expect, test } from 'vitest'
import { fromImages, type RgbImage, toImages } from '../tensor/images.ts'
import { tensor } from '../tensor/tensor.ts'
import { closeUp, withCloseUps } from './close-ups.ts'
import type { TrainingSet } from './data.ts'

const WIDTH = 60
const HEIGHT = 40

/** A red box on green. */
function boxOn(isRed: (x: number, y: number) => boolean): RgbImage {
  const data = new Uint8Array(WIDTH * HEIGHT * 3)
  for (let k = 0; k < WIDTH * HEIGHT; k++) {
    data.set(isRed(k % WIDTH, Math.floor(k / WIDTH)) ? [220, 20, 20] : [30, 200, 40], 3 * k)
  }
  return { width: WIDTH, height: HEIGHT, data }
}

const small = boxOn((x, y) => x >= 40 && x < 52 && y >= 4 && y < 20)

const countOfRed = ({ data }: RgbImage) => data.filter((value, k) => k % 3 === 0 && value > 125).length

test('from closer a thing is larger, whole, and fills most of the picture', () => {
  const near = closeUp(small)
  const rows = Array.from({ length: HEIGHT }, (_, y) => near.data.subarray(3 * y * WIDTH, 3 * (y + 1) * WIDTH))
  const high = rows.filter(row => row.some((value, k) => k % 3 === 0 && value > 125)).length
  expect(high / HEIGHT).toBeGreaterThan(0.7)
  expect(high / HEIGHT).toBeLessThan(0.8)
  // Of its own proportions, 12 to 16
  expect(countOfRed(near) / high ** 2).toBeCloseTo(12 / 16, 1)
})

test('a picture of one colour, and those that are full, stay as they are', () => {
  const large = boxOn((x, y) => x >= 12 && x < 48 && y >= 2 && y < 38)
  for (const picture of [large, boxOn(() => true), boxOn((x, y) => (x + y) % 2 === 0 && x + y > 0)]) {
    expect(closeUp(picture).data).toEqual(picture.data)
  }
})

test('each picture of a set is there as it is and from closer, each with a hash of its own', async () => {
  const { shape, data } = fromImages([small])
  const example = {
    caption: 'a box',
    size: { width: WIDTH, height: HEIGHT },
    isClassImage: false,
    mayFlip: true,
    contentHash: 'box',
  }
  const set: TrainingSet = {
    examples: [example, { ...example, contentHash: 'other' }],
    read: async () => tensor(shape.slice(1), data),
  }
  const { examples, read } = withCloseUps(set)
  expect(examples).toHaveLength(4)
  expect(new Set(examples.map(({ contentHash }) => contentHash)).size).toBe(4)
  expect(examples.map(({ caption, mayFlip }) => [caption, mayFlip])).toEqual(examples.map(() => ['a box', true]))
  const shown = []
  for (const k of [2, 3]) {
    const picture = await read(k)
    shown.push(...toImages(tensor([1, ...picture.shape], picture.data)))
  }
  expect(shown.map(({ data }) => data)).toEqual([small, closeUp(small)].map(({ data }) => data))
})
