import { expect, test } from 'vitest'
import { tensor } from '../tensor/tensor.ts'
import { clipScores, directionalSimilarity } from './clip-score.ts'
import { frechetDistance } from './frechet-distance.ts'
import { inceptionScore } from './inception-score.ts'
import { kernelDistance } from './kernel-distance.ts'
import { ssim } from './ssim.ts'

/** Points of two numbers. */
const points = (...rows: (readonly [number, number])[]) => tensor([rows.length, 2], Float32Array.from(rows.flat()))
const square = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const
const scaled = (factor: readonly [number, number], shift = 0) =>
  points(...square.map(([x, y]) => [x * factor[0] + shift, y * factor[1] + shift] as const))

test('the Fréchet distance of two normal distributions along the axes is known', () => {
  // Variances of ±s are 4 s² / 3; the distance is |m1 - m2|² + the sum of (s1 - s2)².
  expect(frechetDistance(scaled([1, 1]), scaled([1, 1]))).toBeCloseTo(0, 10)
  expect(frechetDistance(scaled([1, 1]), scaled([3, 2], 5))).toBeCloseTo(50 + (4 / 3) * (4 + 1), 5)
})

test('a feature that never changes is no obstacle, however many pictures there are', () => {
  expect(frechetDistance(scaled([1, 0]), scaled([3, 0]))).toBeCloseTo((4 / 3) * 4, 5)
  expect(frechetDistance(scaled([0, 0]), scaled([3, 1]))).toBeCloseTo((4 / 3) * 10, 5)
})

test('with fewer pictures than numbers, the other way to the same sum is taken', () => {
  const wide = (factor: number) => tensor([2, 3], Float32Array.of(factor, 0, 0, -factor, 0, 0))
  // Variances 2 and 18 of the first number alone.
  expect(frechetDistance(wide(1), wide(3))).toBeCloseTo((Math.SQRT2 * 3 - Math.SQRT2) ** 2, 5)
})

test('the kernel distance by its definition', () => {
  // One number a picture; kernel (x y + 1)³. Within a: (1 · 2 + 1)³ = 27; within b: 1; between: 1.
  const a = tensor([2, 1], Float32Array.of(1, 2))
  const b = tensor([2, 1], Float32Array.of(0, 0))
  expect(kernelDistance(a, b)).toBeCloseTo(27 + 1 - 2, 10)
})

test('what cannot be compared is refused', () => {
  const few = expect.objectContaining({ code: 'METRIC_FEW' })
  expect(() => frechetDistance(points([1, 2]), scaled([1, 1]))).toThrow(few)
  expect(() => kernelDistance(scaled([1, 1]), points([1, 2]))).toThrow(few)
  const features = expect.objectContaining({ code: 'METRIC_FEATURES' })
  expect(() => frechetDistance(scaled([1, 1]), tensor([4, 1]))).toThrow(features)
  expect(() => clipScores(scaled([1, 1]), tensor([2, 2]))).toThrow(features)
})

test('Inception Score: from one class to all of them', () => {
  const rows = (...values: number[]) => tensor([values.length / 2, 2], Float32Array.from(values))
  expect(inceptionScore(rows(1, 0, 1, 0), 1)).toEqual({ mean: 1, deviation: 0, parts: [1] })
  expect(inceptionScore(rows(1, 0, 0, 1), 1).mean).toBeCloseTo(2, 10)
  expect(inceptionScore(rows(1, 0, 0, 1, 1, 0), 2)).toMatchObject({ deviation: 0.5, parts: [2, 1] })
  expect(() => inceptionScore(rows(1, 0), 2)).toThrow(expect.objectContaining({ code: 'METRIC_FEW' }))
})

test('scores of directions', () => {
  const [right, up] = [points([2, 0]), points([0, 3])]
  expect(clipScores(right, right)).toEqual([100])
  expect(clipScores(right, points([-1, 0]))).toEqual([0])
  expect(clipScores(right, points([3, 4]), 2.5)[0]).toBeCloseTo(1.5, 6)
  const [similarity] = directionalSimilarity(
    { before: right, after: up },
    { before: points([0, 0]), after: points([-2, 3]) },
  )
  expect(similarity).toBeCloseTo(1, 6)
})

test('structural similarity of flat pictures is that of their brightness', () => {
  const flat = (value: number) => ({ width: 12, height: 11, data: new Uint8Array(132).fill(value) })
  const c1 = (0.01 * 255) ** 2
  expect(ssim(flat(9), flat(9)).mean).toBeCloseTo(1, 12)
  expect(ssim(flat(100), flat(50)).mean).toBeCloseTo((2 * 100 * 50 + c1) / (100 ** 2 + 50 ** 2 + c1), 10)
  expect(() => ssim(flat(1), { width: 11, height: 12, data: new Uint8Array(132) })).toThrow(
    expect.objectContaining({ code: 'METRIC_SIZES' }),
  )
})
