import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resample } from './resample.ts'
import { fingerprint, noisePicture } from './testing.ts'

/* The bytes are those of Pillow 13.0.0: Image.fromarray(noise).resize(size, filter, box). */

test.each([
  [{ width: 64, height: 48, channels: 3 }, { width: 32, height: 32 }, 'bicubic', undefined, '9911be31d6439997'],
  [{ width: 37, height: 61, channels: 3 }, { width: 90, height: 33 }, 'lanczos', undefined, 'a8f5731fb13ebc0c'],
  [{ width: 61, height: 37, channels: 1 }, { width: 33, height: 90 }, 'bilinear', undefined, '0c288549696d0b5e'],
  [{ width: 40, height: 120, channels: 3 }, { width: 64, height: 50 }, 'lanczos', undefined, 'db831289a0afd764'],
  [{ width: 9, height: 7, channels: 3 }, { width: 224, height: 131 }, 'bicubic', undefined, 'aa53e861de523cb2'],
  [{ width: 200, height: 3, channels: 3 }, { width: 5, height: 3 }, 'lanczos', undefined, '33cc5eafdfb2e547'],
  [
    { width: 50, height: 41, channels: 3 },
    { width: 24, height: 31 },
    'bicubic',
    { left: 3.25, top: 4.5, right: 40.75, bottom: 33.125 },
    '45d7d8ecfe6b0929',
  ],
  [
    { width: 30, height: 20, channels: 3 },
    { width: 30, height: 12 },
    'bicubic',
    { left: 0, top: 20, right: 30, bottom: 20 },
    'b1f9f228d88c79e4',
  ],
  [
    { width: 333, height: 517, channels: 3 },
    { width: 104, height: 152 },
    'lanczos',
    { left: 0, top: 15.15384615384616, right: 333, bottom: 501.8461538461538 },
    'f0f58a56a2979780',
  ],
  [
    { width: 333, height: 517, channels: 3 },
    { width: 210, height: 333 },
    'lanczos',
    { left: 10.123456789, top: 9.7, right: 301.3333333333, bottom: 500.987654321 },
    '224a385241f83e93',
  ],
  [{ width: 1, height: 1, channels: 3 }, { width: 5, height: 4 }, 'lanczos', undefined, '90c48bce5dfb6786'],
] as const)('%o to %o by %s, box %o', (from, size, filter, box, bytes) => {
  const resized = resample(noisePicture(from.width, from.height, from.channels), size, filter, { box })
  expect(resized).toMatchObject(size)
  expect(fingerprint(resized)).toBe(bytes)
})

test('a picture of one colour stays so, and a size of its own changes nothing', () => {
  const side = fc.integer({ min: 1, max: 40 })
  fc.assert(
    fc.property(
      side,
      side,
      side,
      side,
      fc.constantFrom('bilinear', 'bicubic', 'lanczos'),
      (w, h, width, height, by) => {
        const plain = resample(
          { width: w, height: h, data: new Uint8Array(w * h * 3).fill(137) },
          { width, height },
          by,
        )
        expect(plain.data).toEqual(new Uint8Array(width * height * 3).fill(137))
        const noise = noisePicture(w, h)
        expect(resample(noise, noise, by)).toEqual(noise)
      },
    ),
    { numRuns: 100 },
  )
})
