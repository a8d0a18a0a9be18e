import { expect, test } from 'vitest'
import { mapsOfChips } from './word-looks.ts'

test('each chip has the map of its word, the second of two that are alike its own; brackets and weights have none', () => {
  expect(mapsOfChips('a red car, a hill', ['m1', 'm2', 'm3', 'm4', 'm5'])).toEqual({
    ...{ 0: 'm1', 1: 'm2', 2: 'm3' },
    ...{ 4: 'm4', 5: 'm5' },
  })
  const weighted = mapsOfChips('a (red:1.3) car', ['a', 'red', 'car'])
  expect(Object.values(weighted)).toEqual(['a', 'red', 'car'])
})
