import type { Shape } from '../tensor/tensor.ts'

/** Whether the weight of a convolution fills whole blocks of channels. @param shape [out, in, kernel, kernel] */
export const fillsBlocks = (shape: Shape, block: number): boolean =>
  shape.length === 4 && shape[0] % block === 0 && shape[1] % block === 0

/** The numbers of a convolution's weight [out, in, kernel, kernel] as [out / block, in / block, kernel, kernel, block of in, block of out]: the
 *  layout that convolutions of blocks take (app/graph/ops/blocked.ts). */
export function blockedFilter(weight: Float32Array, [out, inside, ...kernel]: Shape, block: number): Float32Array {
  const taps = kernel[0] * kernel[1]
  const row = inside * taps
  const blocked = new Float32Array(weight.length)
  let target = 0
  for (let firstOut = 0; firstOut < out; firstOut += block) {
    for (let firstIn = 0; firstIn < inside; firstIn += block) {
      for (let tap = 0; tap < taps; tap++) {
        for (let i = firstIn; i < firstIn + block; i++) {
          const source = firstOut * row + i * taps + tap
          for (let o = 0; o < block; o++) blocked[target++] = weight[source + o * row]
        }
      }
    }
  }
  return blocked
}
