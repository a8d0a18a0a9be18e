import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openT5Tokenizer } from '../t5-tokenizer.ts'
import { parsePrompt } from './parse.ts'
import { plainWords, promptAt } from './schedule.ts'
import { t5Chunk } from './t5-chunk.ts'

/** T5's published vocabulary; ids as the tokenizers library gives them. */
const tokenizer = openT5Tokenizer(join(import.meta.dirname, '../../../resources/t5-vocabulary'))

test('words, the end, padding', () => {
  const { ids, weights, words, leftOut } = t5Chunk(plainWords('a fox'), tokenizer, 8)
  expect(ids).toEqual([3, 9, 3, 20400, 1, 0, 0, 0])
  expect(weights).toEqual([1, 1, 1, 1, 1, 1, 1, 1])
  expect([words, leftOut]).toEqual([4, ''])
})

test('what does not fit is cut off and told', () => {
  const cut = t5Chunk(plainWords('a fox'), tokenizer, 3)
  expect([cut.ids, cut.words]).toEqual([[3, 9, 1], 4])
  expect(cut.leftOut).toContain('fox')
})

test('weights go to the tokens of their words; a BREAK begins nothing new', () => {
  const { ids, weights } = t5Chunk(promptAt(parsePrompt('a BREAK (fox:1.5)'), 1, 1), tokenizer, 6)
  expect(ids).toEqual([3, 9, 3, 20400, 1, 0])
  expect(weights).toEqual([1, 1, 1.5, 1.5, 1, 1])
})
