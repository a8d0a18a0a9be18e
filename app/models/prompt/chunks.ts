import type { ClipTokenizer } from '../clip-tokenizer.ts'
import type { Sections } from './schedule.ts'

/** What is done with words beyond the text encoder's window: they are read in further chunks, or cut off as the reference does. */
export type LongPrompts = 'chunks' | 'cut'

/** What a text encoder reads at once: begin, words, end, padding. */
export interface PromptChunk {
  readonly ids: readonly number[]
  /** Of each token; 1 for begin, end and padding. */
  readonly weights: readonly number[]
}

/** A prompt as a text encoder reads it. */
export interface ChunkedPrompt {
  /** One or more. */
  readonly chunks: readonly PromptChunk[]
  /** Tokens of all words, also of those that are cut off; without begin, end and padding. */
  readonly words: number
  /** The words that are cut off, as the model would have read them; '' when none are. */
  readonly leftOut: string
}

/** So many tokens at most move to the next chunk, that a chunk may end at a comma. */
const REACH = 20

interface Token {
  readonly id: number
  readonly weight: number
}

/** A prompt in chunks of the tokenizer's window, as the AUTOMATIC1111 web UI makes them (its modules/sd_hijack_clip.py): a new one for
 *  each section; one that overflows ends after its last comma if at most 20 tokens stand from there to its end.
 *  With 'cut' there is one chunk: what fits into the window, wherever the sections begin, as the reference's tokenizer cuts it. */
export function chunkPrompt(sections: Sections, tokenizer: ClipTokenizer, long: LongPrompts): ChunkedPrompt {
  const read = sections.map(section => section.flatMap(({ text, weight }) => tokensOf(text, weight, tokenizer)))
  const { parts, rest } = inChunks(read, tokenizer, long)
  const leftOut = rest.length === 0 ? '' : tokenizer.decode(rest.map(({ id }) => id))
  return { chunks: parts.map(part => chunkOf(part, tokenizer)), words: read.flat().length, leftOut }
}

/** The tokens of each chunk, and those that are cut off. @param read the tokens of each section */
export function inChunks<Each extends { readonly id: number }>(
  read: readonly (readonly Each[])[],
  tokenizer: ClipTokenizer,
  long: LongPrompts,
): { readonly parts: readonly (readonly Each[])[]; readonly rest: readonly Each[] } {
  const room = tokenizer.maxLength - 2
  const all = read.flat()
  if (long === 'cut') return { parts: [all.slice(0, room)], rest: all.slice(room) }
  // A BREAK at the end breaks nothing.
  const filled = read.length > 1 && read.at(-1)?.length === 0 ? read.slice(0, -1) : read
  const comma = commaOf(tokenizer)
  return { parts: filled.flatMap(tokens => split(tokens, room, comma)), rest: [] }
}

/** A chunk without words, which makes a prompt as long as another one. */
export const emptyChunk = (tokenizer: ClipTokenizer): PromptChunk => chunkOf([], tokenizer)

const tokensOf = (text: string, weight: number, tokenizer: ClipTokenizer): Token[] =>
  tokenizer
    .encode(text)
    .untruncated.slice(1, -1)
    .map(id => ({ id, weight }))

function chunkOf(tokens: readonly Token[], tokenizer: ClipTokenizer): PromptChunk {
  const { ids: empty } = tokenizer.encode('')
  const [begin, end] = empty
  const padding = empty.slice(2 + tokens.length)
  return {
    ids: [begin, ...tokens.map(({ id }) => id), end, ...padding],
    weights: [1, ...tokens.map(({ weight }) => weight), 1, ...padding.map(() => 1)],
  }
}

/** The id of a comma that stands alone; undefined where the vocabulary has none. */
function commaOf(tokenizer: ClipTokenizer): number | undefined {
  const ids = tokenizer.encode(',').untruncated.slice(1, -1)
  return ids.length === 1 && tokenizer.tokens(ids)[0] === ',</w>' ? ids[0] : undefined
}

function split<Each extends { readonly id: number }>(
  tokens: readonly Each[],
  room: number,
  comma: number | undefined,
): (readonly Each[])[] {
  const parts: (readonly Each[])[] = []
  let from = 0
  while (tokens.length - from > room) {
    const end = borderOf(tokens, from, from + room, comma)
    parts.push(tokens.slice(from, end))
    from = end
  }
  return [...parts, tokens.slice(from)]
}

/** Where a chunk that begins at `from` and is full at `full` ends: after its last comma if that is near. A comma that would overflow
 *  itself begins the next chunk, and there it ends none. */
function borderOf(
  tokens: readonly { readonly id: number }[],
  from: number,
  full: number,
  comma: number | undefined,
): number {
  if (tokens[full].id === comma) return full
  const last = tokens.slice(0, full).findLastIndex(({ id }) => id === comma)
  const begins = from > 0 && last === from
  return last >= from && !begins && full - last <= REACH ? last + 1 : full
}
