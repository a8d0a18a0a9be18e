/** Numbers of 16 and 8 bits in weight files. Every conversion is exact or rounded to nearest, ties to even (IEEE 754). */

/** IEEE binary16 bits to float32; exact. */
export const float16ToFloat32 = (bits: Uint16Array): Float32Array =>
  new Float32Array(new Float16Array(bits.buffer, bits.byteOffset, bits.length))

/** float32 to IEEE binary16 bits; beyond 65519.99 the result is infinite. */
export const float32ToFloat16 = (values: Float32Array): Uint16Array => new Uint16Array(new Float16Array(values).buffer)

/** bfloat16 bits (the upper half of a float32) to float32; exact. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length)
  for (let i = 0; i < bits.length; i++) words[i] = bits[i] << 16
  return new Float32Array(words.buffer)
}

/** float32 to bfloat16 bits. A NaN stays a NaN: its quiet bit is set, because its payload may be cut off. */
export function float32ToBfloat16(values: Float32Array): Uint16Array {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length)
  const bits = new Uint16Array(values.length)
  for (let i = 0; i < bits.length; i++) {
    const word = words[i]
    const notANumber = (word & 0x7fffffff) > 0x7f800000
    bits[i] = notANumber ? (word >>> 16) | 0x40 : (word + 0x7fff + ((word >>> 16) & 1)) >>> 16
  }
  return bits
}

/** The numbers that all 65536 patterns of 16 bits stand for: where numbers are used once, looking them up costs least. */
export const halfTables = {
  F16: float16ToFloat32(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits)),
  BF16: bfloat16ToFloat32(Uint16Array.from({ length: 2 ** 16 }, (_, bits) => bits)),
}

/** 8-bit floating point (Micikevicius et al. 2022, arXiv:2209.05433) to float32; exact. E4M3 has no infinities, and one NaN (0x7f). */
export const float8ToFloat32 = (bytes: Uint8Array, kind: 'F8_E4M3' | 'F8_E5M2'): Float32Array =>
  Float32Array.from(bytes, byte => float8Tables[kind][byte])

const float8Tables = {
  F8_E4M3: Float32Array.from({ length: 256 }, (_, byte) => float8Value(byte, 3, 7)),
  F8_E5M2: Float32Array.from({ length: 256 }, (_, byte) => float8Value(byte, 2, 15)),
}

function float8Value(byte: number, mantissaBits: number, bias: number): number {
  const sign = byte & 0x80 ? -1 : 1
  const exponent = (byte & 0x7f) >> mantissaBits
  const mantissa = (byte & ((1 << mantissaBits) - 1)) / (1 << mantissaBits)
  if (mantissaBits === 3 && (byte & 0x7f) === 0x7f) return Number.NaN
  if (mantissaBits === 2 && exponent === 31) return mantissa === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return exponent === 0 ? sign * mantissa * 2 ** (1 - bias) : sign * (1 + mantissa) * 2 ** (exponent - bias)
}
