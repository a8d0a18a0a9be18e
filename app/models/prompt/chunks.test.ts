import { expect, test } from 'vitest'
import { tensor } from '../../tensor/tensor.ts'
import type { ClipTokenizer } from '../clip-tokenizer.ts'
import { chunkPrompt, type LongPrompts } from './chunks.ts'
import { emphasise } from './emphasis.ts'
import { parsePrompt } from './parse.ts'
import { promptAt } from './schedule.ts'

/** One token a word, as small as can be: the words' own letters are the ids' names. */
function tokenizerOf(maxLength: number): ClipTokenizer {
  const vocabulary = ['<begin>', '<end>', '<pad>', ',</w>']
  const idOf = (word: string) => {
    const name = `${word}</w>`
    return vocabulary.includes(name) ? vocabulary.indexOf(name) : vocabulary.push(name) - 1
  }
  const tokens = (ids: readonly number[]) => ids.map(id => vocabulary[id])
  const decode = (ids: readonly number[]) =>
    tokens(ids)
      .map(token => token.replace('</w>', ''))
      .join(' ')
  return {
    maxLength,
    firstLearned: 0,
    encode(text) {
      const content = (text.match(/,|[^\s,]+/g) ?? []).map(idOf)
      const read = [0, ...content.slice(0, maxLength - 2), 1]
      const padding = Array<number>(maxLength - read.length).fill(2)
      const leftOut = decode(content.slice(maxLength - 2))
      return { ids: [...read, ...padding], attentionMask: [], untruncated: [0, ...content, 1], leftOut }
    },
    pieces: () => [],
    tokens,
    decode,
  }
}

function read(prompt: string, maxLength: number, long: LongPrompts = 'chunks') {
  const tokenizer = tokenizerOf(maxLength)
  const { chunks, leftOut } = chunkPrompt(promptAt(parsePrompt(prompt), 1, 1), tokenizer, long)
  for (const { ids, weights } of chunks) expect([ids.length, weights.length]).toEqual([maxLength, maxLength])
  const texts = chunks.map(({ ids }) => tokenizer.decode(ids.filter(id => id > 2)))
  return { texts, leftOut, chunks }
}

test('begin, words, end, padding; only words have weights', () => {
  const { chunks } = read('a (b:1.5)', 6)
  expect(chunks).toEqual([{ ids: [0, 4, 5, 1, 2, 2], weights: [1, 1, 1.5, 1, 1, 1] }])
})

const numbered = (count: number, name = 'w') => Array.from({ length: count }, (_, k) => `${name}${k}`).join(' ')

test.each([
  ['what fits is one chunk', 'a b c', 5, ['a b c']],
  ['nothing is one chunk', '', 5, ['']],
  ['one more begins another', 'a b c d', 5, ['a b c', 'd']],
  ['a chunk ends after its last comma', 'a , b c d', 6, ['a ,', 'b c d']],
  ['a comma that ends a chunk moves nothing', 'a b c , d', 6, ['a b c ,', 'd']],
  ['a comma that overflows begins the next', 'a b c , d e f', 5, ['a b c', ', d e', 'f']],
  ['BREAK begins another', 'a BREAK b c', 5, ['a', 'b c']],
  ['a BREAK on the border makes no empty one', 'a b c BREAK d', 5, ['a b c', 'd']],
  ['two make an empty one, at the end they do nothing', 'a BREAK BREAK b BREAK', 5, ['a', '', 'b']],
  ['a BREAK alone is the empty prompt', 'BREAK', 5, ['']],
  ['20 words after a comma move', `${numbered(9)} , ${numbered(20, 'x')}`, 31, [`${numbered(9)} ,`, numbered(20, 'x')]],
])('%s', (_, prompt, maxLength, texts) => {
  expect(read(prompt, maxLength).texts).toEqual(texts)
})

// A comma counts as near when at most 20 tokens, itself among them, stand from it to the end of the full chunk.
test.each([
  [19, `${numbered(10)} ,`],
  [20, `${numbered(10)} , ${numbered(20, 'x')}`],
])('a comma with %i words after it, in a full chunk, and one word too many', (after, first) => {
  const { texts } = read(`${numbered(10)} , ${numbered(after, 'x')} y`, 10 + 1 + after + 2)
  expect(texts[0]).toBe(first)
})

test('cut keeps what the window holds, and names the rest', () => {
  expect(read('a , b BREAK (c d:1.2) e', 6, 'cut')).toMatchObject({ texts: ['a , b c'], leftOut: 'd e' })
  expect(read('a b', 6, 'cut').leftOut).toBe('')
})

test('weighted states keep their mean; weights of one are left as they are', () => {
  const states = tensor([1, 3, 2], Float32Array.of(1, 2, 3, 4, 5, 6))
  expect(emphasise(states, [1, 1, 1])).toBe(states)
  // 1 2 6 8 5 6 has the sum 28 instead of 21.
  expect([...emphasise(states, [1, 2, 1]).data]).toEqual([0.75, 1.5, 4.5, 6, 3.75, 4.5])
  const balanced = tensor([1, 2, 1], Float32Array.of(1, -1))
  expect([...emphasise(balanced, [2, 2]).data]).toEqual([2, -2])
  expect([...emphasise(tensor([1, 2, 1], Float32Array.of(2, 1)), [1, -2]).data]).toEqual([2, -2])
})
