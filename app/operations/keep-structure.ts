import { z } from 'zod'
import { keptStructure } from '../diffusion/keep-structure.ts'
import { begunBy, drawFromWords } from './draw-from-words.ts'
import { innerSteps, inversionBeside, keepUntil, takenOver, wordsOfPicture } from './edit-parameters.ts'
import { invertedPicture, invertibly } from './inverted.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit } from './parameters.ts'

const parameters = z.object({
  ...wordsOfPicture,
  ...{ image: picture, fit: pictureFit, inversion: inversionBeside, innerSteps, takenOver, keepUntil },
})

/** A picture gives its structure or its appearance to another one of other words: attention to places is taken over from it ("Plug-and-Play", Tumanyan
 *  et al. 2022, arXiv:2211.12572; "MasaCtrl", Cao et al. 2023, arXiv:2304.08465). */
export const keepStructure: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures' | 'workshop'> = {
  id: 'keep-structure',
  version: 1,
  title: 'Keep structure',
  description: 'Draws other words into the structure of a picture, or with its appearance.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const complete = { ...chosen, ...invertibly }
    const source = await invertedPicture(context, complete)
    return yield* drawFromWords(context, complete, {
      ...source,
      versions: [chosen.prompt, chosen.to],
      async *begin(place) {
        const beginning = yield* begunBy(source, place)
        const calls = place.schedule.timesteps.length
        const attention = keptStructure(chosen.takenOver, { share: chosen.keepUntil, calls })
        return { ...beginning, attention }
      },
    })
  },
}
