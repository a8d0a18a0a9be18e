import { expect, test } from 'vitest'
import { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from './half.ts'

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
