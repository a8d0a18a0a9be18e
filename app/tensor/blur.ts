import { type Tensor, tensor } from './tensor.ts'

/** A Gaussian blur of each plane of [batch, channels, height, width], with a kernel of 2 reach + 1 values in each direction; beyond the edges the picture is
 *  mirrored about its outermost values. @param deviation in places */
export function blurred(
  whole: Tensor,
  { reach, deviation }: { readonly reach: number; readonly deviation: number },
): Tensor {
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-0.5 * ((k - reach) / deviation) ** 2))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  const kernel = weights.map(weight => weight / sum)
  const [, , height, width] = whole.shape
  const across = along(whole.data, { length: width, stride: 1, kernel, reach })
  return tensor(whole.shape, along(across, { length: height, stride: width, kernel, reach }))
}

interface Direction {
  /** Of a line of values. */
  readonly length: number
  /** From a value of a line to the next. */
  readonly stride: number
  readonly kernel: readonly number[]
  readonly reach: number
}

/** Weighted sums along the lines of one direction. */
function along(data: Float32Array, { length, stride, kernel, reach }: Direction): Float32Array {
  return data.map((_, place) => {
    const at = Math.floor(place / stride) % length
    const start = place - at * stride
    return kernel.reduce((sum, weight, k) => sum + weight * data[start + mirrored(at + k - reach, length) * stride], 0)
  })
}

/** A place beyond the ends, mirrored about the outermost ones as often as it takes. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0
  const period = 2 * (length - 1)
  const within = ((place % period) + period) % period
  return within < length ? within : period - within
}
