import type { RgbImage } from './images.ts'

/** A filter that pictures are resized with, and how far it reaches at its own scale, in pixels. */
interface Kernel {
  readonly support: number
  readonly weight: (distance: number) => number
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const kernels = {
  bilinear: { support: 1, weight: x => Math.max(1 - Math.abs(x), 0) },
  /** Keys 1981 with a = -1/2. */
  bicubic: { support: 2, weight: x => cubic(Math.abs(x), -0.5) },
  lanczos: { support: 3, weight: x => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} as const satisfies Record<string, Kernel>

/** The filters by name. */
export type Filter = keyof typeof kernels

function cubic(x: number, a: number): number {
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a
  return 0
}

/** A part of a picture, in pixels from its top left corner; fractions are allowed, and so is no width or height at all. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** Resizes a picture of bytes exactly as Pillow 13 does, the reference's picture library: rows and columns one after the other, each
 *  rounded to bytes; a filter that widens with the steps when a picture shrinks; weights in fixed point. Other libraries (libvips,
 *  which sharp uses) differ from it by several grey levels.
 *  @param image with any number of channels  @param options.box what is resized; the whole picture unless given */
export function resample(
  image: RgbImage,
  { width, height }: { readonly width: number; readonly height: number },
  filter: Filter,
  options: { readonly box?: Box } = {},
): RgbImage {
  const { left, top, right, bottom } = options.box ?? { left: 0, top: 0, right: image.width, bottom: image.height }
  const alongRows = (from: RgbImage): RgbImage =>
    width === image.width && left === 0 && right === width
      ? from
      : resampleRows(from, mixtures(image.width, left, right, width, kernels[filter]))
  const alongColumns = (from: RgbImage): RgbImage =>
    height === image.height && top === 0 && bottom === height
      ? from
      : resampleColumns(from, mixtures(image.height, top, bottom, height, kernels[filter]))
  // Pillow begins with the columns where that leaves less to do. The order shows: each pass rounds and cuts off.
  const shorter = image.height - height
  return shorter > 0 && shorter > 2 * (image.width - width)
    ? alongRows(alongColumns(image))
    : alongColumns(alongRows(image))
}

/** Which source pixels make one pixel of the result, and with which weights (sum 2^PRECISION). */
interface Mixture {
  readonly first: number
  readonly weights: readonly number[]
}

/** Bits behind the point of a weight: 32, less 8 for a pixel's value and 2 for sign and overshoot. */
const PRECISION = 22

function mixtures(length: number, start: number, end: number, resized: number, kernel: Kernel): Mixture[] {
  // Pillow holds boxes in single precision.
  const from = Math.fround(start)
  const scale = Math.fround(Math.fround(end) - from) / resized
  const stretch = Math.max(scale, 1)
  const reach = kernel.support * stretch
  return Array.from({ length: resized }, (_, place) => {
    const centre = from + (place + 0.5) * scale
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0)
    const last = Math.min(Math.trunc(centre + reach + 0.5), length)
    const exact = Array.from({ length: last - first }, (_, k) => kernel.weight((k + first - centre + 0.5) / stretch))
    const sum = exact.reduce((total, weight) => total + weight, 0)
    return { first, weights: exact.map(weight => fixedPoint(sum === 0 ? weight : weight / sum)) }
  })
}

/** Rounds halves away from zero. */
const fixedPoint = (weight: number): number => Math.trunc(weight * 2 ** PRECISION + (weight < 0 ? -0.5 : 0.5))

const channelsOf = ({ width, height, data }: RgbImage): number => data.length / (width * height)

function resampleRows(image: RgbImage, mixtures: readonly Mixture[]): RgbImage {
  const channels = channelsOf(image)
  const [rowBytes, newRowBytes] = [image.width * channels, mixtures.length * channels]
  const data = new Uint8Array(image.height * newRowBytes)
  mixtures.forEach((mixture, x) => {
    for (let y = 0; y < image.height; y++) {
      for (let channel = 0; channel < channels; channel++) {
        const first = y * rowBytes + mixture.first * channels + channel
        data[y * newRowBytes + x * channels + channel] = mixed(image.data, first, channels, mixture.weights)
      }
    }
  })
  return { width: mixtures.length, height: image.height, data }
}

function resampleColumns(image: RgbImage, mixtures: readonly Mixture[]): RgbImage {
  const rowBytes = image.width * channelsOf(image)
  const data = new Uint8Array(mixtures.length * rowBytes)
  mixtures.forEach((mixture, y) => {
    for (let at = 0; at < rowBytes; at++) {
      data[y * rowBytes + at] = mixed(image.data, mixture.first * rowBytes + at, rowBytes, mixture.weights)
    }
  })
  return { width: image.width, height: mixtures.length, data }
}

/** The weighted sum of bytes that are `step` apart, rounded and limited to a byte. */
function mixed(bytes: Uint8Array, first: number, step: number, weights: readonly number[]): number {
  let sum = 2 ** (PRECISION - 1)
  for (let k = 0; k < weights.length; k++) sum += bytes[first + k * step] * weights[k]
  return Math.min(Math.max(sum >> PRECISION, 0), 255)
}
