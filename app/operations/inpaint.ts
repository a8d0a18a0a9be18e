import { z } from 'zod'
import { keepOutside, strengthByPlace } from '../diffusion/masked.ts'
import { noisedFor } from '../schedulers/add-noise.ts'
import { firstCall } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { joinChannels, repeatEach } from '../tensor/batches.ts'
import { type Fill, filledIn } from '../tensor/fill.ts'
import { fitImage } from '../tensor/fit.ts'
import { binarized, fromImages, type RgbImage } from '../tensor/images.ts'
import { cropped, type GrayImage, laidOver, shrunkMask, softenedInside, whereUnmasked } from '../tensor/masks.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { type Beginning, drawFromWords, type Method, type StartingPlace, type WordChoices } from './draw-from-words.ts'
import { stepsLeftOut } from './image-to-image.ts'
import { type MarkedPart, markedPart } from './marked-part.ts'
import { mask, maskFill, maskPadding, maskSoftness, onlyMasked, softMask } from './mask-parameters.ts'
import type { Operation } from './operation.ts'
import { picture, strength, wordParameters } from './parameters.ts'

const parameters = z.object({
  ...wordParameters,
  ...{ image: picture, mask, strength: strength.default(1), fill: maskFill, softness: maskSoftness },
  ...{ softMask, onlyMasked, padding: maskPadding },
})
type Choices = WordChoices & {
  readonly strength: number
  readonly softMask: boolean
  readonly softness: number
  readonly fill: Fill
}

/** A part of a picture is drawn anew, and not a byte changes outside it: the reference's StableDiffusionInpaintPipeline, with models that were
 *  trained for it and see mask and picture (9 channels), and with all others (blended latent diffusion, Avrahami et al. 2023, arXiv:2206.02779). */
export const inpaint: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'inpaint',
  version: 1,
  title: 'In-paint',
  description: 'Draws anew what a mask marks, and keeps everything else of the picture as it is.',
  needs: { model: 'checkpoint', beside: ['nothing', 'mask'] },
  parameters,
  async *run(context, chosen) {
    return yield* drawFromWords(context, chosen, redrawnPart(await markedPart(context.pictures, chosen), chosen))
  },
}

/** What a mask marks is drawn anew and laid over the picture, fading in inside the mask. */
export function redrawnPart({ image, marks, box }: MarkedPart, chosen: Choices): Method {
  const beginsFrom = filledIn(image, marks, chosen.fill)
  const part = (of: RgbImage) => fitImage(cropped(of, box), chosen, 'fill')
  const over = softenedInside(marks, chosen.softness)
  // What was empty has no colours of its own to fade into.
  const below = chosen.fill === 'surroundings' ? beginsFrom : image
  return {
    ...masked({ picture: part(beginsFrom), mask: part(marks) }, chosen),
    part,
    finish: drawn => laidOver(below, drawn, over, box),
  }
}

/** What is drawn: the picture and the mask of that part, at the size of the drawing. */
interface Part {
  readonly picture: RgbImage
  readonly mask: GrayImage
}

/** The stages of the reference, in its order of random numbers: the picture's latents, the noise, the latents of what is not masked. */
const masked = ({ picture, mask }: Part, chosen: Choices): Method => ({
  async begin({ checkpoint, schedule, shape, noise }: StartingPlace): Promise<Beginning> {
    const pixels = repeatEach(fromImages([picture]), shape[0])
    const gray = fromImages([mask], 'unit')
    const hard = binarized(gray)
    const { stride } = checkpoint.description
    const begin = stepsLeftOut(chosen.steps, chosen.strength)
    const knowsMasks = checkpoint.besideChannels > 0
    const needsClean = !knowsMasks || begin > 0
    const clean = needsClean ? await checkpoint.encodeLatents(pixels, noise) : undefined
    const first = noise(shape)
    const latents =
      begin === 0 || clean === undefined
        ? mix([schedule.initialNoiseScale, first])
        : noisedFor(schedule, begin, clean, first)
    if (knowsMasks) {
      const without = await checkpoint.encodeLatents(whereUnmasked(pixels, hard), noise)
      return { latents, begin, beside: joinChannels([repeatEach(shrunkMask(hard, stride), shape[0]), without]) }
    }
    if (clean === undefined) return { latents, begin }
    const calls = schedule.timesteps.length
    const maskAt = chosen.softMask
      ? strengthByPlace(shrunkMask(gray, stride), { first: firstCall(schedule, begin), calls })
      : always(shrunkMask(hard, stride))
    return { latents, begin, after: keepOutside({ schedule, clean, noise: first, maskAt }) }
  },
})

const always = (mask: Tensor) => () => mask
