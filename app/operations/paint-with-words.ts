import { z } from 'zod'
import { type PaintedWords, paintedPlan } from '../diffusion/painted-words.ts'
import { parsePrompt } from '../models/prompt/parse.ts'
import { schedulePrompts } from '../models/prompt/schedule.ts'
import { wordsIn } from '../models/prompt/words.ts'
import { Problem } from '../problem.ts'
import { mix } from '../tensor/arithmetic.ts'
import { fitImage, toGray } from '../tensor/fit.ts'
import { drawFromWords, type WordChoices } from './draw-from-words.ts'
import { nothingElse, tie } from './edit-parameters.ts'
import type { Operation, OperationContext } from './operation.ts'
import { about } from './parameter-meta.ts'
import { regions, wordParameters } from './parameters.ts'
import { wordsNamed } from './word-lists.ts'

const parameters = z.object({
  ...wordParameters,
  tie,
  regions: regions.meta(
    about({
      title: 'Painted words',
      description: 'Parts of the picture, each with words of the prompt that are drawn there.',
      group: 'words',
      widget: 'regions',
    }),
  ),
})
type Context = OperationContext<'checkpoint' | 'pictures'>

/** Words of the prompt are painted where they shall be: the paint-with-words of eDiff-I (Balaji et al. 2022, arXiv:2211.01324, section 4.3). In the time of
 *  an ordinary drawing, whatever the number of regions. */
export const paintWithWords: Operation<typeof parameters, 'checkpoint', 'checkpoint' | 'pictures'> = {
  id: 'paint-with-words',
  version: 1,
  title: 'Paint with words',
  description: 'Draws the words of a prompt where they are painted.',
  needs: { model: 'checkpoint' },
  parameters,
  async *run(context, chosen) {
    const painted = await paintedWords(context, chosen)
    return yield* drawFromWords(
      context,
      { ...chosen, regions: nothingElse.regions },
      {
        begin({ schedule, shape, noise, conditioning }) {
          const [, tokens] = conditioning.positive.encoder_hidden_states.shape
          const latents = mix([schedule.initialNoiseScale, noise(shape)])
          return { latents, attention: paintedPlan(painted, { tie: chosen.tie, tokens, schedule }) }
        },
      },
    )
  },
}

/** @throws Problem REGION_WORDS, WORD_UNKNOWN, PICTURE_* */
async function paintedWords({ checkpoint, pictures }: Context, chosen: WordChoices): Promise<PaintedWords[]> {
  const [said] = schedulePrompts([parsePrompt(chosen.prompt)], chosen.steps).states[0]
  const prompt = checkpoint.wordPlaces(said, chosen.longPrompts)
  const painted: PaintedWords[] = []
  for (const { prompt: words, mask, weight } of chosen.regions) {
    const list = wordsIn(words).map(({ text }) => text)
    const found = wordsNamed(list.join(' '), [prompt, prompt], 'regions')
    if (found === undefined) {
      throw new Problem('REGION_WORDS', 'A region has no words.', {
        hint: 'Write words of the prompt on it.',
        details: { field: 'regions' },
      })
    }
    const marks = fitImage(toGray(await pictures.read(mask, '#000000')), chosen, 'stretch', 'bilinear')
    painted.push({ mask: marks, tokens: [...new Set(found[0])], weight })
  }
  return painted
}
