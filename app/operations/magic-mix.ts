import { z } from 'zod'
import { noisedFor } from '../schedulers/add-noise.ts'
import type { Schedule } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { repeatEach } from '../tensor/batches.ts'
import { fitImage } from '../tensor/fit.ts'
import { fromImages, type RgbImage } from '../tensor/images.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { drawFromWords, type Method, type StartingPlace } from './draw-from-words.ts'
import { layoutFrom, layoutUntil, mixFactor } from './edit-parameters.ts'
import { fitModes, stepsLeftOut } from './image-to-image.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit, wordParameters } from './parameters.ts'

const parameters = z.object({
  ...wordParameters,
  ...{ image: picture, fit: pictureFit, layoutFrom, layoutUntil, mixFactor },
})

/** The layout of a picture with the content of a prompt: MagicMix (Liew et al. 2022, arXiv:2210.16056, section 3.2). Between two levels of noise, the
 *  picture with that much noise is mixed in after each call. */
export const magicMix: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'magic-mix',
  version: 1,
  title: 'Mix a thing in',
  description: 'Draws what a prompt says in the layout of a picture: a corgi of coffee, a bag like a watermelon.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const image = part(await context.pictures.read(chosen.image, '#ffffff'))
    const method: Method = {
      part,
      async begin({ checkpoint, schedule, shape, noise }: StartingPlace) {
        const clean = await checkpoint.encodeLatents(repeatEach(fromImages([image]), shape[0]), noise)
        const first = noise(shape)
        const begin = stepsLeftOut(chosen.steps, chosen.layoutFrom)
        const until = stepsLeftOut(chosen.steps, chosen.layoutUntil) * (schedule.callsPerStep ?? 1)
        const after = mixedIn({ schedule, clean, noise: first, until, share: chosen.mixFactor })
        return { latents: noisedFor(schedule, begin, clean, first), begin, after }
      },
    }
    return yield* drawFromWords(context, chosen, method)
  },
}

/** Mixes the picture in, at the level that the latents have reached, before each call up to `until`. @param share of what is drawn, 0 to 1 */
const mixedIn =
  (layout: { schedule: Schedule; clean: Tensor; noise: Tensor; until: number; share: number }) =>
  (latents: Tensor, call: number): Tensor => {
    const { schedule, clean, noise, until, share } = layout
    if (call >= until) return latents
    const { alpha, sigma } = schedule.noiseLevel(schedule.timesteps[call], call)
    return mix([share, latents], [1 - share, mix([alpha, clean], [sigma, noise])])
  }
