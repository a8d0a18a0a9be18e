import { expect, test } from 'vitest'
import type { RgbImage } from './images.ts'
import { isByNetwork, type PixelPreparation, preparationNames, prepared } from './preparations.ts'

/** A picture of a size by a rule for each of its pixels. */
function painted(width: number, height: number, level: (x: number, y: number) => number | readonly number[]): RgbImage {
  const data = new Uint8Array(width * height * 3)
  for (let k = 0; k < width * height; k++) {
    const at = level(k % width, Math.floor(k / width))
    data.set(typeof at === 'number' ? [at, at, at] : at, k * 3)
  }
  return { width, height, data }
}
const at = ({ width, data }: RgbImage, x: number, y: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
]
const row = (picture: RgbImage, y: number) => Array.from({ length: picture.width }, (_, x) => at(picture, x, y)[0])
const white = ({ data }: RgbImage) => data.reduce((count, level) => count + Number(level === 255), 0) / 3

/** Dark on the left, light on the right. */
const step = painted(64, 40, x => (x < 32 ? 40 : 220))
const byPixels = preparationNames.filter(way => !isByNetwork(way)) as PixelPreparation[]

test('every way that needs no network keeps the size of any picture, also of one pixel; networks make the others', () => {
  expect(preparationNames.filter(isByNetwork)).toEqual(['pose', 'depth'])
  for (const way of byPixels) {
    for (const [width, height] of [
      [1, 1],
      [7, 13],
      [64, 3],
    ]) {
      const made = prepared(
        painted(width, height, (x, y) => (x * 31 + y * 17) % 256),
        way,
      )
      expect([made.width, made.height, made.data.length], way).toEqual([width, height, width * height * 3])
    }
  }
  expect(prepared(step, 'none')).toBe(step)
})

test('edges are thin, a scribble is as thick as a hand draws and holds them, soft edges are brightest there and fall off', () => {
  const [edges, scribble, soft] = (['edges', 'scribble', 'soft edges'] as const).map(way => prepared(step, way))
  const marked = row(edges, 20).flatMap((level, x) => (level === 255 ? [x] : []))
  expect(marked).toHaveLength(1)
  const [edge] = marked
  expect(Math.abs(edge - 31.5)).toBeLessThan(1)
  expect(row(scribble, 20).flatMap((level, x) => (level === 255 ? [x] : []))).toEqual([edge - 1, edge, edge + 1])
  expect(white(scribble)).toBeGreaterThan(2 * white(edges))
  const levels = row(soft, 20)
  expect([levels[31], levels[32], levels[3], levels[60]]).toEqual([255, 255, 0, 0])
  expect(levels.slice(0, 32)).toEqual(levels.slice(0, 32).toSorted((a, b) => a - b))
  expect(levels).toEqual(levels.toReversed())
  // Thresholds beyond any change leave nothing.
  expect(white(prepared(step, 'edges', { low: 2000, high: 2040 }))).toBe(0)
})

test('dark lines on paper become light ones on black; what is so already stays', () => {
  const drawing = painted(20, 20, x => (x === 10 ? 30 : 240))
  const made = prepared(drawing, 'lines')
  expect([at(made, 10, 5)[0], at(made, 3, 5)[0]]).toEqual([225, 15])
  expect(prepared(made, 'lines').data).toEqual(made.data)
})

test('a coarse copy keeps what is large and loses what is fine', () => {
  const board = painted(64, 64, (x, y) => ((x + y) % 2 === 0 ? 0 : 255))
  for (const level of prepared(board, 'tile').data) expect(Math.abs(level - 127.5)).toBeLessThan(8)
  const made = prepared(step, 'tile')
  expect(Math.abs(at(made, 4, 20)[0] - 40)).toBeLessThan(4)
  expect(Math.abs(at(made, 60, 20)[0] - 220)).toBeLessThan(4)
})

test('shuffled colours are those of the picture, elsewhere, and in the same places each time', () => {
  const picture = painted(48, 32, (x, y) => [x * 5, y * 8, 77])
  const made = prepared(picture, 'shuffle')
  const colours = (of: RgbImage) =>
    new Set(Array.from({ length: 48 * 32 }, (_, k) => of.data.subarray(k * 3, k * 3 + 3).join()))
  const own = colours(picture)
  expect([...colours(made)].every(colour => own.has(colour))).toBe(true)
  expect(colours(made).size).toBeGreaterThan(100)
  expect(made.data).not.toEqual(picture.data)
  expect(prepared(picture, 'shuffle').data).toEqual(made.data)
})

test('squares of colour are means, eight on the longer side', () => {
  const made = prepared(
    painted(64, 40, (x, y) => [x % 8 < 4 ? 0 : 100, y, 9]),
    'colours',
  )
  expect(at(made, 0, 0)).toEqual([50, 4, 9]) // The mean of 0 to 7 is 3.5.
  expect(at(made, 7, 7)).toEqual([50, 4, 9])
  expect(at(made, 8, 8)).toEqual([50, 12, 9])
  expect(new Set(Array.from({ length: 40 }, (_, y) => at(made, 5, y).join())).size).toBe(5)
})

test('surfaces of a depth picture look towards us where it is even, and away from what is nearer', () => {
  expect(
    at(
      prepared(
        painted(40, 40, () => 90),
        'normals',
      ),
      20,
      20,
    ),
  ).toEqual([128, 128, 255])
  const right = at(
    prepared(
      painted(40, 40, x => x * 5),
      'normals',
    ),
    20,
    20,
  )
  const down = at(
    prepared(
      painted(40, 40, (_, y) => y * 5),
      'normals',
    ),
    20,
    20,
  )
  // Nearer to the right: the surface looks to the left. Nearer below: it looks up.
  expect(right[0]).toBeLessThan(100)
  expect(right[1]).toBe(128)
  expect(down[1]).toBeGreaterThan(156)
  expect(down[0]).toBe(128)
  for (const [x, y, z] of [right, down])
    expect(Math.hypot(x / 127.5 - 1, y / 127.5 - 1, z / 127.5 - 1)).toBeCloseTo(1, 1)
})
