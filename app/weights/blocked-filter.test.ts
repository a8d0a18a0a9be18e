import { expect, test } from 'vitest'
import { blockedFilter, fillsBlocks } from './blocked-filter.ts'

test('every number of a weight stands where its blocks say', () => {
  const [out, inside, kernel, block] = [6, 4, 3, 2]
  const weight = Float32Array.from({ length: out * inside * kernel * kernel }, (_, k) => k)
  const blocked = blockedFilter(weight, [out, inside, kernel, kernel], block)
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inside; i++) {
      for (let tap = 0; tap < 9; tap++) {
        const [blockOut, blockIn] = [Math.floor(o / block), Math.floor(i / block)]
        const place = (((blockOut * 2 + blockIn) * 9 + tap) * block + (i % block)) * block + (o % block)
        expect(blocked[place]).toBe(weight[(o * inside + i) * 9 + tap])
      }
    }
  }
})

test('only convolutions of whole blocks are laid out in blocks', () => {
  expect(fillsBlocks([32, 16, 3, 3], 16)).toBe(true)
  expect(fillsBlocks([32, 24, 3, 3], 16)).toBe(false)
  expect(fillsBlocks([4, 16, 3, 3], 16)).toBe(false)
  expect(fillsBlocks([32, 16], 16)).toBe(false)
})
