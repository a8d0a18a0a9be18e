import { expect, test } from 'vitest'
import type { RgbImage } from '../tensor/images.ts'
import { edgeAgreement } from './edge-agreement.ts'

/** An upright line at a column. */
function line(column: number | undefined): RgbImage {
  const data = new Uint8Array(16 * 16)
  if (column !== undefined) for (let row = 0; row < 16; row++) data[row * 16 + column] = 255
  return { width: 16, height: 16, data }
}

test('lines agree within the reach and not beyond it', () => {
  expect(edgeAgreement(line(5), line(5))).toBe(1)
  expect(edgeAgreement(line(5), line(7))).toBe(1)
  expect(edgeAgreement(line(5), line(8))).toBe(0)
  expect(edgeAgreement(line(undefined), line(undefined))).toBe(1)
  expect(edgeAgreement(line(5), line(undefined))).toBe(0)
})

test('a line too many costs precision: half of what is found is right', () => {
  const two = line(5)
  for (let row = 0; row < 16; row++) two.data[row * 16 + 12] = 255
  expect(edgeAgreement(two, line(5))).toBeCloseTo((2 * 0.5 * 1) / 1.5, 6)
})
