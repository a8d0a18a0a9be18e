import { z } from 'zod'
import { doubled, doubling } from '../diffusion/latent-doubling.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fromImages } from '../tensor/images.ts'
import { resample } from '../tensor/resample.ts'
import { drawFromWords } from './draw-from-words.ts'
import type { Operation } from './operation.ts'
import { picture } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'
import { tileSide } from './upscaling-parameters.ts'

const parameters = z.object({ ...plainWordParameters, image: picture, tileSide })

/** A picture is drawn at twice its size from its latents: the reference's StableDiffusionLatentUpscalePipeline. */
export const doubleSize: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'double-size',
  version: 1,
  title: 'Double the size',
  description: 'Draws a picture at twice its size. It takes a model that was made for it.',
  needs: { model: 'checkpoint', beside: ['small latents'] },
  parameters,
  sizeOf: ({ width, height }, { sizeMultiple }) => {
    // Whole latents of the small picture, and the network halves them three times.
    const twice = (side: number) => 2 * Math.max(1, Math.round(side / sizeMultiple / 4)) * sizeMultiple * 4
    return { width: twice(width), height: twice(height) }
  },
  async *run(context, chosen) {
    const { checkpoint, pictures } = context
    const image = await pictures.read(chosen.image, '#ffffff')
    const small = { width: chosen.width / 2, height: chosen.height / 2 }
    const pixels = fromImages([resample(image, small, 'bicubic')])
    return yield* drawFromWords(
      context,
      { ...chosen, ...unsteered },
      {
        tileSide: chosen.tileSide || 2 * checkpoint.description.defaults.width,
        async begin({ schedule, shape, noise }) {
          const clean = await checkpoint.encodeLatents(repeatEach(pixels, shape[0]), noise)
          return {
            latents: mix([schedule.initialNoiseScale, noise(shape)]),
            beside: doubled(clean),
            around: network => doubling(network, schedule, shape[1]),
          }
        },
      },
    )
  },
}
