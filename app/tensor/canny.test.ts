import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { cannyEdges } from './canny.ts'
import type { RgbImage } from './images.ts'

/** A picture that any program can make again. */
function rings(width: number, height: number, channels: number): RgbImage {
  const value = (x: number, y: number, k: number) =>
    Math.floor((x * x * 3 + y * y * 5 + x * y * (k + 1) * 7) / 64) % 256
  const data = Uint8Array.from({ length: width * height * channels }, (_, i) => {
    const place = Math.floor(i / channels)
    return value(place % width, Math.floor(place / width), i % channels)
  })
  return { width, height, data }
}

/** Sizes, channels, thresholds; how many edge pixels OpenCV 5.0.0 finds, and the hash of its answer. */
test.each([
  [97, 61, 3, 100, 200, 1153, '68f92c83f35fd3db'],
  [64, 80, 1, 300, 900, 260, 'a16b1ae1310578b4'],
  [40, 40, 3, 20, 60, 152, '9faddf76166dc4df'],
  [1, 7, 3, 1, 2, 1, '7701f8a60d9aa796'],
])('%i x %i pixels of %i channels, thresholds %i and %i: every pixel as OpenCV has it', (...given) => {
  const [width, height, channels, low, high, count, hash] = given
  const edges = cannyEdges(rings(width, height, channels), { low, high })
  const marks = edges.data.filter((_, i) => i % 3 === 0)
  expect(marks.filter(value => value === 255).length).toBe(count)
  expect(createHash('sha256').update(marks).digest('hex').slice(0, 16)).toBe(hash)
  expect(edges.data).toEqual(Uint8Array.from({ length: marks.length * 3 }, (_, i) => marks[Math.floor(i / 3)]))
})

test('a picture of one colour has no edges', () => {
  const edges = cannyEdges({ width: 9, height: 9, data: new Uint8Array(243).fill(200) })
  expect(edges.data.every(value => value === 0)).toBe(true)
})
