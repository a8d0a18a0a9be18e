import { TorchGenerator } from '../../tensor/random.ts'
import type { ClipTokenizer } from '../clip-tokenizer.ts'
import { chunkPrompt, type LongPrompts } from './chunks.ts'
import { parsePrompt } from './parse.ts'
import { schedulePrompts } from './schedule.ts'
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

/** Counts the tokens of a prompt without its syntax, where it changes by step at its longest. Of choices (`{a|b}`) one is counted.
 *  @throws Problem PROMPT_WEIGHT, WILDCARD_*, PROMPT_LONG, FILE_* */
export function countTokens(
  prompt: string,
  tokenizer: ClipTokenizer,
  { long, steps, wildcards }: { long: LongPrompts; steps: number; wildcards: Wildcards },
): TokenCount {
  const text = chooseVariants(prompt, new TorchGenerator(0n), wildcards)
  const { states } = schedulePrompts([parsePrompt(text)], steps)
  const read = states.map(([sections]) => chunkPrompt(sections, tokenizer, long))
  const { chunks, words, leftOut } = read.reduce((most, each) => (each.words > most.words ? each : most))
  return { tokens: words + 2 * chunks.length, limit: tokenizer.maxLength, chunks: chunks.length, leftOut }
}
