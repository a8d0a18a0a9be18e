import { z } from 'zod'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import { drawFromWords, type StartingPlace } from './draw-from-words.ts'
import { fitModes } from './image-to-image.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit, wordParameters } from './parameters.ts'
import { pictureGuidance } from './upscaling-parameters.ts'

const parameters = z.object({ ...wordParameters, image: picture, pictureGuidance, fit: pictureFit })

/** A picture is edited as it is told: "make it snowy" (Brooks et al. 2023, "InstructPix2Pix", arXiv:2211.09800): the reference's
 *  StableDiffusionInstructPix2PixPipeline. */
export const instruct: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'instruct',
  version: 1,
  title: 'Instruct',
  description: 'Edits a picture as the prompt tells: "make it snowy". It takes a model that was made for instructions.',
  needs: { model: 'checkpoint', beside: ['picture'] },
  parameters,
  async *run(context, chosen) {
    const image = await context.pictures.read(chosen.image, '#ffffff')
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const pixels = fromImages([part(image)])
    return yield* drawFromWords(context, chosen, {
      part,
      async begin({ checkpoint, schedule, shape, noise }: StartingPlace) {
        // The middle of its distribution, not scaled: so it was trained.
        const { mean } = await checkpoint.encode(pixels)
        return {
          latents: mix([schedule.initialNoiseScale, noise(shape)]),
          beside: repeatEach(mean, shape[0]),
          besideScale: chosen.pictureGuidance,
        }
      },
    })
  },
}
