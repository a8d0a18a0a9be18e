import { z } from 'zod'
import { drawFromWords } from './draw-from-words.ts'
import { innerSteps, inversion, wordsOfPicture } from './edit-parameters.ts'
import { invertedPicture, invertibly } from './inverted.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit } from './parameters.ts'

const parameters = z.object({ ...wordsOfPicture, image: picture, fit: pictureFit, inversion, innerSteps })

/** A picture is followed to its noise by DDIM, and that noise is drawn with other words (Song et al. 2021, arXiv:2010.02502, section 4.3). With the words
 *  that it had, it is the picture again, as far as the inversion finds it. */
export const invertAndDraw: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures' | 'workshop'> = {
  id: 'invert-and-draw',
  version: 1,
  title: 'Draw from its noise',
  description: 'Finds the noise that draws a picture, and draws it with other words.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const complete = { ...chosen, ...invertibly }
    const method = await invertedPicture(context, complete)
    return yield* drawFromWords(context, { ...complete, prompt: chosen.to }, method)
  },
}
