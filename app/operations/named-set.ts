import type { TrainingSet } from '../training/data.ts'

/** What is learned, as captions call it. */
export interface Concept {
  /** Its own word, e.g. "sks"; '' for none. */
  readonly identifier: string
  /** What kind of thing it is, e.g. "cat"; '' where that is not said. */
  readonly class: string
}

/** "a sks cat" */
export const conceptWords = ({ identifier, class: kind }: Concept): string =>
  ['a', identifier, kind].filter(word => word !== '').join(' ')

/** A data set whose captions all say the concept's word, but for those of class images. @param flip whether every picture may be mirrored */
export const namedSet = ({ examples, read }: TrainingSet, concept: Concept, flip: boolean): TrainingSet => ({
  examples: mirrorable({ examples, read }, flip).examples.map(example => ({
    ...example,
    caption: example.isClassImage ? example.caption : captionNaming(example.caption, concept),
  })),
  read,
})

/** The same set. @param flip whether every picture may be mirrored, not only those of which a person said so */
export const mirrorable = (set: TrainingSet, flip: boolean): TrainingSet => ({
  ...set,
  examples: set.examples.map(example => ({ ...example, mayFlip: example.mayFlip || flip })),
})

/** A caption with the concept's word in it: before its kind where that is named ("a cat on a mat": "a sks cat on a mat"), else at the
 *  beginning. */
export function captionNaming(caption: string, concept: Concept): string {
  const { identifier, class: kind } = concept
  if (caption === '') return conceptWords(concept)
  if (identifier === '' || placeOf(identifier, caption) >= 0) return caption
  const place = kind === '' ? -1 : placeOf(kind, caption)
  if (place < 0) return `${conceptWords(concept)}, ${caption}`
  return `${caption.slice(0, place)}${identifier} ${caption.slice(place)}`
}

/** Where some words stand in a caption, as whole words; -1: nowhere. */
const placeOf = (words: string, caption: string): number =>
  caption.search(new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(words)}(?![\\p{L}\\p{N}])`, 'iu'))
