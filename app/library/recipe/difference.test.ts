import { expect, test } from 'vitest'
import { recipe } from '../testing.ts'
import { differenceOf, wordChange } from './difference.ts'

const car = (words: string, change: object = {}, parameters: object = {}) => ({
  ...recipe({ prompt: words, ...change }),
  parameters: { prompt: words, sampler: 'DDIMScheduler', steps: 20, width: 128, height: 128, ...parameters },
})

test('a picture from words alone says its seed and its steps', () => {
  expect(differenceOf(undefined, car('a red car', { seed: '31' }))).toEqual({
    title: 'Created from words',
    details: [
      { label: 'seed', to: '31', isChanged: false },
      { label: 'steps', to: '20', isChanged: false },
    ],
  })
})

test('with the same words it is a variation; what differs is said with what it was', () => {
  const before = car('a red car', { seed: '31' })
  const after = car(
    'a red car',
    { seed: '77', operation: 'image-to-image' },
    { strength: 0.30000001, steps: 25, image: 'ab', fit: 'cut', height: 96 },
  )
  expect(differenceOf(before, after)).toEqual({
    title: 'Variation',
    details: [
      { label: 'seed', from: '31', to: '77', isChanged: true },
      { label: 'size', from: '128 × 128', to: '128 × 96', isChanged: true },
      { label: 'steps', from: '20', to: '25', isChanged: true },
      { label: 'strength', to: '0.3', isChanged: true },
    ],
  })
})

test('a strength is told where it did not change, too', () => {
  const one = car('a red car', { operation: 'image-to-image' }, { strength: 0.5 })
  expect(differenceOf(one, one).details).toEqual([{ label: 'strength', to: '0.5', isChanged: false }])
})

test('masks are filled; other words come before that', () => {
  const before = car('a red car')
  expect(differenceOf(before, car('a red car', { operation: 'inpaint' })).title).toBe('Mask filled')
  expect(differenceOf(before, car('a yellow car', { operation: 'inpaint' })).title).toBe('“red” swapped for “yellow”')
  expect(differenceOf(undefined, car('x', { operation: 'draw-a-class' })).title).toBe('draw a class')
})

const words: readonly [string, string, string | undefined][] = [
  ['a red car, 3d style', 'a yellow car, 3d style', '“red” swapped for “yellow”'],
  ['a red car', 'a  red car ', undefined],
  ['a car, on a light blue background', 'a car, on a red background', '“light blue” swapped for “red”'],
  ['a car', 'a car at night', '“at night” added'],
  ['a car, at night', 'a car,', '“at night” taken out'],
  ['a car car', 'a car', '“car” taken out'],
  ['one two three four five six', 'a b c d e f', 'Other words'],
  ['', 'a fox', '“a fox” added'],
]
for (const [before, after, said] of words) {
  test(`“${before}” and “${after}”: ${said}`, () => expect(wordChange(before, after)).toBe(said))
}
