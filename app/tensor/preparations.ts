import { cannyEdges, type EdgeThresholds } from './canny.ts'
import { fromGray, toGray } from './fit.ts'
import type { RgbImage } from './images.ts'
import { TorchGenerator } from './random.ts'
import { resample } from './resample.ts'

/* Ways to make a control picture of any picture that are plain work on pixels: what ControlNets and T2I-Adapters of those kinds were trained on, or near to it. */

const byPixels = [
  ...(['none', 'edges', 'soft edges', 'scribble', 'lines'] as const),
  ...(['tile', 'shuffle', 'colours', 'normals'] as const),
] as const
/** Those that a network finds: the joints of a figure, how near things are. */
const byNetworks = ['pose', 'depth'] as const

/** What a way to make a control picture of any picture is called. */
export const preparationNames = [...byPixels, ...byNetworks] as const
export type Preparation = (typeof preparationNames)[number]
export type PixelPreparation = (typeof byPixels)[number]
export type NetworkPreparation = (typeof byNetworks)[number]

/** What the network is called that comes with the app, where the person has others. */
export const ownFinder = 'own'

export const isByNetwork = (how: Preparation): how is NetworkPreparation => byNetworks.some(each => each === how)

/** Makes a control picture. @param thresholds of edges alone */
export function prepared(picture: RgbImage, how: PixelPreparation, thresholds: EdgeThresholds = {}): RgbImage {
  switch (how) {
    case 'none':
      return picture
    case 'edges':
      return cannyEdges(picture, thresholds)
    case 'soft edges':
      return softEdges(picture)
    case 'scribble':
      return scribble(picture, thresholds)
    case 'lines':
      return lines(picture)
    case 'tile':
      return throughSmaller(picture, 8, 'bicubic')
    case 'shuffle':
      return shuffled(picture)
    case 'colours':
      return colourField(picture)
    case 'normals':
      return normalsOfDepth(picture)
  }
}

type Size = Pick<RgbImage, 'width' | 'height'>
const grayOf = (image: RgbImage): Float32Array => Float32Array.from(toGray(image).data)

/** Slopes to the right and down by central differences; beyond the picture its outermost pixels go on. */
function slopes(
  values: Float32Array,
  { width, height }: Size,
): { readonly across: Float32Array; readonly down: Float32Array } {
  const across = new Float32Array(values.length)
  const down = new Float32Array(values.length)
  for (let y = 0; y < height; y++) {
    const [above, below] = [Math.max(y - 1, 0), Math.min(y + 1, height - 1)]
    for (let x = 0; x < width; x++) {
      const k = y * width + x
      across[k] = (values[y * width + Math.min(x + 1, width - 1)] - values[y * width + Math.max(x - 1, 0)]) / 2
      down[k] = (values[below * width + x] - values[above * width + x]) / 2
    }
  }
  return { across, down }
}

/** A mean over 3 x 3 pixels, twice: close to a bell of 1.6 pixels. */
function blurred(values: Float32Array, size: Size): Float32Array {
  const once = (from: Float32Array) => {
    const to = new Float32Array(from.length)
    const { width, height } = size
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let total = 0
        for (const dy of [-1, 0, 1]) {
          const row = Math.min(height - 1, Math.max(0, y + dy)) * width
          for (const dx of [-1, 0, 1]) total += from[row + Math.min(width - 1, Math.max(0, x + dx))]
        }
        to[y * width + x] = total / 9
      }
    }
    return to
  }
  return once(once(values))
}

/** The lengths of gradients, softened; white where the picture changes most. */
function softEdges(picture: RgbImage): RgbImage {
  const { across, down } = slopes(blurred(grayOf(picture), picture), picture)
  const lengths = blurred(
    across.map((x, k) => Math.hypot(x, down[k])),
    picture,
  )
  const most = lengths.reduce((top, each) => Math.max(top, each), 1)
  return fromGray(
    picture,
    lengths.map(each => 255 * (each / most) ** 0.7),
  )
}

/** Edges as thick as a hand draws them. */
function scribble(picture: RgbImage, thresholds: EdgeThresholds): RgbImage {
  const { width, height, data } = cannyEdges(picture, thresholds)
  const reach = Math.max(1, Math.round(Math.min(width, height) / 170))
  const thick = new Float32Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[(y * width + x) * 3] === 0) continue
      for (let row = Math.max(0, y - reach); row <= Math.min(height - 1, y + reach); row++) {
        thick.fill(255, row * width + Math.max(0, x - reach), row * width + Math.min(width - 1, x + reach) + 1)
      }
    }
  }
  return fromGray(picture, thick)
}

/** A drawing with dark lines on light paper as white lines on black; one that is white on black stays as it is. */
function lines(picture: RgbImage): RgbImage {
  const gray = grayOf(picture)
  const isOnPaper = gray.reduce((sum, value) => sum + value, 0) / gray.length > 127
  return fromGray(picture, isOnPaper ? gray.map(value => 255 - value) : gray)
}

/** Made smaller and large again: only what is coarse stays. */
function throughSmaller(picture: RgbImage, factor: number, filter: 'bicubic' | 'bilinear'): RgbImage {
  const { width, height } = picture
  const size = { width: Math.max(1, Math.round(width / factor)), height: Math.max(1, Math.round(height / factor)) }
  return resample(resample(picture, size, 'lanczos'), { width, height }, filter)
}

/** Eight squares on the longer side, each in its mean colour. */
function colourField(picture: RgbImage): RgbImage {
  const { width, height, data } = picture
  const side = Math.max(1, Math.round(Math.max(width, height) / 8))
  const filled = new Uint8Array(data.length)
  for (let top = 0; top < height; top += side) {
    for (let left = 0; left < width; left += side) {
      const [bottom, right] = [Math.min(height, top + side), Math.min(width, left + side)]
      const sum = [0, 0, 0]
      for (let y = top; y < bottom; y++)
        for (let x = left; x < right; x++) for (let c = 0; c < 3; c++) sum[c] += data[(y * width + x) * 3 + c]
      const mean = sum.map(each => Math.round(each / ((bottom - top) * (right - left))))
      for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) filled.set(mean, (y * width + x) * 3)
    }
  }
  return { width, height, data: filled }
}

/** The colours of a picture where nothing of its forms is left: each pixel is taken from elsewhere, along a smooth flow that is the same for all
 *  pictures of a size (the shuffle of ControlNet 1.1). */
function shuffled(picture: RgbImage): RgbImage {
  const { width, height, data } = picture
  const random = new TorchGenerator(12345n)
  const coarse = { width: 4, height: 4 }
  const flow = (span: number) => {
    const bytes = Uint8Array.from(random.uniform([48]).data, value => Math.floor(value * 256))
    const { data: smooth } = resample({ ...coarse, data: bytes }, { width, height }, 'bicubic')
    return (k: number) => (smooth[k * 3] / 255) * (span - 1)
  }
  const [columns, rows] = [flow(width), flow(height)]
  const moved = new Uint8Array(data.length)
  for (let k = 0; k < width * height; k++) {
    const from = (Math.round(rows(k)) * width + Math.round(columns(k))) * 3
    moved.set(data.subarray(from, from + 3), k * 3)
  }
  return { width, height, data: moved }
}

/** How steep a change from near to far over the whole picture's side counts. */
const DEPTH = 12

/** The directions that surfaces of a depth picture (near is bright) look to: red to the right, green up, blue towards us. */
function normalsOfDepth(picture: RgbImage): RgbImage {
  const { width, height } = picture
  const depth = blurred(grayOf(picture), picture)
  const { across, down } = slopes(depth, picture)
  const scale = (DEPTH * Math.min(width, height)) / 128 / 255
  const data = new Uint8Array(width * height * 3)
  for (let k = 0; k < width * height; k++) {
    const [x, y] = [-across[k] * scale * 8, down[k] * scale * 8]
    const length = Math.hypot(x, y, 1)
    data.set(
      [x, y, 1].map(part => Math.round((part / length / 2 + 0.5) * 255)),
      k * 3,
    )
  }
  return { width, height, data }
}
