import { z } from 'zod'
import { resample } from '../tensor/resample.ts'
import { drawFromWords, fromNoise } from './draw-from-words.ts'
import { reworked } from './image-to-image.ts'
import type { Operation } from './operation.ts'
import { strength } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'
import { tileSide } from './upscaling-parameters.ts'

const parameters = z.object({
  ...plainWordParameters,
  ...{ strength: strength.default(0.5), tileSide },
})

/** A large picture is drawn small first, where a model knows how things are put together, and then refined ("hires fix"): the same in two passes. */
export const drawLarge: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'draw-large',
  version: 1,
  title: 'Draw large',
  description:
    'Draws a picture at the size that the model knows, makes it larger, and draws its detail anew, part by part.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const { defaults, sizeMultiple } = context.checkpoint.description
    const shrink = Math.min(1, Math.sqrt((defaults.width * defaults.height) / (chosen.width * chosen.height)))
    const whole = (side: number) => Math.max(1, Math.round((side * shrink) / sizeMultiple)) * sizeMultiple
    const first = { ...chosen, ...unsteered, width: whole(chosen.width), height: whole(chosen.height) }
    const small = yield* drawFromWords(context, first, fromNoise)
    const pictures = []
    for (const { image, seed } of small) {
      const size = { width: chosen.width, height: chosen.height }
      const alone = { ...chosen, ...unsteered, seed, count: 1 }
      const method = {
        ...reworked(resample(image, size, 'lanczos'), chosen),
        tileSide: chosen.tileSide || defaults.width,
      }
      pictures.push(...(yield* drawFromWords(context, alone, method)))
    }
    return pictures
  },
}
