import { z } from 'zod'
import { drawFromWords } from './draw-from-words.ts'
import { attentionEdits, nothingElse, wordsToEdit } from './edit-parameters.ts'
import { editedByWords } from './edited-by-words.ts'
import type { Operation } from './operation.ts'

const parameters = z.object({ ...wordsToEdit, ...attentionEdits })

/** A picture that the model drew is drawn again with other words, and keeps its composition: prompt-to-prompt (Hertz et al. 2022, arXiv:2208.01626). */
export const editWords: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'edit-words',
  version: 1,
  title: 'Edit words',
  description: 'Draws a drawn picture again with words swapped, added or re-weighted, and keeps its composition.',
  needs: { model: 'checkpoint' },
  parameters,
  run(context, chosen) {
    const complete = { ...chosen, ...nothingElse }
    return drawFromWords(context, complete, editedByWords(context.checkpoint, complete))
  },
}
