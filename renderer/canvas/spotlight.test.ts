import { expect, test } from 'vitest'
import { shadeAround } from './spotlight.ts'

test('a picture stays as it is where a word looks most, and is dark where it does not look', () => {
  const map = Uint8ClampedArray.from([255, 255, 255, 255, 0, 0, 0, 255, 128, 128, 128, 255])
  const shade = shadeAround(map)
  expect([...shade.slice(0, 4)]).toEqual([0, 0, 0, 0])
  expect([...shade.slice(4, 8)]).toEqual([0, 0, 0, 204])
  expect(shade[11]).toBeGreaterThan(0)
  expect(shade[11]).toBeLessThan(204)
})
