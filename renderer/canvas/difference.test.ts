import { expect, test } from 'vitest'
import { difference } from './difference.ts'

const pixels = (...values: number[]) => Uint8ClampedArray.from(values)

test('|a - b| of each colour, times the gain, cut at white, opaque', () => {
  const result = difference(pixels(10, 200, 0, 255, 5, 5, 5, 0), pixels(30, 100, 0, 255, 5, 5, 6, 128), 4)
  expect([...result]).toEqual([80, 255, 0, 255, 0, 0, 4, 255])
})

test('pictures of two sizes are refused', () => {
  expect(() => difference(pixels(0, 0, 0, 0), pixels(), 1)).toThrow(/cannot be compared/)
})
