import { expect, test } from 'vitest'
import { relativePositionBuckets } from './relative-position.ts'

test('buckets of distances, as transformers’ T5Attention has them (32 buckets up to a distance of 128)', () => {
  const buckets = relativePositionBuckets(300, 32, 128)
  const distances = [
    -200, -128, -127, -64, -20, -16, -15, -9, -8, -7, -1, 0, 1, 7, 8, 11, 12, 15, 16, 23, 45, 46, 91, 127, 128,
  ]
  const found = distances.map(distance => buckets[distance < 0 ? -distance * 300 : distance])
  expect(found).toEqual([15, 15, 15, 14, 10, 10, 9, 8, 8, 7, 1, 0, 17, 23, 24, 24, 25, 25, 26, 27, 28, 29, 31, 31, 31])
})

test('only the distance counts', () => {
  const buckets = relativePositionBuckets(9, 8, 20)
  for (let from = 0; from < 8; from++) {
    for (let to = 0; to < 8; to++) expect(buckets[from * 9 + to]).toBe(buckets[(from + 1) * 9 + to + 1])
  }
})
