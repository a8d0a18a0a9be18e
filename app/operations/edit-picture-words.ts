import { z } from 'zod'
import { drawFromWords } from './draw-from-words.ts'
import { attentionEdits, innerSteps, inversionBeside, wordsOfPicture } from './edit-parameters.ts'
import { editedByWords } from './edited-by-words.ts'
import { invertedPicture, invertibly } from './inverted.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit } from './parameters.ts'

const parameters = z.object({
  ...wordsOfPicture,
  ...{ image: picture, fit: pictureFit, inversion: inversionBeside, innerSteps },
  ...attentionEdits,
})

/** Any picture, edited by words: its noise is found first (null-text inversion, Mokady et al. 2022, arXiv:2211.09794; negative-prompt inversion, Miyake
 *  et al. 2023, arXiv:2305.16807; DDIM), then prompt-to-prompt goes on from it. */
export const editPictureWords: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures' | 'workshop'> = {
  id: 'edit-picture-words',
  version: 1,
  title: 'Edit words of a picture',
  description: 'Finds the noise that draws any picture, then edits what it shows word by word.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const complete = { ...chosen, ...invertibly }
    const source = await invertedPicture(context, complete)
    return yield* drawFromWords(context, complete, editedByWords(context.checkpoint, complete, source))
  },
}
