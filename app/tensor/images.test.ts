import { expect, test } from 'vitest'
import { binarized, fromImages, toImages, toUnitRange } from './images.ts'
import { tensor } from './tensor.ts'

test('every byte comes back from [-1, 1]', () => {
  const all = { width: 16, height: 16, data: Uint8Array.from({ length: 256 * 3 }, (_, k) => (k * 7) % 256) }
  const mask = { width: 256, height: 1, data: Uint8Array.from({ length: 256 }, (_, k) => k) }
  expect(toImages(fromImages([all, all]))).toEqual([all, all])
  expect(toImages(fromImages([mask]))).toEqual([mask])
})

test('channels come first, bytes 0 and 255 are the ends of the range', () => {
  const image = { width: 2, height: 1, data: Uint8Array.of(0, 255, 51, 255, 0, 204) }
  const values = (range: 'signed' | 'unit') => Array.from(fromImages([image], range).data, value => value.toFixed(4))
  expect(values('unit')).toEqual(['0.0000', '1.0000', '1.0000', '0.0000', '0.2000', '0.8000'])
  expect(values('signed')).toEqual(['-1.0000', '1.0000', '1.0000', '-1.0000', '-0.6000', '0.6000'])
})

test('what is outside is cut off, halves are rounded to the even byte', () => {
  const values = Float32Array.of(-3, -1, 0, 1, 7)
  expect([...toUnitRange(tensor([1, 1, 1, 5], values)).data]).toEqual([0, 0, 0.5, 1, 1])
  expect([...toImages(tensor([1, 1, 1, 3], Float32Array.of(0, -2, 2)))[0].data]).toEqual([128, 0, 255])
})

test('a mask counts from one half on', () => {
  const half = Math.fround(0.5)
  const mask = tensor([1, 1, 1, 4], Float32Array.of(0, half - 2 ** -25, half, 1))
  expect([...binarized(mask).data]).toEqual([0, 0, 1, 1])
})
