import { expect, test } from 'vitest'
import type { Image } from './api.ts'
import { picked, searchOf, splitOperators, useGallery } from './gallery.ts'

const images: Image[] = ['a', 'b', 'c', 'd'].map(id => ({
  id,
  hash: id,
  width: 1,
  height: 1,
  createdAt: 1,
  starred: false,
  index: 0,
}))
const state = { ...useGallery.getInitialState(), images }

test('finished operators become tokens, words stay words', () => {
  expect(splitOperators('lobster seed:7 ')).toEqual({ words: 'lobster ', tokens: ['seed:7'] })
  expect(splitOperators('model:"Sticker World" red sampler:ddim fox')).toEqual({
    words: 'red fox',
    tokens: ['model:"Sticker World"', 'sampler:ddim'],
  })
  expect(splitOperators('seed:7')).toEqual({ words: 'seed:7', tokens: [] })
  expect(splitOperators('note: 7 ')).toEqual({ words: 'note: 7 ', tokens: [] })
})

test('tokens and words are asked for together', () => {
  expect(searchOf({ tokens: ['seed:7'], words: ' red ' })).toBe('seed:7 red')
  expect(searchOf({ tokens: [], words: ' ' })).toBe('')
})

test('click, Ctrl and Shift select as everywhere', () => {
  const one = picked(state, 'b', 'only')
  expect([...one.selected]).toEqual(['b'])
  expect([...picked(one, 'd', 'range').selected]).toEqual(['b', 'c', 'd'])
  expect([...picked(one, 'a', 'range').selected]).toEqual(['a', 'b'])
  expect([...picked(one, 'd', 'toggle').selected]).toEqual(['b', 'd'])
  expect([...picked(one, 'b', 'toggle').selected]).toEqual([])
})

test('a range grows and shrinks from where it began', () => {
  const wide = picked(picked(state, 'b', 'only'), 'd', 'range')
  expect([...picked(wide, 'c', 'range').selected]).toEqual(['b', 'c'])
})
