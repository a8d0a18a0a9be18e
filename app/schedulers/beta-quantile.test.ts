import { expect, test } from 'vitest'
import { betaQuantile } from './beta-quantile.ts'

const shares = [0, 1e-9, 0.01, 0.2, 0.5, 0.7, 0.99, 1 - 1e-9, 1]

test('Beta(1/2, 1/2) is the arcsine distribution', () => {
  for (const p of shares) expect(betaQuantile(p, 0.5, 0.5)).toBeCloseTo(Math.sin((Math.PI / 2) * p) ** 2, 13)
})

test('Beta(1, b) and Beta(a, 1) are powers', () => {
  for (const p of shares) {
    expect(betaQuantile(p, 1, 0.6)).toBeCloseTo(1 - (1 - p) ** (1 / 0.6), 13)
    expect(betaQuantile(p, 0.6, 1)).toBeCloseTo(p ** (1 / 0.6), 13)
  }
})

test('Beta(0.6, 0.6) as scipy.stats.beta.ppf gives it', () => {
  expect(betaQuantile(0.3, 0.6, 0.6)).toBeCloseTo(0.23401700387523572, 13)
})
