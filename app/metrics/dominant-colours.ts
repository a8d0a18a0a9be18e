import type { RgbImage } from '../tensor/images.ts'
import { type Lab, labOf } from '../tensor/oklab.ts'

/** A colour of which much of a picture is. */
export interface DominantColour {
  readonly colour: Lab
  /** Of the picture's pixels, 0 to 1. */
  readonly share: number
}

/** Colours of a picture, at most. */
export const mostColours = 6
/** Pixels that are looked at: every n-th, so that colours stay unmixed. */
const mostPixels = 4096
/** Colours nearer than this are one (a step of 0.02 is just seen). */
const oneColour = 0.07
/** Less of a picture is not what it is known by. */
const leastShare = 0.02
const rounds = 6

/** The colours that a picture is made of, the one with the largest share first: k-means in OKLab from centres that lie far apart (Gonzalez
 *  1985), those that are hardly different joined. The same picture always has the same. */
export function dominantColours(image: RgbImage): DominantColour[] {
  const pixels = samplesOf(image)
  let centres = farApart(pixels)
  let shares: number[] = []
  for (let round = 0; round < rounds; round++) ({ centres, shares } = moved(centres, pixels))
  return joined(centres.map((colour, k) => ({ colour, share: shares[k] })))
    .filter(({ share }) => share >= leastShare)
    .toSorted((a, b) => b.share - a.share)
}

function samplesOf({ width, height, data }: RgbImage): Lab[] {
  const step = Math.max(1, Math.ceil(Math.sqrt((width * height) / mostPixels)))
  const samples: Lab[] = []
  for (let y = Math.floor((step - 1) / 2); y < height; y += step) {
    for (let x = Math.floor((step - 1) / 2); x < width; x += step) {
      const at = (y * width + x) * 3
      samples.push(labOf(data[at], data[at + 1], data[at + 2]))
    }
  }
  return samples
}

/** Squared distance in OKLab. */
const squared = (a: Lab, b: Lab): number => (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 + (a[2] - b[2]) ** 2

/** The middle of all pixels' nearest, then always the pixel that lies farthest from all centres. */
function farApart(pixels: readonly Lab[]): Lab[] {
  const centres: Lab[] = [pixels[0]]
  const nearest = pixels.map(pixel => squared(pixel, pixels[0]))
  while (centres.length < mostColours * 2) {
    let far = 0
    for (let k = 1; k < pixels.length; k++) if (nearest[k] > nearest[far]) far = k
    if (nearest[far] < oneColour ** 2) break
    const centre = pixels[far]
    centres.push(centre)
    for (let k = 0; k < pixels.length; k++) nearest[k] = Math.min(nearest[k], squared(pixels[k], centre))
  }
  return centres
}

/** Each centre in the middle of the pixels that lie nearest to it; those without pixels are gone. */
function moved(centres: readonly Lab[], pixels: readonly Lab[]): { centres: Lab[]; shares: number[] } {
  const sums = centres.map(() => [0, 0, 0, 0])
  for (const pixel of pixels) {
    let best = 0
    for (let k = 1; k < centres.length; k++) {
      if (squared(pixel, centres[k]) < squared(pixel, centres[best])) best = k
    }
    const sum = sums[best]
    for (const axis of [0, 1, 2] as const) sum[axis] += pixel[axis]
    sum[3]++
  }
  const full = sums.filter(([, , , count]) => count > 0)
  return {
    centres: full.map(([lightness, a, b, count]) => [lightness / count, a / count, b / count]),
    shares: full.map(([, , , count]) => count / pixels.length),
  }
}

/** Colours that are hardly different as one, weighted by their shares; then the largest of them. */
function joined(colours: readonly DominantColour[]): DominantColour[] {
  const found: DominantColour[] = []
  for (const each of colours.toSorted((a, b) => b.share - a.share)) {
    const k = found.findIndex(({ colour }) => squared(colour, each.colour) < oneColour ** 2)
    if (k === -1) found.push(each)
    else found[k] = mixed(found[k], each)
  }
  return found.toSorted((a, b) => b.share - a.share).slice(0, mostColours)
}

function mixed(a: DominantColour, b: DominantColour): DominantColour {
  const share = a.share + b.share
  const along = (axis: 0 | 1 | 2) => (a.colour[axis] * a.share + b.colour[axis] * b.share) / share
  return { colour: [along(0), along(1), along(2)], share }
}
