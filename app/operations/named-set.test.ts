import { expect, test } from 'vitest'
import { captionNaming, namedSet } from './named-set.ts'

test.each([
  ['a cat on a mat', 'a sks cat on a mat'],
  ['A Cat', 'A sks Cat'],
  ['a category of things', 'a sks cat, a category of things'],
  ['cat, mat', 'sks cat, mat'],
  ['the SKS cat', 'the SKS cat'],
  ['', 'a sks cat'],
])('%j says the word: %j', (caption, expected) => {
  expect(captionNaming(caption, { identifier: 'sks', class: 'cat' })).toBe(expected)
})

test('words with signs are words; without a kind the word comes first', () => {
  expect(captionNaming('a c++ book', { identifier: 'x', class: 'c++' })).toBe('a x c++ book')
  expect(captionNaming('on a mat', { identifier: '<it>', class: '' })).toBe('a <it>, on a mat')
  expect(captionNaming('on a mat', { identifier: '', class: 'cat' })).toBe('on a mat')
})

test('class images keep their words; marks for mirroring add up', () => {
  const example = { caption: 'a cat', size: { width: 8, height: 8 }, mayFlip: false, contentHash: '' }
  const examples = [
    { ...example, isClassImage: false },
    { ...example, isClassImage: true },
  ]
  const read = () => Promise.reject(new Error('not read'))
  const named = namedSet({ examples, read }, { identifier: 'sks', class: 'cat' }, true)
  expect(named.examples.map(({ caption }) => caption)).toEqual(['a sks cat', 'a cat'])
  expect(named.examples.every(({ mayFlip }) => mayFlip)).toBe(true)
})
