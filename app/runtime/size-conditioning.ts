import { type Tensor, tensor } from '../tensor/tensor.ts'

interface Size {
  readonly width: number
  readonly height: number
}

/** What Stable Diffusion XL is told of the picture that it imagines (Podell et al. 2023, arXiv:2307.01952, sections 2.2 and 2.3),
 *  in pixels. */
export interface SizeConditioning {
  /** Of the picture before it was made smaller for training: small ones look blurred. */
  readonly original: Size
  /** What was cut off at the top and at the left. */
  readonly crop: { readonly top: number; readonly left: number }
  /** Of the picture that is drawn. */
  readonly target: Size
  /** How much it pleases, 0 to 10; the refiner is told this instead of the target. */
  readonly aesthetic: number
}

/** A whole picture of this size, not made smaller and not cut, as the reference assumes where nothing is said. */
export const wholePicture = (size: Size, aesthetic = PLEASING): SizeConditioning => ({
  original: size,
  crop: { top: 0, left: 0 },
  target: size,
  aesthetic,
})

/** The reference's aesthetic scores of what a picture is pulled towards and away from. */
export const PLEASING = 6
export const DISPLEASING = 2.5

/** The numbers as the UNet reads them, [1, count]. @param count 6, or 5 with the aesthetic score in the place of the target */
export function timeIds({ original, crop, target, aesthetic }: SizeConditioning, count: number): Tensor {
  const end = count === 5 ? [aesthetic] : [target.height, target.width]
  const ids = [original.height, original.width, crop.top, crop.left, ...end]
  return tensor([1, ids.length], Float32Array.from(ids))
}
