import { expect, test } from 'vitest'
import { changedPrompt, chipsOf, focusList, saidDetails, saidEdit, saidHolds, weightList } from './edit-words.ts'

const prompt = 'a red car, 3d style'

test('words are chips, signs stand between them', () => {
  expect(chipsOf(prompt).map(({ text, isWord }) => (isWord ? text : `[${text}]`))).toEqual([
    'a',
    'red',
    'car',
    '[,]',
    '3d',
    'style',
  ])
})

test('words are swapped, added and taken away', () => {
  expect(changedPrompt(prompt, { 1: { swap: 'yellow' } })).toBe('a yellow car, 3d style')
  expect(changedPrompt(prompt, { 2: { swap: 'car on a hill' } })).toBe('a red car on a hill, 3d style')
  expect(changedPrompt(prompt, { 1: { swap: '' } })).toBe('a car, 3d style')
  expect(changedPrompt(prompt, {})).toBe(prompt)
})

test('a weight names its word, and which of those that are alike', () => {
  expect(weightList('a car and a car', { 4: { weight: 2 } })).toBe('car#2:2')
  expect(weightList(prompt, { 1: { swap: 'deep blue', weight: -1 } })).toBe('deep#1:-1, blue#1:-1')
  expect(weightList(prompt, { 1: { swap: 'yellow' } })).toBe('')
})

test('a change keeps to its word, before and after', () => {
  expect(focusList(prompt, { 1: { swap: 'yellow' } }, 1)).toBe('red yellow')
  expect(focusList(prompt, {}, 2)).toBe('car')
})

test('an edit is said in words', () => {
  expect(saidEdit({ prompt, to: 'a yellow car, 3d style' })).toBe('Swapped “red” for “yellow”')
  expect(saidEdit({ prompt, to: 'a shiny red car, 3d style' })).toBe('Added “shiny”')
  expect(saidEdit({ prompt, to: 'a car, 3d style' })).toBe('Took away “red”')
  expect(saidEdit({ prompt: 'a cat', toward: 0.7 })).toBe('Bent 0.70 toward “a cat”')
  expect(saidEdit({ prompt, to: prompt, weights: 'red#1:2' })).toBe('Weighed red 2')
  expect(saidEdit({ prompt })).toBeUndefined()
  expect(saidHolds({ keepPlacement: 0.8, keepShape: 0.4, onlyWhere: 'red' })).toBe(
    'cross 0.80, self 0.40, only where red look',
  )
  const edit = { prompt, to: 'a car', keepPlacement: 0.8, keepShape: 0.4 }
  expect(saidDetails({ ...edit, seed: '31' })).toBe('cross 0.80, self 0.40, from seed 31')
  expect(saidDetails({ ...edit, seed: '31', image: '41c0ffee' })).toBe('cross 0.80, self 0.40, from picture 41c0ff')
  expect(saidDetails({ prompt })).toBeUndefined()
})
