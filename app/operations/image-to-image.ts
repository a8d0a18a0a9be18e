import { z } from 'zod'
import { noisedFor } from '../schedulers/add-noise.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { drawFromWords, type Method, type StartingPlace } from './draw-from-words.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit, strength, wordParameters } from './parameters.ts'

const parameters = z.object({ ...wordParameters, image: picture, strength, fit: pictureFit })

/** Part of the noise is put on a picture and taken away again (Meng et al. 2022, "SDEdit", arXiv:2108.01073): the reference's
 *  StableDiffusionImg2ImgPipeline. */
export const imageToImage: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'image-to-image',
  version: 1,
  title: 'Image to image',
  description: 'Draws a picture anew after a prompt, and keeps of it what the strength leaves.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const image = await context.pictures.read(chosen.image, '#ffffff')
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    return yield* drawFromWords(context, chosen, { ...reworked(part(image), chosen), part })
  },
}

/** How pictures of other proportions are brought to the size of the drawing. */
export const fitModes = { cut: 'crop', stretch: 'stretch', extend: 'fill' } as const

/** Begins with a picture and as much noise as the strength asks for. @param image of the drawing's size */
export const reworked = (
  image: RgbImage,
  { strength, steps }: { readonly strength: number; readonly steps: number },
): Method => ({
  async begin({ checkpoint, schedule, shape, noise }: StartingPlace) {
    // The reference draws the picture's latents first, then the noise.
    const pixels = repeatEach(fromImages([image]), shape[0])
    const clean = await checkpoint.encodeLatents(pixels, noise)
    const begin = stepsLeftOut(steps, strength)
    return { latents: noisedFor(schedule, begin, clean, noise(shape)), begin }
  },
})

/** Steps that are not done; one is always done. */
export const stepsLeftOut = (steps: number, strength: number): number =>
  steps - Math.max(Math.min(Math.trunc(steps * strength), steps), 1)
