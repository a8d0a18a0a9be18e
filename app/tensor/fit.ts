import type { RgbImage } from './images.ts'
import { type Filter, resample } from './resample.ts'

/** How a picture is brought to a size of other proportions. stretch: pulled out of shape. crop: it covers the size, what sticks out is cut
 *  off. fill: it lies inside the size, and its edges are drawn out over the rest. */
export type FitMode = 'stretch' | 'crop' | 'fill'

interface Size {
  readonly width: number
  readonly height: number
}

/** A picture at another size: the reference's VaeImageProcessor.resize ("default", "crop", "fill").
 *  @param image with any number of channels */
export function fitImage(image: RgbImage, size: Size, mode: FitMode, filter: Filter = 'lanczos'): RgbImage {
  if (mode === 'stretch') return resample(image, size, filter)
  const inside = mode === 'fill' ? insideOf(image, size) : around(image, size, false)
  const resized = resample(image, inside, filter)
  const { width, height } = size
  const whole = blank(size, image)
  const left = Math.floor(width / 2) - Math.floor(inside.width / 2)
  const top = Math.floor(height / 2) - Math.floor(inside.height / 2)
  paste(whole, resized, left, top)
  if (mode === 'fill') drawOutEdges(whole, resized, left, top)
  return whole
}

/** The largest size of a picture's proportions that lies inside another. */
export const insideOf = (image: Size, size: Size): Size => around(image, size, true)

/** A picture's proportions, touching a size from inside or outside; the reference fails where a side comes to nothing. */
function around(image: Size, { width, height }: Size, isInside: boolean): Size {
  const isWider = image.width * height > image.height * width // than the size is
  return isWider === isInside
    ? { width, height: Math.max(Math.floor((image.height * width) / image.width), 1) }
    : { width: Math.max(Math.floor((image.width * height) / image.height), 1), height }
}

/** Fills what lies above and below the picture, or at its sides: its edge, resized from no height (or width) at all, as the
 *  reference does it: Pillow's bicubic filter then weighs the two outermost lines. */
function drawOutEdges(whole: RgbImage, resized: RgbImage, left: number, top: number): void {
  const { width, height } = resized
  if (top > 0) {
    const band = (y: number) =>
      resample(resized, { width, height: top }, 'bicubic', { box: { left: 0, top: y, right: width, bottom: y } })
    paste(whole, band(0), 0, 0)
    paste(whole, band(height), 0, top + height)
  } else if (left > 0) {
    const band = (x: number) =>
      resample(resized, { width: left, height }, 'bicubic', { box: { left: x, top: 0, right: x, bottom: height } })
    paste(whole, band(0), 0, 0)
    paste(whole, band(width), left + width, 0)
  }
}

/** The largest size inside `size` whose sides are multiples of a number (an autoencoder's pixels per latent), but one of it at least. */
export const flooredTo = ({ width, height }: Size, multiple: number): Size => ({
  width: Math.max(width - (width % multiple), multiple),
  height: Math.max(height - (height % multiple), multiple),
})

/** The middle of a picture at another size without resizing; black where there is no picture. */
export function centreCrop(image: RgbImage, size: Size): RgbImage {
  const cropped = blank(size, image)
  // Both differences are rounded down: where one pixel cannot be halved, the side at the left and above gives it.
  paste(cropped, image, -Math.floor((image.width - size.width) / 2), -Math.floor((image.height - size.height) / 2))
  return cropped
}

/** Brightness (ITU-R 601-2), one byte a pixel, as Pillow computes it. */
export function toGray({ width, height, data }: RgbImage): RgbImage {
  const gray = Uint8Array.from({ length: width * height }, (_, k) => {
    const [red, green, blue] = [data[k * 3], data[k * 3 + 1], data[k * 3 + 2]]
    return (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16
  })
  return { width, height, data: gray }
}

/** Gray values as a picture of three equal channels. @param values [height * width], 0 to 255: rounded, and cut off beyond */
export function fromGray({ width, height }: Size, values: ArrayLike<number>): RgbImage {
  const data = new Uint8Array(width * height * 3)
  for (let k = 0; k < width * height; k++)
    data.fill(Math.min(255, Math.max(0, Math.round(values[k]))), k * 3, k * 3 + 3)
  return { width, height, data }
}

function blank({ width, height }: Size, like: RgbImage): RgbImage {
  const channels = like.data.length / (like.width * like.height)
  return { width, height, data: new Uint8Array(width * height * channels) }
}

/** Copies a picture onto another of as many channels; what falls outside is left out. */
function paste(onto: RgbImage, picture: RgbImage, left: number, top: number): void {
  const channels = onto.data.length / (onto.width * onto.height)
  const [first, last] = [Math.max(-left, 0), Math.min(picture.width, onto.width - left)]
  if (first >= last) return
  for (let y = Math.max(-top, 0); y < Math.min(picture.height, onto.height - top); y++) {
    const row = y * picture.width
    const pixels = picture.data.subarray((row + first) * channels, (row + last) * channels)
    onto.data.set(pixels, ((top + y) * onto.width + left + first) * channels)
  }
}
