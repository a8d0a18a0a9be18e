import { expect, test } from 'vitest'
import { costWords } from './generate.ts'

test('what a run took, beside what was predicted', () => {
  const took = { seconds: 43.2, bytes: 1.23e9 }
  const all = { predicted: { seconds: 40, bytes: 1.1e9 }, took }
  expect(costWords(all)).toBe('Took 43 s and 1.2 GB of memory; predicted: 40 s and 1.1 GB of memory.')
  expect(costWords({ predicted: {}, took: { seconds: 43.2 } })).toBe('Took 43 s.')
  expect(costWords({ predicted: {} })).toBeUndefined()
  expect(costWords(undefined)).toBeUndefined()
})
