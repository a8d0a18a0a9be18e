import { Problem } from '../problem.ts'
import type { RgbImage } from '../tensor/images.ts'

/** Through what window pictures are compared. gaussian: weights of standard deviation 1.5, 11 x 11, as Wang et al. 2004 do it. uniform: 7 x 7
 *  equal weights, variances divided by n - 1. */
export type SsimWindow = 'gaussian' | 'uniform'

interface Window {
  /** Of one axis; sum 1. */
  readonly weights: readonly number[]
  /** What variances are multiplied by. */
  readonly correction: number
}

const windows: Readonly<Record<SsimWindow, Window>> = {
  gaussian: { weights: gaussian(1.5, 5), correction: 1 },
  uniform: { weights: new Array(7).fill(1 / 7), correction: 49 / 48 },
}

function gaussian(deviation: number, radius: number): number[] {
  const weights = Array.from({ length: 2 * radius + 1 }, (_, k) => Math.exp(-0.5 * ((k - radius) / deviation) ** 2))
  const sum = weights.reduce((total, weight) => total + weight, 0)
  return weights.map(weight => weight / sum)
}

/** Structural similarity of two 8-bit pictures of one size, at each pixel and over the picture. */
export interface Ssim {
  /** The mean over all channels, without a border that the window reaches over; at most 1, for equal pictures. */
  readonly mean: number
  /** height x width x channels; at the borders pictures are continued by their mirror image. */
  readonly map: Float64Array
}

/** Structural similarity (Wang et al. 2004, doi:10.1109/TIP.2003.819861, equation 13), as scikit-image's `structural_similarity`.
 *  @param a with any number of channels  @param b of the same size  @throws Problem METRIC_SIZES */
export function ssim(a: RgbImage, b: RgbImage, window: SsimWindow = 'gaussian'): Ssim {
  const { width, height } = a
  const { weights } = windows[window]
  if (a.width !== b.width || a.height !== b.height || a.data.length !== b.data.length) {
    throw new Problem(
      'METRIC_SIZES',
      `Pictures of ${width} x ${height} and ${b.width} x ${b.height} pixels cannot be compared.`,
    )
  }
  if (Math.min(width, height) < weights.length) {
    throw new Problem(
      'METRIC_SIZES',
      `Pictures of ${width} x ${height} pixels are too small to be compared by their structure.`,
    )
  }
  const channels = a.data.length / (width * height)
  const map = new Float64Array(a.data.length)
  for (let channel = 0; channel < channels; channel++) {
    const plane = ({ data }: RgbImage) =>
      Float64Array.from({ length: width * height }, (_, k) => data[k * channels + channel])
    similarities(plane(a), plane(b), { width, height }, windows[window]).forEach((value, k) => {
      map[k * channels + channel] = value
    })
  }
  return { mean: meanInside(map, { width, height, channels, border: (weights.length - 1) / 2 }), map }
}

/** The constants that keep the quotient from 0 / 0, for pictures of bytes. */
const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2]

interface Size {
  readonly width: number
  readonly height: number
}

function similarities(x: Float64Array, y: Float64Array, size: Size, { weights, correction }: Window): Float64Array {
  const mean = (plane: Float64Array) => filtered(plane, size, weights)
  const [meanX, meanY] = [mean(x), mean(y)]
  const [squareX, squareY] = [mean(x.map(value => value * value)), mean(y.map(value => value * value))]
  const both = mean(x.map((value, k) => value * y[k]))
  return x.map((_, k) => {
    const [mx, my] = [meanX[k], meanY[k]]
    const [varianceX, varianceY] = [squareX[k] - mx * mx, squareY[k] - my * my]
    const covariance = correction * (both[k] - mx * my)
    const spread = correction * (varianceX + varianceY) + c2
    return ((2 * mx * my + c1) * (2 * covariance + c2)) / ((mx * mx + my * my + c1) * spread)
  })
}

/** The weighted mean around each pixel: along rows, then along columns. */
function filtered(plane: Float64Array, { width, height }: Size, weights: readonly number[]): Float64Array {
  const along = (from: Float64Array, length: number, placeOf: (line: number, at: number) => number, lines: number) => {
    const result = new Float64Array(from.length)
    for (let line = 0; line < lines; line++) {
      for (let at = 0; at < length; at++) {
        let sum = 0
        weights.forEach((weight, k) => {
          sum += weight * from[placeOf(line, mirrored(at + k - (weights.length - 1) / 2, length))]
        })
        result[placeOf(line, at)] = sum
      }
    }
    return result
  }
  const rows = along(plane, width, (y, x) => y * width + x, height)
  return along(rows, height, (x, y) => y * width + x, width)
}

/** A place beyond the border is its mirror image; the border itself is repeated. */
function mirrored(at: number, length: number): number {
  if (at < 0) return -1 - at
  return at < length ? at : 2 * length - 1 - at
}

function meanInside(map: Float64Array, size: Size & { channels: number; border: number }): number {
  const { width, height, channels, border } = size
  let [sum, count] = [0, 0]
  for (let y = border; y < height - border; y++) {
    for (let k = (y * width + border) * channels; k < (y * width + width - border) * channels; k++) {
      sum += map[k]
      count++
    }
  }
  return sum / count
}
