import { expect, test } from 'vitest'
import { clamp, combine, linearSpace, mix, quantile, roundHalfToEven } from './arithmetic.ts'
import { tensor } from './tensor.ts'

const values = (...numbers: number[]) => tensor([numbers.length], Float32Array.from(numbers))

test('mix is a weighted sum, rounded after each operation', () => {
  expect(mix([2, values(1, 2)], [-1, values(3, 4)])).toEqual(values(-1, 0))
  expect(mix([1e8, values(1)], [1, values(1)], [-1e8, values(1)])).toEqual(values(0))
  expect(mix([0.1, values(3)])).toEqual(values(Math.fround(0.1) * 3))
})

test('shapes must agree', () => {
  const wrong = expect.objectContaining({ code: 'TENSOR_SHAPE', message: expect.stringContaining('[2] and [3]') })
  expect(() => mix([1, values(1, 2)], [1, values(1, 2, 3)])).toThrow(wrong)
  expect(() => combine(values(1, 2), values(1, 2, 3), Math.max)).toThrow(wrong)
})

test('as numpy and torch do it', () => {
  expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5)
  expect(quantile([4, 1, 3, 2], 1)).toBe(4)
  expect(linearSpace(0, 1, 5)).toEqual([0, 0.25, 0.5, 0.75, 1])
  expect(linearSpace(3, 9, 1)).toEqual([3])
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 2.4, 2.6, -2.5].map(roundHalfToEven).map(value => value + 0)).toEqual([
    0, 2, 2, 0, -2, 2, 3, -2,
  ])
  expect(clamp(values(-2, 0.5, 2), -1, 1)).toEqual(values(-1, 0.5, 1))
})
