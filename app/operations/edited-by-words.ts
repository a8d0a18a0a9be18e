import type { z } from 'zod'
import { promptToPrompt } from '../diffusion/prompt-to-prompt.ts'
import { type Focus, keptToWords, placesOfWords, WordMaps } from '../diffusion/word-maps.ts'
import { alignmentOf, equalizerOf } from '../models/prompt/alignment.ts'
import { parsePrompt } from '../models/prompt/parse.ts'
import { schedulePrompts } from '../models/prompt/schedule.ts'
import type { WordPlaces } from '../models/prompt/word-places.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { RgbImage } from '../tensor/images.ts'
import { enlarged, laidOver, softenedInside, wholeOf } from '../tensor/masks.ts'
import { type Beginning, begunBy, fromNoise, type Method, type WordChoices } from './draw-from-words.ts'
import type { attentionEdits } from './edit-parameters.ts'
import type { Complete, Progress } from './operation.ts'
import { wordsNamed, wordWeights } from './word-lists.ts'

/** What prompt-to-prompt is told. */
export type WordEdits = WordChoices & { readonly to: string } & Complete<z.output<z.ZodObject<typeof attentionEdits>>>

/** Share of the run after which a change keeps to its words, as in the authors' program: before, nothing is where it will be. */
const BLENDED_FROM = 0.2
/** Pixels over which a change fades in. */
const SOFT_EDGE = 8
/** Places in whose attention shapes are kept, at least: 16 x 16, which the authors take for latents of 64 x 64. */
const FEWEST_PLACES = 256

/** Prompt-to-prompt (Hertz et al. 2022, arXiv:2208.01626): source and edited picture are drawn together, and the edited one with the attention of the
 *  source. @param source where the source begins: from noise, or from the noise of a picture
 *  @throws Problem ATTENTION_KIND, WORD_UNKNOWN, WORD_WEIGHT */
export function editedByWords(checkpoint: Checkpoint, chosen: WordEdits, source: Method = fromNoise): Method {
  const [before, after] = bothPlaces(checkpoint, chosen)
  const weights = wordWeights(chosen.weights, after)
  const named = wordsNamed(chosen.onlyWhere, [before, after], 'onlyWhere')
  const focus = named && { tokens: named, above: chosen.onlyAbove }
  let maps = new WordMaps()
  return {
    ...source,
    // What does not change keeps the pixels that it had.
    finish: drawn => (focus && source.picture ? laidOnPicture(drawn, source.picture, maps, focus) : drawn),
    versions: [chosen.prompt, chosen.to],
    async *begin(place): AsyncGenerator<Progress, Beginning> {
      const beginning = yield* begunBy(source, place)
      const calls = place.schedule.timesteps.length
      const [, tokens] = place.conditioning.positive.encoder_hidden_states.shape
      const [, , height, width] = place.shape
      const edit = {
        ...alignmentOf(before, after, tokens),
        equalizer: equalizerOf(after, tokens, weights),
        ...{ placement: chosen.keepPlacement, shape: chosen.keepShape },
        mostPlaces: Math.max(FEWEST_PLACES, (height * width) / 16),
      }
      const plan = promptToPrompt(edit, { steps: chosen.steps, calls })
      if (focus === undefined) return { ...beginning, attention: plan }
      maps = new WordMaps()
      const keep = keptToWords(maps, focus, Math.floor(BLENDED_FROM * calls) + 1)
      return {
        ...beginning,
        attention: { ...plan, sizes: { ...plan.sizes, maps: true }, onMaps: each => maps.add(each) },
        after: (latents, call) => keep(beginning.after?.(latents, call) ?? latents, call),
      }
    },
  }
}

/** The drawn picture where its words look, the picture that it was edited from elsewhere. */
function laidOnPicture(drawn: RgbImage, picture: RgbImage, maps: WordMaps, focus: Focus): RgbImage {
  const [width, height] = [Math.ceil(picture.width / 4), Math.ceil(picture.height / 4)]
  const mask = enlarged(placesOfWords(maps, focus, [1, 1, height, width]), picture)
  return laidOver(picture, drawn, softenedInside(mask, SOFT_EDGE), wholeOf(picture))
}

/** Where the words of both prompts stand, as they are read at the first step. */
function bothPlaces(
  checkpoint: Checkpoint,
  { prompt, to, steps, longPrompts }: Pick<WordEdits, 'prompt' | 'to' | 'steps' | 'longPrompts'>,
): [WordPlaces, WordPlaces] {
  const [before, after] = schedulePrompts([prompt, to].map(parsePrompt), steps).states[0]
  return [checkpoint.wordPlaces(before, longPrompts), checkpoint.wordPlaces(after, longPrompts)]
}
