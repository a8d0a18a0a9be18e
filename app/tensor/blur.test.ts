import { expect, test } from 'vitest'
import { blurred } from './blur.ts'
import { tensor } from './tensor.ts'

test('what is even stays, a dot spreads out evenly, and nothing is lost', () => {
  const even = tensor([1, 1, 3, 5], new Float32Array(15).fill(0.5))
  for (const value of blurred(even, { reach: 4, deviation: 1 }).data) expect(value).toBeCloseTo(0.5, 6)
  const dot = tensor([1, 2, 11, 11])
  dot.data[121 + 60] = 1
  const { data } = blurred(dot, { reach: 4, deviation: 1 })
  expect(data.subarray(0, 121).every(value => value === 0)).toBe(true)
  expect(data[121 + 61]).toBeCloseTo(data[121 + 49], 6)
  expect(data[121 + 61] / data[121 + 60]).toBeCloseTo(Math.exp(-0.5), 5)
  expect(data.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
})

test('a picture is mirrored about its outermost values, however small it is', () => {
  const line = tensor([1, 1, 1, 2], Float32Array.of(0, 1))
  const [left, right] = blurred(line, { reach: 4, deviation: 1 }).data
  expect(left + right).toBeCloseTo(1, 6)
  expect(right).toBeGreaterThan(left)
})
