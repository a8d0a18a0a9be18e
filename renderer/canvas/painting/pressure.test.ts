import fc from 'fast-check'
import { expect, test } from 'vitest'
import { curved, PLAIN, type PressureCurve } from './pressure.ts'

const share = fc.double({ min: 0, max: 1, noNaN: true })

test('the plain curve changes nothing', () => {
  fc.assert(fc.property(share, pressure => Math.abs(curved(PLAIN, pressure) - pressure) < 1e-4))
})

test('every curve goes from nothing to all and never back', () => {
  fc.assert(
    fc.property(share, share, share, share, (x1, y1, x2, y2) => {
      const curve: PressureCurve = [x1, y1, x2, y2]
      expect(curved(curve, 0)).toBeCloseTo(0, 3)
      expect(curved(curve, 1)).toBeCloseTo(1, 3)
      for (let k = 0; k < 100; k++)
        expect(curved(curve, (k + 1) / 100)).toBeGreaterThanOrEqual(curved(curve, k / 100) - 1e-3)
    }),
    { numRuns: 30 },
  )
})

test('handles above the diagonal make a light hand count for more, as CSS has it', () => {
  // cubic-bezier(0.25, 0.1, 0.25, 1) is CSS's "ease": 0.8024 at a half.
  expect(curved([0.25, 0.1, 0.25, 1], 0.5)).toBeCloseTo(0.8024, 3)
  expect(curved([0.1, 0.5, 0.5, 1], 0.2)).toBeGreaterThan(0.4)
  expect(curved([0.5, 0.1, 0.9, 0.5], 0.5)).toBeLessThan(0.3)
})
