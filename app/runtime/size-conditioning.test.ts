import { expect, test } from 'vitest'
import { timeIds, wholePicture } from './size-conditioning.ts'

const seen = {
  ...wholePicture({ width: 90, height: 70 }, 7),
  original: { width: 100, height: 80 },
  crop: { top: 3, left: 5 },
}

test('height comes first, the target last', () => {
  expect(timeIds(seen, 6)).toEqual({ shape: [1, 6], data: Float32Array.of(80, 100, 3, 5, 70, 90) })
})

test('a refiner is told the aesthetic score instead of the target', () => {
  expect(timeIds(seen, 5)).toEqual({ shape: [1, 5], data: Float32Array.of(80, 100, 3, 5, 7) })
})
