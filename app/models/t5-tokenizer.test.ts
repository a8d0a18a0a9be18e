import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Tokenizer } from '@huggingface/tokenizers'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { openT5Tokenizer } from './t5-tokenizer.ts'

/* The reference's own ids are replayed by test/parity (03_clip/t5_tokenizer); here: another program, and what is odd. */

const MODELS = join(import.meta.dirname, '../../test/parity/goldens/models')
const JSON_FILE = join(MODELS, 't5_tokenizer_json/tokenizer.json')
const SPIECE = join(MODELS, 't5_tokenizer_spiece/spiece.model')
const temporary = mkdtempSync(join(tmpdir(), 'sfumato-t5-'))
afterAll(() => rmSync(temporary, { recursive: true }))

function folderWith(name: string, files: Record<string, string | Uint8Array>): string {
  const folder = join(temporary, name)
  mkdirSync(folder, { recursive: true })
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
  return folder
}

test('the ids of random plain texts are those of another program', () => {
  const tokenizer = openT5Tokenizer(join(MODELS, 't5_tokenizer_json'))
  const other = new Tokenizer(JSON.parse(readFileSync(JSON_FILE, 'utf8')), {})
  const text = fc.oneof(
    fc.string({ maxLength: 40 }),
    fc
      .array(fc.constantFrom('a cat', ' ', 'castle', '\n', '(red:1.2)', 'é', '猫', '</s>'), { maxLength: 15 })
      .map(all => all.join('')),
  )
  fc.assert(
    fc.property(text, text => {
      expect(tokenizer.encode(text, { maxLength: 512 }).untruncated).toEqual(other.encode(text).ids)
    }),
    { numRuns: 500 },
  )
})

test('a text fills its length exactly: the text, end, padding', () => {
  const tokenizer = openT5Tokenizer(join(MODELS, 't5_tokenizer_spiece'))
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), fc.integer({ min: 1, max: 50 }), (text, maxLength) => {
      const { ids, attentionMask, untruncated } = tokenizer.encode(text, { maxLength })
      const kept = Math.min(untruncated.length, maxLength)
      expect([ids.length, attentionMask.length]).toEqual([maxLength, maxLength])
      expect(ids).toEqual([...untruncated.slice(0, kept - 1), 1, ...Array(maxLength - kept).fill(0)])
      expect(attentionMask.filter(Boolean).length).toBe(kept)
    }),
  )
})

test('what found no room is given back in words', () => {
  const tokenizer = openT5Tokenizer(join(MODELS, 't5_tokenizer_spiece'))
  const { untruncated, leftOut } = tokenizer.encode('a photo of  the castle', { maxLength: 3 })
  expect(leftOut).toBe(tokenizer.decode(untruncated.slice(2)))
  expect('a photo of the castle'.endsWith(leftOut)).toBe(true)
  expect(tokenizer.encode('a', { maxLength: 30 }).leftOut).toBe('')
})

test('tokenizer.json is taken where both files are there', () => {
  const both = folderWith('both', { 'spiece.model': readFileSync(SPIECE) })
  const ids = () => openT5Tokenizer(both).encode('a photo of the castle', { maxLength: 40 }).ids
  const before = ids()
  copyFileSync(JSON_FILE, join(both, 'tokenizer.json'))
  expect(ids()).not.toEqual(before)
})

test('what is wrong with a folder is said, with the file', () => {
  const vocab = (model: object) =>
    JSON.stringify({ model: { type: 'Unigram', unk_id: 0, vocab: [['<unk>', 0]], ...model } })
  const problem = (file: string, reason: string) => (act: () => unknown) =>
    expect(act).toThrow(
      expect.objectContaining({ code: 'TOKENIZER_FILE', message: expect.stringMatching(`${file}.*${reason}`) }),
    )
  const open = (name: string, files: Record<string, string | Uint8Array>) => {
    const folder = folderWith(name, files)
    return () => openT5Tokenizer(folder)
  }
  problem('nothing', 'neither tokenizer.json nor spiece.model')(open('nothing', {}))
  problem('tokenizer.json', 'model.type')(open('bpe', { 'tokenizer.json': vocab({ type: 'BPE' }) }))
  problem('tokenizer.json', 'byte_fallback')(open('bytes', { 'tokenizer.json': vocab({ byte_fallback: true }) }))
  problem('tokenizer.json', 'vocab.0.1')(open('odd', { 'tokenizer.json': vocab({ vocab: [['a', 'b']] }) }))
  problem('tokenizer.json', '</s>')(open('no-end', { 'tokenizer.json': vocab({}) }))
  problem('spiece.model', '')(open('no-model', { 'spiece.model': 'this is a text' }))
})

test('a spiece.model that is cut off or changed opens, or is refused in words; it never does harm', () => {
  const whole = readFileSync(SPIECE)
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(whole.length - 1), fc.nat(255), (length, at, byte) => {
      const changed = Uint8Array.from(whole)
      changed[at] = byte
      for (const bytes of [whole.subarray(0, length), changed]) {
        try {
          openT5Tokenizer(folderWith('broken', { 'spiece.model': bytes })).encode('ﬁne a\u0301 photo', { maxLength: 9 })
        } catch (error) {
          expect(error).toBeInstanceOf(Problem)
        }
      }
    }),
    { numRuns: 150 },
  )
})
