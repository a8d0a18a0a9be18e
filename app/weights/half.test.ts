import { expect, test } from 'vitest'
import { bfloat16ToFloat32, float8ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.ts'

const everyPattern = Uint16Array.from({ length: 0x10000 }, (_, bits) => bits)

/** The value that IEEE 754 gives to a pattern of sign, exponent and fraction bits. */
function ieeeValue(bits: number, exponentBits: number, fractionBits: number): number {
  const sign = bits >>> (exponentBits + fractionBits) ? -1 : 1
  const exponent = (bits >>> fractionBits) & (2 ** exponentBits - 1)
  const fraction = (bits & (2 ** fractionBits - 1)) / 2 ** fractionBits
  const bias = 2 ** (exponentBits - 1) - 1
  if (exponent === 2 ** exponentBits - 1) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias))
}

const formats = [
  { name: 'float16', exponent: 5, fraction: 10, widen: float16ToFloat32, narrow: float32ToFloat16 },
  { name: 'bfloat16', exponent: 8, fraction: 7, widen: bfloat16ToFloat32, narrow: float32ToBfloat16 },
]

for (const { name, exponent, fraction, widen, narrow } of formats) {
  test(`${name}: every pattern has the value of IEEE 754`, () => {
    expect(widen(everyPattern)).toEqual(Float32Array.from(everyPattern, bits => ieeeValue(bits, exponent, fraction)))
  })

  test(`${name}: every number comes back as the same bits, every NaN as a NaN`, () => {
    const back = narrow(widen(everyPattern))
    const numbers = everyPattern.filter(bits => !Number.isNaN(ieeeValue(bits, exponent, fraction)))
    expect(numbers.filter(bits => back[bits] !== bits)).toHaveLength(0)
    const others = everyPattern.filter(bits => Number.isNaN(ieeeValue(bits, exponent, fraction)))
    expect(others.filter(bits => !Number.isNaN(ieeeValue(back[bits], exponent, fraction)))).toHaveLength(0)
  })

  test(`${name}: between neighbours the nearer wins, and half way the even one`, () => {
    const largest = (2 ** exponent - 1) * 2 ** fraction - 1
    const middles = new Float32Array(largest)
    const below = new Float32Array(largest)
    const above = new Float32Array(largest)
    for (let bits = 0; bits < largest; bits++) {
      middles[bits] = (ieeeValue(bits, exponent, fraction) + ieeeValue(bits + 1, exponent, fraction)) / 2
      const word = new Uint32Array(Float32Array.of(middles[bits]).buffer)[0]
      below.set(new Float32Array(Uint32Array.of(word - 1).buffer), bits)
      above.set(new Float32Array(Uint32Array.of(word + 1).buffer), bits)
    }
    const all = everyPattern.subarray(0, largest)
    expect(narrow(below)).toEqual(all)
    expect(narrow(above)).toEqual(all.map(bits => bits + 1))
    expect(narrow(middles)).toEqual(all.map(bits => bits + (bits & 1)))
  })

  test(`${name}: what is too large is infinite, from half a step beyond the largest number`, () => {
    const largestBits = (2 ** exponent - 1) * 2 ** fraction - 1
    const limit = ieeeValue(largestBits, exponent, fraction) + 2 ** (2 ** (exponent - 1) - 2 - fraction)
    expect([...narrow(Float32Array.of(limit, -limit))]).toEqual([largestBits + 1, largestBits + 1 + 0x8000])
  })
}

test('a NaN whose payload lies in the cut-off bits does not become infinite', () => {
  const [bits] = float32ToBfloat16(new Float32Array(Uint32Array.of(0x7f800001).buffer))
  expect(ieeeValue(bits, 8, 7)).toBeNaN()
})

test('8 bits: the numbers that the paper lists, and every other by its exponent and fraction', () => {
  // Micikevicius et al. 2022, table 1: largest, smallest normal, smallest; what is no number.
  const e4m3 = float8ToFloat32(Uint8Array.of(0x7e, 0x08, 0x01, 0x38, 0xb8, 0x7f, 0x00), 'F8_E4M3')
  expect([...e4m3]).toEqual([448, 2 ** -6, 2 ** -9, 1, -1, Number.NaN, 0])
  const e5m2 = float8ToFloat32(Uint8Array.of(0x7b, 0x04, 0x01, 0x3c, 0xfc, 0x7d), 'F8_E5M2')
  expect([...e5m2]).toEqual([57344, 2 ** -14, 2 ** -16, 1, Number.NEGATIVE_INFINITY, Number.NaN])
  // E5M2 is the upper half of a half-precision number.
  const all = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  expect(float8ToFloat32(all, 'F8_E5M2')).toEqual(float16ToFloat32(Uint16Array.from(all, byte => byte << 8)))
})
