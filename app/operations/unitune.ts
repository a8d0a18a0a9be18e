import { z } from 'zod'
import { fitImage } from '../tensor/fit.ts'
import type { RgbImage } from '../tensor/images.ts'
import { drawFromWords } from './draw-from-words.ts'
import { fitModes, reworked } from './image-to-image.ts'
import { asLong, learned, learnedWords } from './learned-parameters.ts'
import { learnedView } from './learned-view.ts'
import type { Operation } from './operation.ts'
import { picture, pictureFit, strength } from './parameters.ts'

const parameters = z.object({
  ...learnedWords,
  learned,
  image: picture,
  strength: strength.default(0.9),
  fit: pictureFit,
})

/** A learned picture is drawn anew with other words beside the rare ones that stand for it: much noise is put on it, and guidance pulls hard (Valevski et al.
 *  2022, "UniTune", arXiv:2210.09477, section 3.2). */
export const uniTune: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'unitune',
  version: 1,
  title: 'Change a learned picture (UniTune)',
  description: 'Draws a picture that the model learned anew with other words, and keeps what it is.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run({ checkpoint, pictures, signal, wantsPreviews }, chosen) {
    const { learned: file, view } = learnedView(checkpoint, chosen.learned, 'unitune')
    const prompt = [file.words, chosen.prompt].filter(words => words !== '').join(' ')
    const image = await pictures.read(chosen.image, '#ffffff')
    const part = (of: RgbImage) => fitImage(of, chosen, fitModes[chosen.fit])
    const words = { ...chosen, ...asLong, prompt }
    return yield* drawFromWords({ checkpoint: view, pictures, signal, wantsPreviews }, words, {
      ...reworked(part(image), chosen),
      part,
    })
  },
}
