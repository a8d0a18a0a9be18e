import { openClipTokenizer } from '../models/clip-tokenizer.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { openModel } from '../weights/open-model.ts'
import { classCaption } from './class-images.ts'
import { streamOf } from './loop.ts'

/** Of so many class images one shows the class itself, the others show other things. */
const KINDS = 4

/** What class images are drawn from: captions without the identifier, and more often the same captions about other things, so that neither style nor
 *  background comes to mean the concept, and what the model knows beside the class is kept as well.
 *  @param concept identifier and class, each one or several words  @param words what the model may know things by; none: all show the class
 *  @returns so many prompts, the same at each call */
export function classPrompts(
  captions: readonly string[],
  concept: { readonly identifier: string; readonly class: string },
  words: readonly string[],
  count: number,
): string[] {
  // The same in each training, so that what was drawn of them can be used again.
  const places = streamOf(0n, 'words of class images').integers([count], 0, Math.max(1, words.length))
  const name = [concept.identifier, concept.class].filter(part => part !== '').join(' ')
  return Array.from({ length: count }, (_, k) => {
    const caption = captions[k % captions.length]
    if (words.length === 0 || k % KINDS === 0) return classCaption(caption, concept.identifier)
    const other = words[places[k]]
    return name !== '' && caption.includes(name) ? caption.replaceAll(name, other) : `a ${other}`
  })
}

/** The whole words that a checkpoint's tokenizer has an entry for: what its text encoder saw most often.
 *  @throws Problem COMPONENT_*, TOKENIZER_FILE, FILE_*, JSON_FILE */
export function vocabularyOf({ description: { path, promptTokens } }: Checkpoint): string[] {
  const { folder } = openModel(path).component('tokenizer')
  const tokenizer = openClipTokenizer(folder, { maxLength: promptTokens })
  const entries = tokenizer.tokens(Array.from({ length: tokenizer.firstLearned }, (_, id) => id))
  return entries.flatMap(entry => /^(\p{L}{3,})<\/w>$/u.exec(entry)?.[1] ?? [])
}
