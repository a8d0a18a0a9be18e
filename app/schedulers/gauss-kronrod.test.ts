import { expect, test } from 'vitest'
import { integrate } from './gauss-kronrod.ts'

test('powers up to the 31st, and smooth functions', () => {
  for (let power = 0; power <= 31; power++) {
    expect(integrate(x => x ** power, 0, 1)).toBeCloseTo(1 / (power + 1), 14)
  }
  expect(integrate(x => x ** 60, 0, 1)).not.toBeCloseTo(1 / 61, 14)
  expect(integrate(Math.exp, 2, -1)).toBeCloseTo(Math.exp(-1) - Math.exp(2), 13)
})
