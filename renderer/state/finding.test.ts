import { expect, test } from 'vitest'
import { fits, marked, readQuery } from './finding.ts'

test('the first letter narrows a query', () => {
  expect(readQuery('> fit')).toEqual({ words: 'fit', only: 'actions' })
  expect(readQuery('#lobster')).toEqual({ words: 'lobster', only: 'pictures' })
  expect(readQuery('@')).toEqual({ words: '', only: 'models' })
  expect(readQuery('guidance')).toEqual({ words: 'guidance', only: undefined })
})

test('all words must occur; beginnings count most', () => {
  expect(fits('Guidance rescale', 'res gui')).toBeGreaterThan(0)
  expect(fits('Guidance rescale', 'gui steps')).toBe(0)
  const scores = ['Guidance', 'Self guidance', 'Unguided', 'Steps'].map(title => fits(title, 'guid'))
  expect(scores).toEqual([3, 2, 1, 0])
})

test('what was typed is marked, whatever signs it holds', () => {
  expect(marked('Guidance', 'GUID')).toEqual([
    { text: 'Guid', hit: true },
    { text: 'ance', hit: false },
  ])
  expect(marked('a (b) c', '(b)').find(({ hit }) => hit)?.text).toBe('(b)')
  expect(marked('Steps', '')).toEqual([{ text: 'Steps', hit: false }])
})
