import type { RgbImage } from './images.ts'
import type { GrayImage } from './masks.ts'

/** What a masked place begins from: the picture as it is; the colours around it, drawn in; middle gray. */
export const fills = ['picture', 'surroundings', 'gray'] as const
export type Fill = (typeof fills)[number]

/** A picture with its masked places filled. @param mask of the same size; what is more than half marked is filled */
export function filledIn(picture: RgbImage, mask: GrayImage, fill: Fill): RgbImage {
  if (fill === 'picture') return picture
  const isMarked = (place: number) => mask.data[place] >= 128
  if (fill === 'surroundings') return drawnIn(picture, isMarked)
  const data = Uint8Array.from(picture.data, (value, k) => (isMarked(Math.floor(k / 3)) ? 128 : value))
  return { ...picture, data }
}

/** Colours of known places drawn into the unknown ones by a pyramid (pull and push, Gortler et al. 1996, "The Lumigraph", section 4.3): averages of
 *  ever larger squares of known places, then each unknown place takes from the next larger square. */
function drawnIn({ width, height, data }: RgbImage, isMarked: (place: number) => boolean): RgbImage {
  const weights = Float32Array.from({ length: width * height }, (_, place) => (isMarked(place) ? 0 : 1))
  const colours = Float32Array.from(data)
  const filled = pulledAndPushed({ width, height, colours, weights })
  return { width, height, data: Uint8Array.from(filled, Math.round) }
}

interface Level {
  readonly width: number
  readonly height: number
  /** Three for each place; only those of places with weight count. */
  readonly colours: Float32Array
  /** 0 to 1: how much of the place is known. */
  readonly weights: Float32Array
}

function pulledAndPushed(level: Level): Float32Array {
  const { width, height, colours, weights } = level
  if (weights.every(weight => weight === 1) || (width === 1 && height === 1)) return colours
  const coarse = halved(level)
  const below = pulledAndPushed(coarse)
  return colours.map((value, k) => {
    const [place, channel] = [Math.floor(k / 3), k % 3]
    const [x, y] = [place % width, Math.floor(place / width)]
    if (weights[place] === 1) return value
    return weights[place] * value + (1 - weights[place]) * between(below, coarse, x, y, channel)
  })
}

/** Half as wide and high: weighted means of four places. */
function halved({ width, height, colours, weights }: Level): Level {
  const [halfWidth, halfHeight] = [Math.ceil(width / 2), Math.ceil(height / 2)]
  const half = { width: halfWidth, height: halfHeight }
  const sums = new Float32Array(halfWidth * halfHeight * 3)
  const known = new Float32Array(halfWidth * halfHeight)
  for (let place = 0; place < weights.length; place++) {
    const to = Math.floor(Math.floor(place / width) / 2) * halfWidth + Math.floor((place % width) / 2)
    known[to] += weights[place]
    for (let channel = 0; channel < 3; channel++)
      sums[to * 3 + channel] += weights[place] * colours[place * 3 + channel]
  }
  const means = sums.map((sum, k) => (known[Math.floor(k / 3)] > 0 ? sum / known[Math.floor(k / 3)] : 0))
  return { ...half, colours: means, weights: known.map(weight => Math.min(weight, 1)) }
}

/** The colour of a fine place between the four coarse ones around it. */
function between(colours: Float32Array, { width, height }: Level, x: number, y: number, channel: number): number {
  const at = (column: number, row: number) => {
    const inside = Math.min(Math.max(row, 0), height - 1) * width + Math.min(Math.max(column, 0), width - 1)
    return colours[inside * 3 + channel]
  }
  const [near, nearY] = [x >> 1, y >> 1]
  const [far, farY] = [near + (x % 2 === 0 ? -1 : 1), nearY + (y % 2 === 0 ? -1 : 1)]
  return (9 * at(near, nearY) + 3 * at(far, nearY) + 3 * at(near, farY) + at(far, farY)) / 16
}
