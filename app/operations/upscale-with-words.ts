import { z } from 'zod'
import { noisedSmall } from '../diffusion/beside.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fromImages } from '../tensor/images.ts'
import { resample } from '../tensor/resample.ts'
import { tensor } from '../tensor/tensor.ts'
import { drawFromWords } from './draw-from-words.ts'
import type { Operation } from './operation.ts'
import { picture } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'
import { noiseLevel, tileSide } from './upscaling-parameters.ts'

const parameters = z.object({ ...plainWordParameters, image: picture, noiseLevel, tileSide })

/** A small picture is drawn at the size that the model gives it, mostly four times as large: the reference's StableDiffusionUpscalePipeline. */
export const upscaleWithWords: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'upscale-with-words',
  version: 1,
  title: 'Upscale with words',
  description:
    'Draws a small picture larger, with detail that the prompt names. It takes a model that was made for it.',
  needs: { model: 'checkpoint', beside: ['small picture'] },
  parameters,
  // The network sees the small picture itself, a pixel for each latent.
  sizeOf: ({ width, height }, { stride }) => ({ width: width * stride, height: height * stride }),
  async *run(context, chosen) {
    const { checkpoint, pictures } = context
    const { stride, defaults } = checkpoint.description
    const image = await pictures.read(chosen.image, '#ffffff')
    const small = { width: chosen.width / stride, height: chosen.height / stride }
    const pixels = fromImages([resample(image, small, 'bicubic')])
    return yield* drawFromWords(
      context,
      { ...chosen, ...unsteered },
      {
        tileSide: chosen.tileSide || defaults.width,
        begin({ schedule, shape, noise }) {
          const beside = noisedSmall(checkpoint, repeatEach(pixels, shape[0]), chosen.noiseLevel, noise)
          const latents = mix([schedule.initialNoiseScale, noise(shape)])
          return { latents, beside, told: told => labelled(told, chosen.noiseLevel) }
        },
      },
    )
  },
}

/** Tells the network how much noise lies on what it sees. */
function labelled({ positive, negative }: GuidanceConditioning, level: number): GuidanceConditioning {
  const [pictures] = positive.encoder_hidden_states.shape
  const told = { class_labels: tensor([pictures], new Float32Array(pictures).fill(level)) }
  return { positive: { ...positive, ...told }, negative: { ...negative, ...told } }
}
