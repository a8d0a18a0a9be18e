import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { encodeWord } from './byte-pair-encoding.ts'
import { openClipTokenizer } from './clip-tokenizer.ts'

/* The reference's own ids are replayed by test/parity (03_clip/tokenizer_*); here: another program, and what is odd. */

const TINY = join(import.meta.dirname, '../../test/parity/goldens/models/tokenizer')
const temporary = mkdtempSync(join(tmpdir(), 'sfumato-tokenizer-'))
afterAll(() => rmSync(temporary, { recursive: true }))

/** A tokenizer folder like TINY with some files replaced or, with undefined, left out. */
function folderWith(name: string, files: Record<string, string | undefined>): string {
  const folder = join(temporary, name)
  mkdirSync(folder)
  const copied = {
    'vocab.json': readFileSync(join(TINY, 'vocab.json'), 'utf8'),
    'merges.txt': readFileSync(join(TINY, 'merges.txt'), 'utf8'),
  }
  for (const [file, text] of Object.entries({ ...copied, ...files })) {
    if (text !== undefined) writeFileSync(join(folder, file), text)
  }
  return folder
}

/** tokenizers.js, set up as the reference sets up CLIP's tokenizer. */
function otherProgram(folder: string): (text: string) => number[] {
  const vocab = JSON.parse(readFileSync(join(folder, 'vocab.json'), 'utf8'))
  const merges = readFileSync(join(folder, 'merges.txt'), 'utf8').trimEnd().split('\n').slice(1)
  const normalizer = {
    type: 'Sequence',
    normalizers: [
      { type: 'NFC' },
      { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
      { type: 'Lowercase' },
    ],
  }
  const words = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
  const pre_tokenizer = {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Split', pattern: { Regex: words }, behavior: 'Removed', invert: true },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
    ],
  }
  const model = {
    type: 'BPE',
    unk_token: '<|endoftext|>',
    continuing_subword_prefix: '',
    end_of_word_suffix: '</w>',
    fuse_unk: false,
    vocab,
    merges,
  }
  const tokenizer = new Tokenizer(
    { version: '1.0', added_tokens: [], normalizer, pre_tokenizer, post_processor: null, decoder: null, model },
    {},
  )
  return text => tokenizer.encode(text, { add_special_tokens: false }).ids
}

test('the ids of random texts are those of another program', () => {
  const tokenizer = openClipTokenizer(TINY, { maxLength: 77 })
  const other = otherProgram(TINY)
  // Left out: sigma, which JavaScript lowers by its place in the word, and two signs that it counts as (no) white space.
  const text = fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .filter(text => !/[\u03a3\u0085\ufeff]/.test(text.normalize('NFC')))
  const prompt = fc.oneof(
    text,
    fc
      .array(fc.constantFrom('A cat', ' ', "it's", '3d', '(red:1.2)', '\n', 'ÉCOLE', '…'), { maxLength: 20 })
      .map(words => words.join('')),
  )
  fc.assert(
    fc.property(prompt, text => {
      expect(tokenizer.encode(text).untruncated.slice(1, -1)).toEqual(other(text))
    }),
    { numRuns: 500 },
  )
})

test('a text fills its length exactly: begin, text, end, padding', () => {
  const tokenizer = openClipTokenizer(TINY, { maxLength: 77 })
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), fc.integer({ min: 2, max: 90 }), (text, maxLength) => {
      const { ids, attentionMask, untruncated, leftOut } = tokenizer.encode(text, { maxLength })
      const kept = Math.min(untruncated.length, maxLength)
      expect([ids.length, attentionMask.length]).toEqual([maxLength, maxLength])
      expect(attentionMask.filter(Boolean).length).toBe(kept)
      expect(ids.slice(0, kept - 1)).toEqual(untruncated.slice(0, kept - 1))
      expect(ids[kept - 1]).toBe(untruncated.at(-1))
      expect(leftOut === '').toBe(untruncated.length <= maxLength)
    }),
  )
})

test('what found no room is given back in words', () => {
  const tokenizer = openClipTokenizer(TINY, { maxLength: 77 })
  const { leftOut } = tokenizer.encode('A photo of a cat, Sleeping on the ROOF', { maxLength: 2 })
  expect(leftOut).toBe('a photo of a cat , sleeping on the roof')
})

test('special tokens are found as written, or in any case where they ask for it', () => {
  const ends = (name: string, normalized: boolean, text: string) => {
    const map = JSON.stringify({ eos_token: { content: '<|endoftext|>', normalized } })
    const tokenizer = openClipTokenizer(folderWith(name, { 'special_tokens_map.json': map }), { maxLength: 9 })
    const { untruncated } = tokenizer.encode(text)
    return untruncated.filter(id => id === untruncated.at(-1)).length - 1
  }
  expect(ends('as-written', false, 'a<|endoftext|>b')).toBe(1)
  expect(ends('as-written-upper', false, 'a<|EndOfText|>b')).toBe(0)
  expect(ends('normalised', true, 'a<|endoftext|>b')).toBe(1)
  expect(ends('normalised-upper', true, 'a<|EndOfText|>b')).toBe(1)
})

test('the length: the folder’s own, but no more than the text encoder has places', () => {
  const length = (name: string, model_max_length: number | null) =>
    openClipTokenizer(folderWith(name, { 'tokenizer_config.json': JSON.stringify({ model_max_length }) }), {
      maxLength: 32,
    }).maxLength
  expect(length('short', 16)).toBe(16)
  expect(length('long', 1e30)).toBe(32)
  expect(length('unnamed', null)).toBe(32)
})

test('merges go by rank, also where one makes a pair of lower rank', () => {
  const ranks = (...merges: string[]) => new Map(merges.map((merge, rank) => [merge, rank]))
  expect(encodeWord('abab', ranks('a b', 'ab ab</w>', 'b</w> x'))).toEqual(['ab', 'a', 'b</w>'])
  expect(encodeWord('abab', ranks('a b', 'a b</w>', 'ab ab</w>'))).toEqual(['abab</w>'])
  expect(encodeWord('xyxyz', ranks('xy x', 'x y'))).toEqual(['xyx', 'y', 'z</w>'])
})

test('what is wrong with a folder is said, with the file', () => {
  const refuse = (name: string, files: Record<string, string | undefined>) => {
    const folder = folderWith(name, files)
    return () => openClipTokenizer(folder, { maxLength: 77 }).encode('cat')
  }
  const problem = (code: string, file: string) =>
    expect.objectContaining({ code, message: expect.stringContaining(file) })
  expect(refuse('no-vocab', { 'vocab.json': undefined })).toThrow(problem('FILE_MISSING', 'vocab.json'))
  expect(refuse('no-merges', { 'merges.txt': undefined })).toThrow(problem('FILE_MISSING', 'merges.txt'))
  expect(refuse('empty-merges', { 'merges.txt': '#version: 0.2\n' })).toThrow(problem('TOKENIZER_FILE', 'merges.txt'))
  expect(refuse('broken', { 'vocab.json': '{"a": 1' })).toThrow(problem('JSON_FILE', 'vocab.json'))
  expect(refuse('no-end', { 'vocab.json': '{"<|startoftext|>": 0}' })).toThrow(
    problem('TOKENIZER_FILE', '<|endoftext|>'),
  )
  expect(refuse('odd-id', { 'vocab.json': '{"<|startoftext|>": "0"}' })).toThrow(
    problem('TOKENIZER_FILE', '<|startoftext|>'),
  )
  expect(refuse('odd-map', { 'special_tokens_map.json': '{"eos_token": 3}' })).toThrow(
    problem('TOKENIZER_FILE', 'eos_token'),
  )
})

test('learned words take the ids behind the vocabulary, in any case and within words', () => {
  const learned = [
    { word: '<Cat>', vectors: 2 },
    { word: 'sks', vectors: 1 },
  ]
  const tokenizer = openClipTokenizer(TINY, { maxLength: 16, learned })
  const plain = openClipTokenizer(TINY, { maxLength: 16 })
  const first = tokenizer.firstLearned
  expect(first).toBe(Object.keys(JSON.parse(readFileSync(join(TINY, 'vocab.json'), 'utf8'))).length)
  const inner = (text: string) => tokenizer.encode(text).untruncated.slice(1, -1)
  const usual = (text: string) => plain.encode(text).untruncated.slice(1, -1)
  expect(inner('a <cat> b')).toEqual([...usual('a'), first, first + 1, ...usual('b')])
  expect(inner('<CAT>_1')).toEqual([first + 1])
  expect(inner('asksb')).toEqual([...usual('a'), first + 2, ...usual('b')])
  expect(inner('no such word')).toEqual(usual('no such word'))
  expect(tokenizer.tokens([first, first + 1, first + 2])).toEqual(['<Cat>', '<Cat>_1', 'sks'])
})

test.each([['a</w>'], ['']])('"%s" cannot stand for an embedding', word => {
  const open = () => openClipTokenizer(TINY, { maxLength: 16, learned: [{ word, vectors: 1 }] })
  expect(open).toThrow(expect.objectContaining({ code: 'EMBEDDING_WORD' }))
})
