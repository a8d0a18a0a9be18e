import { TorchGenerator } from '../../tensor/random.ts'
import type { Piece } from '../placed-text.ts'
import { inChunks, type LongPrompts } from './chunks.ts'
import type { PromptReader } from './count-tokens.ts'
import { parsePlaced } from './parse.ts'
import { type Sections, schedulePrompts } from './schedule.ts'
import { chooseVariants } from './variants.ts'
import type { Wildcards } from './wildcards.ts'

/** A token as a text encoder reads it, and the words that it stands for. */
export interface ReadToken extends Piece {
  readonly weight: number
  /** Which chunk it is read in, from 0. */
  readonly chunk: number
  /** Beyond the window: it is not read. */
  readonly isCut: boolean
}

/** A prompt, token by token. */
export interface TokenView {
  /** What `start` and `end` of the tokens count in: the prompt, its choices (`{a|b}`, wildcards) made. */
  readonly text: string
  /** In the order in which they are read. Syntax belongs to none of them. */
  readonly tokens: readonly ReadToken[]
  /** Tokens that are read at once, begin and end included. */
  readonly limit: number
  readonly chunks: number
  /** The prompt says something else at other steps; this is its longest. */
  readonly changes: boolean
}

/** What of a prompt is one token, how much it counts, and what is cut off.
 *  @throws Problem PROMPT_WEIGHT, WILDCARD_*, PROMPT_LONG, FILE_* */
export function viewTokens(
  prompt: string,
  reader: PromptReader,
  { long, steps, wildcards }: { long: LongPrompts; steps: number; wildcards: Wildcards },
): TokenView {
  const text = chooseVariants(prompt, new TorchGenerator(0n), wildcards)
  const { states } = schedulePrompts([parsePlaced(text)], steps)
  const views = states.map(([sections]) => readBy(reader, sections, long))
  const longest = views.reduce((most, each) => (each.tokens.length > most.tokens.length ? each : most))
  return { text, ...longest, changes: states.length > 1 }
}

function readBy(reader: PromptReader, sections: Sections, long: LongPrompts) {
  const tokenizer = 't5' in reader ? reader.t5 : reader
  const read = sections.map(section =>
    section.flatMap(({ text, weight, places = [] }) =>
      tokenizer.pieces(text).map(({ id, start, end }) => {
        const from = places[start] ?? (places.at(-1) ?? -1) + 1
        return { id, start: from, end: end > start ? places[end - 1] + 1 : from, weight }
      }),
    ),
  )
  if ('t5' in reader) {
    const tokens = read.flat().map((token, k) => ({ ...token, chunk: 0, isCut: k >= reader.window - 1 }))
    return { tokens, limit: reader.window, chunks: 1 }
  }
  const { parts, rest } = inChunks(read, reader, long)
  const inParts = parts.flatMap((part, chunk) => part.map(token => ({ ...token, chunk, isCut: false })))
  const cut = rest.map(token => ({ ...token, chunk: 0, isCut: true }))
  return { tokens: [...inParts, ...cut], limit: reader.maxLength, chunks: parts.length }
}
