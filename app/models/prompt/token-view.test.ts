import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openClipTokenizer } from '../clip-tokenizer.ts'
import { openT5Tokenizer } from '../t5-tokenizer.ts'
import type { LongPrompts } from './chunks.ts'
import { countTokens, type PromptReader } from './count-tokens.ts'
import { viewTokens } from './token-view.ts'

const MODELS = join(import.meta.dirname, '../../../test/parity/goldens/models')
const learned = [{ word: 'my-cat', vectors: 2 }]
const clip = openClipTokenizer(join(MODELS, 'tokenizer'), { maxLength: 12, learned })
const t5 = { t5: openT5Tokenizer(join(MODELS, 't5_tokenizer_spiece')), window: 8 }

const wildcards = () => ['a red fox']
const view = (prompt: string, reader: PromptReader = clip, long: LongPrompts = 'chunks') =>
  viewTokens(prompt, reader, { long, steps: 10, wildcards })
/** The words of each token. */
const words = (prompt: string, reader?: PromptReader, long?: LongPrompts) => {
  const { text, tokens } = view(prompt, reader, long)
  return tokens.map(({ start, end }) => text.slice(start, end))
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc
    .array(
      fc.constantFrom(
        'a cat',
        ' ',
        '\r\n',
        '🦊',
        '👩‍🎨',
        'e\u0301',
        '\u1112\u1161\u11ab',
        'ﬁ',
        'İ',
        'ΟΔΟΣ',
        '\ud83d',
        'my-cat',
        '</s>',
        '<|endoftext|>',
        '猫',
        '\u2581',
      ),
      { maxLength: 15 },
    )
    .map(all => all.join('')),
)

test.each([
  ['CLIP', clip, (text: string) => clip.encode(text).untruncated.slice(1, -1)],
  ['T5', t5.t5, (text: string) => t5.t5.encode(text, { maxLength: 1 }).untruncated.slice(0, -1)],
])('%s: pieces are the ids, in order, and inside the text', (_, tokenizer, encode) => {
  fc.assert(
    fc.property(texts, text => {
      const pieces = tokenizer.pieces(text)
      expect(pieces.map(({ id }) => id)).toEqual(encode(text))
      let last = 0
      for (const { start, end } of pieces) {
        expect(start).toBeGreaterThanOrEqual(last)
        expect(end).toBeGreaterThanOrEqual(start)
        expect(end).toBeLessThanOrEqual(text.length)
        last = start
      }
    }),
    { numRuns: 1000 },
  )
})

test('what is visible belongs to a token of CLIP', () => {
  fc.assert(
    fc.property(texts, text => {
      const covered = new Set(
        clip.pieces(text).flatMap(({ start, end }) => Array.from({ length: end - start }, (_, k) => start + k)),
      )
      const missed = Array.from(text.matchAll(/\P{White_Space}/gsu)).filter(({ index }) => !covered.has(index))
      expect(missed.map(({ 0: character }) => character)).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('bytes of one character stand for it; composed ones for what they were made of', () => {
  expect(new Set(words('🦊'))).toEqual(new Set(['🦊']))
  expect(words('🦊').length).toBeGreaterThan(1)
  expect(words('e\u0301').every(word => word === 'e\u0301')).toBe(true)
})

test('a learned word is as many tokens as it has vectors, in any case', () => {
  const { text, tokens } = view('a My-Cat, (my-cat:1.2)')
  const found = tokens.filter(({ id }) => id >= clip.firstLearned)
  expect(found.map(({ start, end }) => text.slice(start, end))).toEqual(['My-Cat', 'My-Cat', 'my-cat', 'my-cat'])
  expect(found.map(({ id }) => id - clip.firstLearned)).toEqual([0, 1, 0, 1])
  expect(found.map(({ weight }) => weight)).toEqual([1, 1, 1.2, 1.2])
})

test('syntax belongs to no token, escapes to the character', () => {
  expect(words('(a:1.3) [b]').join(' ')).toBe('a b')
  expect(view('(a:1.3) b').tokens.map(({ weight }) => weight)).toEqual([1.3, 1])
  expect(words(String.raw`\(a\)`).join('')).toBe('(a)'.replace('(', '(').replace(')', ')'))
})

test('chunks and what is cut off are those that are read', () => {
  const long = 'a b c d e f g h i j k l'
  expect(view(long).tokens.map(({ chunk }) => chunk)).toEqual([...Array(10).fill(0), 1, 1])
  const cut = view(long, clip, 'cut').tokens
  expect(cut.map(({ isCut }) => isCut)).toEqual([...Array(10).fill(false), true, true])
  expect(view('a BREAK b').tokens.map(({ chunk }) => chunk)).toEqual([0, 1])
  const byT5 = view(long, t5).tokens
  expect(byT5.findIndex(({ isCut }) => isCut)).toBe(7)
})

test('places count in the text with its choices made; of changes the longest is shown', () => {
  expect(view('__animal__, {a|a}')).toMatchObject({ text: 'a red fox, a', changes: false })
  const changing = view('[a:b c d:0.5]')
  expect(changing.changes).toBe(true)
  expect(words('[a:b c d:0.5]').join(' ')).toBe('b c d')
})

test.each(['a (fox:1.2)', 'a, b '.repeat(12), 'a BREAK b BREAK', '[a|b c]', ''])(
  'counts agree with countTokens: %s',
  prompt => {
    for (const long of ['chunks', 'cut'] as const) {
      const { tokens, chunks, limit } = view(prompt, clip, long)
      const counted = countTokens(prompt, clip, { long, steps: 10, wildcards })
      expect({ tokens: tokens.length + 2 * chunks, chunks, limit }).toMatchObject({
        ...{ tokens: counted.tokens, chunks: counted.chunks, limit: counted.limit },
      })
    }
  },
)
