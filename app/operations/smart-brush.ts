import { z } from 'zod'
import { FollowedShape } from '../diffusion/followed-shape.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach, splitBatches } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { binarized, fromImages, type RgbImage } from '../tensor/images.ts'
import { type Box, cropped, enlarged, type GrayImage, laidOver, shrunkMask, softenedInside } from '../tensor/masks.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { drawFromWords, type Method, type WordChoices } from './draw-from-words.ts'
import { type MarkedPart, markedPart } from './marked-part.ts'
import { mask, maskPadding, maskSoftness, onlyMasked } from './mask-parameters.ts'
import type { Operation } from './operation.ts'
import { about } from './parameter-meta.ts'
import { picture } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'

/** How closely an object follows what was painted, from filling it to being anywhere in it. */
export const followings = ['exactly', 'closely', 'loosely', 'roughly', 'anywhere'] as const

const follow = z
  .enum(followings)
  .default('closely')
  .meta(
    about({
      title: 'Follow the shape',
      description:
        'How closely the thing fills what was painted: exactly to its outline, closely, loosely, roughly, or anywhere in it; what it does not cover stays as it was.',
      group: 'mask',
      widget: 'steps',
    }),
  )

const parameters = z.object({
  ...plainWordParameters,
  ...{ image: picture, mask, follow, softness: maskSoftness, onlyMasked, padding: maskPadding },
})

/** A thing is drawn from words into a painted shape, as closely as is wanted (Xie et al. 2023, "SmartBrush", arXiv:2212.05034), by a model that was taught
 *  that (`train-smart-brush`). Outside the mask not a byte changes, and inside only where the network says that the thing is, with the way to it. */
export const smartBrush: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'smart-brush',
  version: 1,
  title: 'Smart brush',
  description: 'Draws a thing into a painted shape. It takes a model that was taught shapes.',
  needs: { model: 'checkpoint', beside: ['shape'] },
  parameters,
  async *run(context, chosen) {
    const marked = await markedPart(context.pictures, chosen)
    return yield* drawFromWords(context, { ...chosen, ...unsteered }, drawnIntoShape(marked, chosen))
  },
}

type Choices = Pick<WordChoices, 'width' | 'height'> & {
  readonly follow: (typeof followings)[number]
  readonly softness: number
}

/** The stages of in-painting, with what the network says of the object. */
function drawnIntoShape({ image, marks, box }: MarkedPart, chosen: Choices): Method {
  const part = (of: RgbImage) => fitImage(cropped(of, box), chosen, 'fill')
  let shape: FollowedShape | undefined
  return {
    part,
    async begin({ checkpoint, schedule, shape: latents, noise }) {
      const { stride, shapeLevels = followings.length } = checkpoint.description
      const pixels = repeatEach(fromImages([part(image)]), latents[0])
      const clean = await checkpoint.encodeLatents(pixels, noise)
      const first = noise(latents)
      const mask = shrunkMask(binarized(fromImages([part(marks)], 'unit')), stride)
      const level = levelOf(chosen.follow, shapeLevels)
      shape = new FollowedShape({ schedule, mask, clean, noise: first, level })
      const { beside, told, around, after, onObjectMask } = shape
      return {
        latents: mix([schedule.initialNoiseScale, first]),
        ...{ beside, told, around, after, onObjectMask },
      }
    },
    finish(drawn, place) {
      const objects = shape && splitBatches(shape.objects, shape.objects.shape[0])[place]
      const covered = objects ? whereAlso(marks, onPicture(objects, { drawn, box, picture: marks })) : marks
      return laidOver(image, drawn, softenedInside(covered, chosen.softness), box)
    },
  }
}

/** The level of a network with so many that means most nearly the same. */
export const levelOf = (follow: (typeof followings)[number], levels: number): number =>
  Math.round((followings.indexOf(follow) * (levels - 1)) / (followings.length - 1))

/** A mask of latents over the whole picture that a part of it was drawn of, with the latents next to it: they hold the way from the object to what is
 *  around. */
function onPicture(
  objects: Tensor,
  { drawn, box, picture }: { readonly drawn: RgbImage; readonly box: Box; readonly picture: GrayImage },
): GrayImage {
  const [width, height] = [box.right - box.left, box.bottom - box.top]
  const inside = fitImage(enlarged(grown(objects), drawn), { width, height }, 'crop', 'bilinear')
  const data = new Uint8Array(picture.data.length)
  for (let y = 0; y < height; y++) {
    const from = (box.top + y) * picture.width + box.left
    data.set(inside.data.subarray(y * width, (y + 1) * width), from)
  }
  return { width: picture.width, height: picture.height, data }
}

/** A mask [1, 1, height, width] with all places that touch it. */
function grown({ shape, data }: Tensor): Tensor {
  const [, , height, width] = shape
  const near = [-1, 0, 1]
  return tensor(
    shape,
    data.map((_, k) => {
      const [x, y] = [k % width, Math.floor(k / width)]
      const isMarked = (row: number, column: number) =>
        row >= 0 && row < height && column >= 0 && column < width && data[row * width + column] > 0
      return Number(near.some(down => near.some(right => isMarked(y + down, x + right))))
    }),
  )
}

/** What both masks mark, as the first marks it. */
const whereAlso = (mask: GrayImage, other: GrayImage): GrayImage => ({
  ...mask,
  data: mask.data.map((value, k) => (other.data[k] > 0 ? value : 0)),
})
