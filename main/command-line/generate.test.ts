import { expect, test } from 'vitest'
import { Problem } from '../../app/problem.ts'
import { costWords, sentenceOf } from './generate.ts'

test('what a run took, beside what was predicted', () => {
  const took = { seconds: 43.2, bytes: 1.23e9 }
  const all = { predicted: { seconds: 40, bytes: 1.1e9 }, took }
  expect(costWords(all)).toBe('Took 43 s and 1.2 GB of memory; predicted: 40 s and 1.1 GB of memory.')
  expect(costWords({ predicted: {}, took: { seconds: 43.2 } })).toBe('Took 43 s.')
  expect(costWords({ predicted: {} })).toBeUndefined()
  expect(costWords(undefined)).toBeUndefined()
})

test('a sentence begins with the flag at fault, where there is one of that name', () => {
  const about = (field: string) => sentenceOf(new Problem('PARAMETER_INVALID', 'It is wrong.', { details: { field } }))
  expect(about('guideColour')).toBe('--guide-colour: It is wrong.')
  expect(about('prompt')).toBe('It is wrong.')
  expect(about('controls')).toBe('It is wrong.')
  expect(about('loras')).toBe('It is wrong.')
})
