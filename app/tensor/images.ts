import { sizeOf, type Tensor, tensor } from './tensor.ts'

/** An 8-bit picture in memory: rows of RGB triples, sRGB. */
export interface RgbImage {
  readonly width: number
  readonly height: number
  /** height x width x 3 bytes */
  readonly data: Uint8Array
}

/** Rounds to the nearest whole number, halves to the even one, as numpy does when the reference makes 8-bit pictures. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value)
  const rest = value - floor
  if (rest !== 0.5) return Math.round(value)
  return floor % 2 === 0 ? floor : floor + 1
}

/** Pictures of a tensor [batch, 3, height, width] in [-1, 1]; values outside are cut off.
 *  As the reference's VaeImageProcessor: x / 2 + 0.5, limited to [0, 1], times 255, rounded half to even. */
export function toImages(pictures: Tensor): RgbImage[] {
  const [batch, , height, width] = pictures.shape
  const plane = height * width
  return Array.from({ length: batch }, (_, member) => {
    const data = new Uint8Array(plane * 3)
    for (let channel = 0; channel < 3; channel++) {
      const start = (member * 3 + channel) * plane
      for (let k = 0; k < plane; k++) {
        const unit = Math.min(Math.max(Math.fround(Math.fround(pictures.data[start + k] / 2) + 0.5), 0), 1)
        data[k * 3 + channel] = roundHalfEven(Math.fround(unit * 255))
      }
    }
    return { width, height, data }
  })
}

/** A tensor [batch, 3, height, width] in [-1, 1] of pictures of one size. */
export function fromImages(images: readonly RgbImage[]): Tensor {
  const [{ width, height }] = images
  const plane = height * width
  const shape = [images.length, 3, height, width]
  const data = new Float32Array(sizeOf(shape))
  images.forEach((image, member) => {
    for (let k = 0; k < plane * 3; k++) {
      const place = (member * 3 + (k % 3)) * plane + Math.floor(k / 3)
      data[place] = Math.fround(Math.fround(image.data[k] / 255) * 2 - 1)
    }
  })
  return tensor(shape, data)
}
