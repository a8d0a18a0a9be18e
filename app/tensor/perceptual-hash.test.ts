import { expect, test } from 'vitest'
import { perceptualHash } from './perceptual-hash.ts'
import { resample } from './resample.ts'

/** A disc of a colour on white. */
function disc(x: number, y: number, radius: number, colour: readonly number[]) {
  const data = new Uint8Array(96 * 96 * 3).fill(255)
  for (let k = 0; k < 96 * 96; k++) {
    if (Math.hypot((k % 96) - x, Math.floor(k / 96) - y) < radius) data.set(colour, k * 3)
  }
  return { width: 96, height: 96, data }
}

function bitsApart(a: string, b: string): number {
  const [one, other] = [a, b].map(hash => BigInt(`0x${hash.slice(0, 16)}`))
  return [...(one ^ other).toString(2)].filter(bit => bit === '1').length
}

test('a copy in another size looks the same, another picture does not', () => {
  const picture = disc(40, 50, 22, [200, 30, 30])
  const hash = perceptualHash(picture)
  expect(hash).toMatch(/^[0-9a-f]{22}$/)
  expect(bitsApart(hash, perceptualHash(resample(picture, { width: 61, height: 61 }, 'lanczos')))).toBeLessThanOrEqual(
    6,
  )
  expect(bitsApart(hash, perceptualHash(disc(66, 30, 22, [200, 30, 30])))).toBeGreaterThan(10)
})

test('flat pictures differ by their colour alone', () => {
  const flat = (colour: readonly number[]) => perceptualHash({ ...disc(0, 0, 200, colour) })
  expect(flat([255, 0, 16])).toBe(`${'0'.repeat(16)}ff0010`)
})
