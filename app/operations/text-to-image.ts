import { z } from 'zod'
import { drawFromWords, fromNoise } from './draw-from-words.ts'
import type { Operation } from './operation.ts'
import { wordParameters } from './parameters.ts'
import { TEXT_TO_IMAGE } from './text-to-image-id.ts'

const parameters = z.object(wordParameters)

/** A prompt becomes pictures: the reference's StableDiffusionPipeline and its kin. */
export const textToImage: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  ...TEXT_TO_IMAGE,
  title: 'Text to image',
  description: 'Draws what a prompt describes.',
  needs: { model: 'checkpoint' },
  parameters,
  run: (context, chosen) => drawFromWords(context, chosen, fromNoise),
}
