import { expect, test } from 'vitest'
import { classesFound, className } from './classes.ts'

const names = ['tench, Tinca tinca', 'goldfish', '', 'tiger shark']

test('classes are found by words or number, and called by their number where they have no name', () => {
  expect(classesFound(names, ' T')).toEqual([0, 3])
  expect(classesFound(names, '1')).toEqual([1])
  expect(classesFound(names, '')).toEqual([0, 1, 2, 3])
  expect([className({ classNames: names }, 1), className({ classNames: names }, 2), className(undefined, 7)]).toEqual([
    'goldfish',
    'Class 2',
    'Class 7',
  ])
})
