import type { T5Tokenizer } from '../t5-tokenizer.ts'
import type { PromptChunk } from './chunks.ts'
import type { Sections } from './schedule.ts'

/** A prompt as T5 reads it: one window, whose padding is read too. */
export interface T5Chunk extends PromptChunk {
  /** Tokens of all words, also of those that are cut off; without the end and padding. */
  readonly words: number
  /** The words that are cut off; '' when none are. */
  readonly leftOut: string
}

/** A prompt in T5's one window: sections follow each other, and what does not fit is cut off, as the reference's tokenizer cuts it.
 *  @param window ids, the end included */
export function t5Chunk(sections: Sections, tokenizer: T5Tokenizer, window: number): T5Chunk {
  const [end, ...padding] = tokenizer.encode('', { maxLength: window }).ids
  const all = sections.flat().flatMap(({ text, weight }) => {
    const content = tokenizer.encode(text, { maxLength: 1 }).untruncated.slice(0, -1)
    return content.map(id => ({ id, weight }))
  })
  const read = all.slice(0, window - 1)
  const rest = padding.slice(read.length)
  return {
    ids: [...read.map(({ id }) => id), end, ...rest],
    weights: [...read.map(({ weight }) => weight), 1, ...rest.map(() => 1)],
    words: all.length,
    leftOut: tokenizer.decode(all.slice(window - 1).map(({ id }) => id)),
  }
}
