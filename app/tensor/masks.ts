import { fitImage } from './fit.ts'
import type { RgbImage } from './images.ts'
import { type Tensor, tensor } from './tensor.ts'

/** A picture of one byte a pixel. As a mask: 255 is what shall change, 0 what stays. */
export type GrayImage = RgbImage

/** A part of a picture, in its pixels; right and bottom lie outside. */
export interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

/** The smallest box with all that a mask marks; undefined where it marks nothing. */
export function maskedBox({ width, height, data }: GrayImage): Box | undefined {
  let [left, top, right, bottom] = [width, height, 0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue
      left = Math.min(left, x)
      right = Math.max(right, x + 1)
      top = Math.min(top, y)
      bottom = y + 1
    }
  }
  return right === 0 ? undefined : { left, top, right, bottom }
}

/** The part of a picture that is drawn when only what a mask marks is: its box with some pixels around it, grown to the proportions that it
 *  is drawn in, as the reference's VaeImageProcessor.get_crop_region. @param padding pixels  @param size what it is drawn at */
export function boxAround(
  { width, height }: Pick<GrayImage, 'width' | 'height'>,
  marked: Box,
  size: { readonly width: number; readonly height: number },
  padding: number,
): Box {
  const left = Math.max(marked.left - padding, 0)
  const top = Math.max(marked.top - padding, 0)
  const right = Math.min(marked.right + padding, width)
  const bottom = Math.min(marked.bottom + padding, height)
  const ratio = size.width / size.height
  if ((right - left) / (bottom - top) > ratio) {
    const [from, to] = grown(top, bottom, Math.trunc((right - left) / ratio - (bottom - top)), height)
    return { left, top: from, right, bottom: to }
  }
  const [from, to] = grown(left, right, Math.trunc((bottom - top) * ratio - (right - left)), width)
  return { left: from, top, right: to, bottom }
}

/** A range that is longer by `more`, on both sides; moved into [0, end], and cut off where it does not fit. */
function grown(from: number, to: number, more: number, end: number): [number, number] {
  let [first, last] = [from - Math.floor(more / 2), to + more - Math.floor(more / 2)]
  if (last >= end) [first, last] = [first - (last - end), end]
  if (first < 0) [first, last] = [0, last - first]
  return [first, Math.min(last, end)]
}

/** A part of a picture with any number of channels. */
export function cropped({ width, height, data }: RgbImage, { left, top, right, bottom }: Box): RgbImage {
  const channels = data.length / (width * height)
  const cut = new Uint8Array((right - left) * (bottom - top) * channels)
  for (let y = top; y < bottom; y++) {
    const row = data.subarray((y * width + left) * channels, (y * width + right) * channels)
    cut.set(row, (y - top) * (right - left) * channels)
  }
  return { width: right - left, height: bottom - top, data: cut }
}

/** A picture with another laid over a part of it, as far as the mask says: outside the mask not a byte changes.
 *  As the reference's VaeImageProcessor.apply_overlay.
 *  @param mask of the size of `picture`  @param drawn brought to the box's size, cut where its proportions are others */
export function laidOver(picture: RgbImage, drawn: RgbImage, mask: GrayImage, box: Box): RgbImage {
  const inside = fitImage(drawn, { width: box.right - box.left, height: box.bottom - box.top }, 'crop')
  const data = Uint8Array.from(picture.data)
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left; x < box.right; x++) {
      const at = y * picture.width + x
      const share = mask.data[at]
      if (share === 0) continue
      const from = ((y - box.top) * inside.width + (x - box.left)) * 3
      for (let channel = 0; channel < 3; channel++) {
        data[at * 3 + channel] = covered(picture.data[at * 3 + channel], inside.data[from + channel], 255 - share)
      }
    }
  }
  return { width: picture.width, height: picture.height, data }
}

/** What is left of an old byte over a new one, rounded as Pillow rounds when the reference's `apply_overlay` lays the old picture over the new.
 *  @param kept 0 to 255 */
function covered(old: number, fresh: number, kept: number): number {
  const by255 = (value: number) => (value + (value >> 8)) >> 8
  if (kept === 0) return fresh
  const premultiplied = by255(old * kept + 128)
  const straight = Math.min(Math.floor((255 * premultiplied) / kept), 255)
  return by255(straight * kept * 128 + fresh * (255 - kept) * 128 + 128 * 128) >> 7
}

/** The whole of a picture. */
export const wholeOf = ({ width, height }: Pick<RgbImage, 'width' | 'height'>): Box => ({
  ...{ left: 0, top: 0 },
  ...{ right: width, bottom: height },
})

/** A mask with soft edges. @param radius standard deviation of the Gaussian, in pixels; 0 leaves it as it is */
export function blurred(mask: GrayImage, radius: number): GrayImage {
  if (radius <= 0) return mask
  const reach = Math.ceil(radius * 3)
  const weights = Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * radius ** 2)))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  const { width, height } = mask
  const lines = (
    from: ArrayLike<number>,
    length: number,
    count: number,
    step: number,
    stride: number,
  ): Float32Array => {
    const to = new Float32Array(from.length)
    for (let line = 0; line < count; line++) {
      for (let at = 0; at < length; at++) {
        let sum = 0
        for (let k = -reach; k <= reach; k++) {
          const near = Math.min(Math.max(at + k, 0), length - 1) // edges go on as they are
          sum += weights[k + reach] * from[line * stride + near * step]
        }
        to[line * stride + at * step] = sum / total
      }
    }
    return to
  }
  const across = lines(mask.data, width, height, 1, width)
  return { width, height, data: Uint8Array.from(lines(across, height, width, width, 1), Math.round) }
}

/** How much of a drawn picture is laid over the old one: what the mask marks, going over softly inside of it, so that outside nothing changes.
 *  @param mask what is not 0 is marked  @param radius pixels of the way from nothing to all; 0: a hard edge */
export function softenedInside(mask: GrayImage, radius: number): GrayImage {
  const marked = { ...mask, data: mask.data.map(value => (value > 0 ? 255 : 0)) }
  const soft = blurred(marked, radius / 2)
  const data = marked.data.map((value, k) =>
    value === 0 || radius <= 0 ? value : Math.min(Math.max(2 * soft.data[k] - 255, 1), 255),
  )
  return { ...mask, data }
}

/** A mask at the size of the latents: the pixel in each one's upper left corner speaks for all, as the reference's nearest interpolation.
 *  @param mask [batch, 1, height, width]  @param stride pixels per latent */
export function shrunkMask({ shape: [batch, , height, width], data }: Tensor, stride: number): Tensor {
  const [rows, columns] = [Math.floor(height / stride), Math.floor(width / stride)]
  const shrunk = tensor([batch, 1, rows, columns])
  for (let k = 0; k < shrunk.data.length; k++) {
    const [member, row, column] = [Math.floor(k / (rows * columns)), Math.floor(k / columns) % rows, k % columns]
    shrunk.data[k] = data[(member * height + row * stride) * width + column * stride]
  }
  return shrunk
}

/** A mask at the size of a picture: each latent speaks for all its pixels. @param mask [1, 1, height, width], 0 to 1 */
export function enlarged({ shape, data }: Tensor, size: Pick<RgbImage, 'width' | 'height'>): GrayImage {
  const [, , rows, columns] = shape
  const pixels = Uint8Array.from({ length: size.width * size.height }, (_, k) => {
    const [y, x] = [Math.floor(k / size.width), k % size.width]
    return 255 * data[Math.floor((y * rows) / size.height) * columns + Math.floor((x * columns) / size.width)]
  })
  return { width: size.width, height: size.height, data: pixels }
}

/** Pixels with the masked ones blank (0, middle gray), as models that know of masks are shown pictures.
 *  @param pixels [batch, channels, height, width] in [-1, 1]  @param mask [1, 1, height, width] of 0 and 1 */
export function whereUnmasked({ shape, data }: Tensor, mask: Tensor): Tensor {
  const plane = mask.data.length
  return tensor(
    shape,
    data.map((value, k) => (mask.data[k % plane] < 0.5 ? value : 0)),
  )
}
