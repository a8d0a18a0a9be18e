/** Weights in few bits. What is lost of a weight is at most half of its scale (in 4 bits: at most all of it, at one end of a block). */

/** Outputs that are laid out together: a cache line of bytes. */
const together = 64

/** The scale [out] of each output of a weight [out, ..] in 8 bits: its largest magnitude becomes 127. */
export function scales8(weight: Float32Array, out: number): Float32Array {
  const row = weight.length / out
  return Float32Array.from({ length: out }, (_, o) => Math.abs(largest(weight, o * row, (o + 1) * row)) / 127 || 1)
}

/** A weight [out, in, taps] (taps: places of a kernel; 1 for a linear layer) as int8 [taps, in, out], the layout that a product of rows by
 *  columns takes; a weight is about scale * value. */
export function values8(weight: Float32Array, out: number, taps: number, scales: Float32Array): Int8Array {
  const row = weight.length / out
  const inside = row / taps
  const values = new Int8Array(weight.length)
  for (let first = 0; first < out; first += together) {
    const last = Math.min(first + together, out)
    for (let k = 0; k < row; k++) {
      const target = ((k % taps) * inside + Math.floor(k / taps)) * out
      for (let o = first; o < last; o++) values[target + o] = Math.round(weight[o * row + k] / scales[o])
    }
  }
  return values
}

/** Inputs that share a scale in 4 bits. */
export const block4 = 32

/** The scale [out, blocks] of each block of a weight [out, in] in 4 bits: its value of the largest magnitude becomes -8, as there is one step more
 *  below zero than above. */
export function scales4(weight: Float32Array, out: number): Float32Array {
  const row = weight.length / out
  const blocks = Math.ceil(row / block4)
  return Float32Array.from({ length: out * blocks }, (_, each) => {
    const [start, end] = blockOf(each, row, blocks)
    return -largest(weight, start, end) / 8 || 1
  })
}

/** A weight [out, in] as [out, blocks, block4 / 2]: two values a byte, the low half first; a weight is about scale * (value - 8). What fills the
 *  last block counts as 0. */
export function values4(weight: Float32Array, out: number, scales: Float32Array): Uint8Array {
  const row = weight.length / out
  const blocks = Math.ceil(row / block4)
  const values = new Uint8Array((out * blocks * block4) / 2)
  for (let each = 0; each < scales.length; each++) {
    const [start, end] = blockOf(each, row, blocks)
    for (let k = 0; k < block4; k++) {
      const value = start + k < end ? Math.min(15, Math.round(weight[start + k] / scales[each]) + 8) : 8
      values[(each * block4 + k) >> 1] |= value << (4 * (k & 1))
    }
  }
  return values
}

function blockOf(each: number, row: number, blocks: number): [start: number, end: number] {
  const [o, block] = [Math.floor(each / blocks), each % blocks]
  return [o * row + block * block4, o * row + Math.min(row, (block + 1) * block4)]
}

/** The value of the largest magnitude, with its sign. */
function largest(values: Float32Array, start: number, end: number): number {
  let most = 0
  for (let i = start; i < end; i++) if (Math.abs(values[i]) > Math.abs(most)) most = values[i]
  return most
}
