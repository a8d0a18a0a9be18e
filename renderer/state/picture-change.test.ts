import { expect, test } from 'vitest'
import { changeBetween } from './picture-change.ts'

test('equal pictures differ by nothing, black and white by all; how opaque they are does not count', () => {
  const gray = (value: number, alpha: number) => Uint8ClampedArray.from([value, value, value, alpha])
  expect(changeBetween(gray(80, 255), gray(80, 0))).toBe(0)
  expect(changeBetween(gray(0, 255), gray(255, 255))).toBeCloseTo(1)
  expect(changeBetween(gray(100, 255), gray(151, 255))).toBeCloseTo(0.2)
})
