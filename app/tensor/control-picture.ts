import type { EdgeThresholds } from './canny.ts'
import { centreCrop, fitImage, insideOf } from './fit.ts'
import type { RgbImage } from './images.ts'
import { type PixelPreparation, prepared } from './preparations.ts'
import { resample } from './resample.ts'

type Size = Pick<RgbImage, 'width' | 'height'>

/** A way in which a control picture of another size or other proportions comes to the size that is drawn. */
interface Way {
  /** @param make what is made of it, at its new size */
  readonly fitted: (picture: RgbImage, size: Size, make: (fitted: RgbImage) => RgbImage) => RgbImage
  /** What becomes of other proportions, after the picture's name. @param percent of what is cut, stays empty or is pulled */
  readonly says: (percent: number, sides: string) => string
}

const ways = {
  /** It covers the size; what sticks out is cut off. */
  fill: {
    fitted: (picture, size, make) => make(fitImage(picture, size, 'crop')),
    says: (percent, sides) => `${percent} % of it is cut off ${sides}`,
  },
  /** It lies inside, black around it: the border of what lies inside is no edge of the picture. */
  fit: {
    fitted: (picture, size, make) => centreCrop(make(resample(picture, insideOf(picture, size), 'lanczos')), size),
    says: (percent, sides) => `${percent} % stays black ${sides}`,
  },
  /** It is pulled out of shape. */
  stretch: {
    fitted: (picture, size, make) => make(fitImage(picture, size, 'stretch')),
    says: percent => `it is stretched by ${percent} %`,
  },
} as const satisfies Readonly<Record<string, Way>>

export type ControlResize = keyof typeof ways
export const controlResizes: readonly [ControlResize, ...ControlResize[]] = ['fill', 'fit', 'stretch']

/** What is made of a control picture. */
export interface ControlMaking {
  readonly prepare: PixelPreparation
  readonly resize: ControlResize
  /** Of edges: Canny's thresholds. */
  readonly low?: number | undefined
  readonly high?: number | undefined
}

/** A picture as a control picture of a size. */
export function controlPicture(picture: RgbImage, { prepare, resize, low, high }: ControlMaking, size: Size): RgbImage {
  const thresholds: EdgeThresholds = { ...(low !== undefined && { low }), ...(high !== undefined && { high }) }
  return ways[resize].fitted(picture, size, fitted => prepared(fitted, prepare, thresholds))
}

/** Proportions that differ by less are the same to the eye. */
const SAME = 0.01

/** How far the proportions of a picture are from those of a size, and where: a share of the larger side that has no place, or is not
 *  covered, or is pulled. undefined: they are the same. */
export function misproportion(
  picture: Size,
  size: Size,
): { readonly isWider: boolean; readonly share: number } | undefined {
  const ratio = (picture.width * size.height) / (picture.height * size.width)
  const share = 1 - Math.min(ratio, 1 / ratio)
  return share < SAME ? undefined : { isWider: ratio > 1, share }
}

/** What becomes of a picture of other proportions, for a person; undefined where nothing does. @param name of the picture */
export function resizeWords(name: string, picture: Size, size: Size, resize: ControlResize): string | undefined {
  const found = misproportion(picture, size)
  if (found === undefined) return undefined
  const { isWider, share } = found
  const sides = isWider === (resize === 'fit') ? 'above and below' : 'left and right'
  const says: Way['says'] = ways[resize].says
  const others = controlResizes.filter(each => each !== resize).join(' or ')
  return `${name} is ${picture.width} × ${picture.height}, what is drawn ${size.width} × ${size.height}: ${says(Math.round(share * 100), sides)} (${resize}; ${others} would be other ways).`
}
