import { expect, test } from 'vitest'
import { psnr } from './psnr.ts'

test('known differences', () => {
  const black = new Uint8Array(300)
  expect(psnr(black, black)).toBe(Infinity)
  expect(
    psnr(
      black,
      black.map(() => 255),
    ),
  ).toBe(0)
  expect(
    psnr(
      black,
      black.map(() => 1),
    ),
  ).toBeCloseTo(48.1308, 4) // 20 log10(255)
  expect(
    psnr(
      black,
      black.map((_, i) => (i === 0 ? 30 : 0)),
    ),
  ).toBeCloseTo(48.1308 + 10 * Math.log10(300 / 900), 3)
})

test('pictures of different sizes are refused', () => {
  expect(() => psnr(new Uint8Array(3), new Uint8Array(6))).toThrow(expect.objectContaining({ code: 'METRIC_SIZES' }))
})
