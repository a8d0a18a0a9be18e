import { expect, test } from 'vitest'
import type { RgbImage } from '../tensor/images.ts'
import { labOf, labOfHex } from '../tensor/oklab.ts'
import { dominantColours } from './dominant-colours.ts'

/** Stripes of colours, each with its share of the width. */
function striped(width: number, height: number, ...stripes: (readonly [number, readonly [number, number, number]])[]) {
  const data = new Uint8Array(width * height * 3)
  const row = stripes.flatMap(([share, colour]) => Array.from({ length: Math.round(share * width) }, () => colour))
  for (let k = 0; k < width * height; k++) data.set(row[k % width], k * 3)
  return { width, height, data } satisfies RgbImage
}

const red = [200, 30, 30] as const
const blue = [30, 60, 200] as const

test('colours of known pictures, with the shares that they have', () => {
  const found = dominantColours(striped(100, 40, [0.7, red], [0.3, blue]))
  expect(found.map(({ share }) => share)).toEqual([expect.closeTo(0.7, 2), expect.closeTo(0.3, 2)])
  for (const [k, [r, g, b]] of [red, blue].entries()) {
    for (const [axis, value] of labOf(r, g, b).entries()) expect(found[k].colour[axis]).toBeCloseTo(value, 5)
  }
})

test('what is hardly different is one colour, and a speck is none', () => {
  expect(dominantColours(striped(100, 40, [0.5, [200, 30, 30]], [0.5, [204, 34, 30]])).length).toBe(1)
  expect(dominantColours(striped(200, 40, [0.99, red], [0.01, blue])).length).toBe(1)
  expect(dominantColours(striped(1, 1, [1, blue])).map(({ share }) => share)).toEqual([1])
})

test('OKLab of colours that its author gives: white, and red of sRGB', () => {
  expect(labOf(255, 255, 255).map(value => Number(value.toFixed(3)) + 0)).toEqual([1, 0, 0])
  expect(labOf(255, 0, 0).map(value => Number(value.toFixed(3)))).toEqual([0.628, 0.225, 0.126])
  expect(labOfHex('#ff0000')).toEqual(labOf(255, 0, 0))
  expect(labOfHex('#ff00')).toBeUndefined()
})
