import { roundHalfToEven } from './arithmetic.ts'
import { type Tensor, tensor } from './tensor.ts'

/** An 8-bit picture in memory: rows of RGB triples, sRGB. */
export interface RgbImage {
  readonly width: number
  readonly height: number
  /** height x width x 3 bytes. Masks have 1 byte a pixel; what takes them says "with any number of channels". */
  readonly data: Uint8Array
}

/** Values in [-1, 1] to [0, 1]; values outside are cut off: x / 2 + 0.5, as the reference's VaeImageProcessor. */
export function toUnitRange(pictures: Tensor): Tensor {
  const unit = pictures.data.map(value => Math.min(Math.max(Math.fround(value / 2) + 0.5, 0), 1))
  return tensor(pictures.shape, unit)
}

/** Pictures of a tensor [batch, channels, height, width] in [-1, 1]; values outside are cut off.
 *  As the reference's VaeImageProcessor: the range [0, 1] times 255, rounded half to even. */
export function toImages(pictures: Tensor): RgbImage[] {
  const [batch, channels, height, width] = pictures.shape
  const unit = toUnitRange(pictures).data
  const plane = height * width
  return Array.from({ length: batch }, (_, member) => {
    const data = new Uint8Array(plane * channels)
    for (let channel = 0; channel < channels; channel++) {
      const start = (member * channels + channel) * plane
      for (let k = 0; k < plane; k++) data[k * channels + channel] = roundHalfToEven(Math.fround(unit[start + k] * 255))
    }
    return { width, height, data }
  })
}

/** A tensor [batch, channels, height, width] of pictures of one size, with any number of channels.
 *  @param range signed: values in [-1, 1], as autoencoders take them. unit: [0, 1], as masks and control pictures are fed */
export function fromImages(images: readonly RgbImage[], range: 'signed' | 'unit' = 'signed'): Tensor {
  const [{ width, height, data: first }] = images
  const plane = height * width
  const channels = first.length / plane
  const values = new Float32Array(images.length * channels * plane)
  images.forEach((image, member) => {
    for (let k = 0; k < plane * channels; k++) {
      const place = (member * channels + (k % channels)) * plane + Math.floor(k / channels)
      const unit = Math.fround(image.data[k] / 255)
      values[place] = range === 'unit' ? unit : unit * 2 - 1
    }
  })
  return tensor([images.length, channels, height, width], values)
}

/** A mask of nothing but 0 and 1: what is 0.5 and more counts. */
export const binarized = ({ shape, data }: Tensor): Tensor =>
  tensor(
    shape,
    data.map(value => (value >= 0.5 ? 1 : 0)),
  )
