/** Half-precision numbers of weight files. Every conversion is exact or rounded to nearest, ties to even (IEEE 754). */

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
