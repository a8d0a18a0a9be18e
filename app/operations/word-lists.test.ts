import { expect, test } from 'vitest'
import type { WordPlaces } from '../models/prompt/word-places.ts'
import { Problem } from '../problem.ts'
import { wordsNamed, wordWeights } from './word-lists.ts'

const prompt = (...words: string[]): WordPlaces => ({
  words: words.map((text, k) => ({ text, places: [k + 1] })),
  tokens: [],
  window: 77,
})

test('weights are of all words that are alike, or of one of them', () => {
  const said = prompt('a', 'car', 'and', 'a', 'Car')
  expect([...wordWeights('car:2', said)]).toEqual([
    [1, 2],
    [4, 2],
  ])
  expect([...wordWeights(' car#2 : -1.5 , and:.5', said)]).toEqual([
    [4, -1.5],
    [2, 0.5],
  ])
  expect(wordWeights('', said).size).toBe(0)
})

test.each([
  ['cat:2', 'WORD_UNKNOWN'],
  ['car#2:2', 'WORD_UNKNOWN'],
  ['car', 'WORD_WEIGHT'],
  ['car:9', 'WORD_WEIGHT'],
])('%s is refused with %s and the parameter', (list, code) => {
  const problem = (() => {
    try {
      return wordWeights(list, prompt('a', 'car'))
    } catch (error) {
      return error
    }
  })()
  expect(problem).toBeInstanceOf(Problem)
  expect(problem).toMatchObject({ code, details: { field: 'weights' } })
})

test('words that are named are looked for in both prompts', () => {
  const [before, after] = [prompt('a', 'red', 'car'), prompt('a', 'blue', 'car')]
  expect(wordsNamed('red blue', [before, after], 'onlyWhere')).toEqual([[2], [2]])
  expect(wordsNamed('car, red', [before, after], 'onlyWhere')).toEqual([[3, 2], [3]])
  expect(wordsNamed('', [before, after], 'onlyWhere')).toBeUndefined()
  expect(() => wordsNamed('tree', [before, after], 'onlyWhere')).toThrow(/"tree" does not stand in the prompt/)
})
