import type { ClipTokenizer } from '../clip-tokenizer.ts'
import { inChunks, type LongPrompts } from './chunks.ts'
import type { Sections } from './schedule.ts'
import { wordsIn } from './words.ts'

/** A word of a prompt, or a sign between words. */
export interface PlacedWord {
  readonly text: string
  /** Where its tokens stand in what a network attends to; none where it is cut off. */
  readonly places: readonly number[]
}

/** Where the words of a prompt stand in what a network attends to: chunks of the tokenizer's window, one after the other. */
export interface WordPlaces {
  readonly words: readonly PlacedWord[]
  /** All tokens but padding, in their order: begin, words and end of each chunk. */
  readonly tokens: readonly { readonly id: number; readonly place: number }[]
  /** Tokens of a chunk. */
  readonly window: number
}

/** Finds the words of a prompt as CLIP's text encoders read it. */
export function wordPlaces(sections: Sections, tokenizer: ClipTokenizer, long: LongPrompts): WordPlaces {
  const words: { text: string; places: number[] }[] = []
  const read = sections.map(section =>
    section.flatMap(({ text }) => {
      const found = wordsIn(text)
      const first = words.push(...found.map(({ text }) => ({ text, places: [] }))) - found.length
      return tokenizer.pieces(text).map(({ id, start }) => {
        const inside = found.findLastIndex(word => word.start <= start)
        return { id, word: first + Math.max(inside, 0) }
      })
    }),
  )
  const [begin, end] = tokenizer.encode('').ids
  const window = tokenizer.maxLength
  const tokens = inChunks(read, tokenizer, long).parts.flatMap((part, chunk) => {
    const at = chunk * window
    for (const [k, { word }] of part.entries()) words[word]?.places.push(at + 1 + k)
    return [
      { id: begin, place: at },
      ...part.map(({ id }, k) => ({ id, place: at + 1 + k })),
      { id: end, place: at + 1 + part.length },
    ]
  })
  return { words, tokens, window }
}
