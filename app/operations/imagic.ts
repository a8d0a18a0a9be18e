import { z } from 'zod'
import { towardWords } from '../diffusion/toward-words.ts'
import { type Beginning, begunBy, drawFromWords, fromNoise } from './draw-from-words.ts'
import { asLong, learned, learnedWords, toward } from './learned-parameters.ts'
import { learnedView } from './learned-view.ts'
import type { Operation, Progress } from './operation.ts'

const parameters = z.object({ ...learnedWords, learned, toward })

/** A learned picture is drawn between itself and words (Kawar et al. 2022, "Imagic", arXiv:2210.09276, section 3.2, eq. 3; diffusers'
 *  ImagicStableDiffusionPipeline). */
export const imagic: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'imagic',
  version: 1,
  title: 'Bend a picture (Imagic)',
  description:
    'Draws a picture that the model learned, as far towards its words as one likes; an empty prompt takes those that it was learned for.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run({ checkpoint, pictures, signal, wantsPreviews }, chosen) {
    const { learned: file, view } = learnedView(checkpoint, chosen.learned, 'imagic')
    const prompt = chosen.prompt || file.words
    return yield* drawFromWords(
      { checkpoint: view, pictures, signal, wantsPreviews },
      { ...chosen, ...asLong, prompt },
      {
        async *begin(place): AsyncGenerator<Progress, Beginning> {
          const beginning = yield* begunBy(fromNoise, place)
          return { ...beginning, told: words => towardWords(words, file.optimised, chosen.toward) }
        },
      },
    )
  },
}
