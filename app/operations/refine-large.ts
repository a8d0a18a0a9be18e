import { z } from 'zod'
import { fitImage } from '../tensor/fit.ts'
import { drawFromWords } from './draw-from-words.ts'
import { reworked } from './image-to-image.ts'
import type { Operation } from './operation.ts'
import { picture, strength } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'
import { tileSide, timesLarger } from './upscaling-parameters.ts'

const parameters = z.object({
  ...plainWordParameters,
  ...{ image: picture, timesLarger, strength: strength.default(0.35), tileSide },
})

/** A picture is made larger, and drawn anew in parts as large as the model's own pictures, which reach into each other: detail at any size, in the
 *  memory of one part (MultiDiffusion, Bar-Tal et al. 2023, arXiv:2302.08113, over SDEdit, arXiv:2108.01073). Any model that draws from words does
 *  it, Stable Diffusion XL's refiner too. */
export const refineLarge: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'refine-large',
  version: 1,
  title: 'Refine at a larger size',
  description: 'Makes a picture larger and draws its detail anew, part by part; any model can do it.',
  needs: { model: 'checkpoint' },
  parameters,
  sizeOf: ({ width, height }, { sizeMultiple }, { timesLarger: times }) => {
    const whole = (side: number) => Math.max(1, Math.round((side * Number(times ?? 2)) / sizeMultiple)) * sizeMultiple
    return { width: whole(width), height: whole(height) }
  },
  async *run(context, chosen) {
    const image = await context.pictures.read(chosen.image, '#ffffff')
    const { defaults } = context.checkpoint.description
    return yield* drawFromWords(
      context,
      { ...chosen, ...unsteered },
      {
        ...reworked(fitImage(image, chosen, 'crop'), chosen),
        tileSide: chosen.tileSide || defaults.width,
      },
    )
  },
}
