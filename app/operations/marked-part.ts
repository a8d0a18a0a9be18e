import { Problem } from '../problem.ts'
import { toGray } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import { type Box, boxAround, type GrayImage, maskedBox, wholeOf } from '../tensor/masks.ts'
import type { GivenPictures } from './operation.ts'

/** A picture, what a mask marks of it, and the part that is drawn for that. */
export interface MarkedPart {
  readonly image: RgbImage
  /** As large as the picture. */
  readonly marks: GrayImage
  readonly box: Box
}

/** What says how large the part is. */
export interface PartChoices {
  readonly onlyMasked: boolean
  /** Pixels around the mask that are seen. */
  readonly padding: number
  readonly width: number
  readonly height: number
}

/** Reads a picture and the mask over it. @throws Problem PICTURE_*, FILE_*, MASK_SIZE, MASK_EMPTY */
export async function markedPart(
  pictures: GivenPictures,
  chosen: PartChoices & { readonly image: string; readonly mask: string },
): Promise<MarkedPart> {
  const image = await pictures.read(chosen.image, '#ffffff')
  return partMarkedIn(image, matching(toGray(await pictures.read(chosen.mask, '#000000')), image), chosen)
}

/** The part that is drawn for what a mask of a picture's size marks. @throws Problem MASK_EMPTY */
export function partMarkedIn(image: RgbImage, marks: GrayImage, chosen: PartChoices): MarkedPart {
  const marked = maskedBox(marks)
  if (marked === undefined) throw emptyMask()
  const box = chosen.onlyMasked ? boxAround(image, marked, chosen, chosen.padding) : wholeOf(image)
  return { image, marks, box }
}

/** What is said where a mask marks no place. */
export const emptyMask = (): Problem =>
  new Problem('MASK_EMPTY', 'The mask marks nothing.', {
    hint: 'Paint over what shall change.',
    details: { field: 'mask' },
  })

/** A mask of the picture's size. @throws Problem MASK_SIZE */
export function matching(mask: GrayImage, { width, height }: RgbImage): GrayImage {
  if (mask.width === width && mask.height === height) return mask
  throw new Problem(
    'MASK_SIZE',
    `The mask is ${mask.width} x ${mask.height} pixels, the picture ${width} x ${height}.`,
    { hint: 'Use a mask of the same size as the picture.', details: { field: 'mask' } },
  )
}
