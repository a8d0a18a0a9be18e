import { TorchGenerator } from '../../tensor/random.ts'
import type { ClipTokenizer } from '../clip-tokenizer.ts'
import type { T5Tokenizer } from '../t5-tokenizer.ts'
import { chunkPrompt, type LongPrompts } from './chunks.ts'
import { parsePrompt } from './parse.ts'
import { type Sections, schedulePrompts } from './schedule.ts'
import { t5Chunk } from './t5-chunk.ts'
import { chooseVariants } from './variants.ts'
import type { Wildcards } from './wildcards.ts'

/** How much of a text encoder a prompt takes. */
export interface TokenCount {
  /** Tokens of the words, also of those that are cut off, and of begin and end of each chunk. */
  readonly tokens: number
  /** Tokens that are read at once, begin and end included. */
  readonly limit: number
  /** How many times so many are read. */
  readonly chunks: number
  /** The words that are cut off; '' when none are. */
  readonly leftOut: string
}

/** What reads prompts: CLIP's tokenizer in chunks, or T5's in one window of so many tokens. */
export type PromptReader = ClipTokenizer | { readonly t5: T5Tokenizer; readonly window: number }

/** Counts the tokens of a prompt without its syntax, where it changes by step at its longest. Of choices (`{a|b}`) one is counted.
 *  @throws Problem PROMPT_WEIGHT, WILDCARD_*, PROMPT_LONG, FILE_* */
export function countTokens(
  prompt: string,
  reader: PromptReader,
  { long, steps, wildcards }: { long: LongPrompts; steps: number; wildcards: Wildcards },
): TokenCount {
  const text = chooseVariants(prompt, new TorchGenerator(0n), wildcards)
  const { states } = schedulePrompts([parsePrompt(text)], steps)
  const counts = states.map(([sections]) => countOf(sections, reader, long))
  return counts.reduce((most, each) => (each.tokens > most.tokens ? each : most))
}

function countOf(sections: Sections, reader: PromptReader, long: LongPrompts): TokenCount {
  if ('t5' in reader) {
    const { words, leftOut } = t5Chunk(sections, reader.t5, reader.window)
    return { tokens: words + 1, limit: reader.window, chunks: 1, leftOut }
  }
  const { chunks, words, leftOut } = chunkPrompt(sections, reader, long)
  return { tokens: words + 2 * chunks.length, limit: reader.maxLength, chunks: chunks.length, leftOut }
}
