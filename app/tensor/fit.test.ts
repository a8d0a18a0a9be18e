import { expect, test } from 'vitest'
import { centreCrop, fitImage, flooredTo, toGray } from './fit.ts'
import { fingerprint, noisePicture } from './testing.ts'

/* The bytes are those of diffusers 0.42 with Pillow 13.0.0: VaeImageProcessor().resize(noise, height, width, mode). */

test.each([
  [{ width: 61, height: 50 }, { width: 48, height: 40 }, 'crop', 'fb4a3032bd70297e'],
  [{ width: 61, height: 50 }, { width: 48, height: 40 }, 'fill', 'c315d52c0e0a7827'],
  [{ width: 50, height: 61 }, { width: 48, height: 40 }, 'fill', 'fd4e10dae2469f09'],
  [{ width: 33, height: 90 }, { width: 64, height: 24 }, 'crop', '1bbddc19eb29f609'],
  [{ width: 20, height: 20 }, { width: 41, height: 23 }, 'fill', 'b61dff2d027675f1'],
  [{ width: 20, height: 20 }, { width: 23, height: 41 }, 'fill', '2bc5992e10f892d2'],
  [{ width: 20, height: 20 }, { width: 40, height: 40 }, 'fill', '54b10623cd3a3f30'],
  [{ width: 100, height: 31 }, { width: 64, height: 64 }, 'stretch', 'e5f63b0f168bca14'],
] as const)('%o to %o, %s', (from, size, mode, bytes) => {
  const fitted = fitImage(noisePicture(from.width, from.height), size, mode)
  expect(fitted).toMatchObject(size)
  expect(fingerprint(fitted)).toBe(bytes)
})

test('brightness is Pillow’s convert("L")', () => {
  expect(fingerprint(toGray(noisePicture(16, 9)))).toBe('28ecd867273fb5ea')
})

test('a line of pixels fits too', () => {
  const thin = noisePicture(1000, 1)
  for (const mode of ['stretch', 'crop', 'fill'] as const) {
    expect(fitImage(thin, { width: 8, height: 8 }, mode).data.length).toBe(8 * 8 * 3)
  }
})

test('sides are multiples, and never nothing', () => {
  expect(flooredTo({ width: 45, height: 40 }, 8)).toEqual({ width: 40, height: 40 })
  expect(flooredTo({ width: 5, height: 64 }, 64)).toEqual({ width: 64, height: 64 })
})

test('the middle of a picture, black where there is none', () => {
  const row = (...data: number[]) => ({ width: data.length, height: 1, data: Uint8Array.from(data) })
  expect(centreCrop(row(1, 2, 3, 4, 5), { width: 2, height: 1 })).toEqual(row(2, 3))
  expect(centreCrop(row(1, 2), { width: 5, height: 1 })).toEqual(row(0, 0, 1, 2, 0))
})
