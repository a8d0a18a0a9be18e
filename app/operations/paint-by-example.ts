import { z } from 'zod'
import { exampleBeside } from '../diffusion/beside.ts'
import { repeatConditioning } from '../runtime/conditioning.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { binarized, fromImages, type RgbImage } from '../tensor/images.ts'
import { cropped, laidOver, shrunkMask, softenedInside, whereUnmasked } from '../tensor/masks.ts'
import { drawFromWords } from './draw-from-words.ts'
import { markedPart } from './marked-part.ts'
import { mask, maskPadding, maskSoftness, onlyMasked } from './mask-parameters.ts'
import type { Operation } from './operation.ts'
import { picture } from './parameters.ts'
import { plainWordParameters, unsteered } from './plain-words.ts'

const example = picture.meta({
  title: 'Example',
  description: 'What is painted into the mask, as another picture shows it.',
  group: 'picture',
  widget: 'picture',
})

/** What is said of words plays no part. */
const unsaid = { prompt: '', negative: '', longPrompts: 'cut', clipSkip: 0 } as const

const parameters = z.object({
  ...z.object(plainWordParameters).omit({ prompt: true, negative: true, longPrompts: true, clipSkip: true }).shape,
  ...{ image: picture, mask, example, softness: maskSoftness, onlyMasked, padding: maskPadding },
})

/** What a picture shows is painted into another, where a mask marks it (Yang et al. 2022, "Paint by Example", arXiv:2211.13227): the reference's
 *  PaintByExamplePipeline. Outside the mask not a byte changes. */
export const paintByExample: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'paint-by-example',
  version: 1,
  title: 'Paint by example',
  description: 'Paints into a mask what another picture shows. It takes a model that was made for examples.',
  needs: { model: 'checkpoint', beside: ['example'] },
  parameters,
  async *run(context, chosen) {
    const { image, marks, box } = await markedPart(context.pictures, chosen)
    const shown = await context.checkpoint.conditionOnExample(await context.pictures.read(chosen.example, '#ffffff'))
    const part = (of: RgbImage) => fitImage(cropped(of, box), chosen, 'fill')
    const hard = binarized(fromImages([part(marks)], 'unit'))
    const over = softenedInside(marks, chosen.softness)
    return yield* drawFromWords(
      context,
      { ...chosen, ...unsteered, ...unsaid },
      {
        part,
        async begin({ checkpoint, schedule, shape, noise }) {
          const [pictures] = shape
          const latents = mix([schedule.initialNoiseScale, noise(shape)])
          const pixels = repeatEach(fromImages([part(image)]), pictures)
          const without = await checkpoint.encodeLatents(whereUnmasked(pixels, hard), noise)
          const told = {
            positive: repeatConditioning(shown.positive, pictures),
            negative: repeatConditioning(shown.negative, pictures),
          }
          return {
            ...{ latents, told: () => told },
            beside: exampleBeside(without, shrunkMask(hard, checkpoint.description.stride)),
          }
        },
        finish: drawn => laidOver(image, drawn, over, box),
      },
    )
  },
}
