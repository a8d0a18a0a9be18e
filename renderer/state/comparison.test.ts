import { expect, test } from 'vitest'
import { combinations, valuesOf } from './comparison.ts'
import type { Field } from './form.ts'

const field = (changes: Partial<Field>): Field => ({
  ...{ name: 'steps', title: 'Steps', description: '', group: 'sampling', widget: 'slider', whole: true, step: 1 },
  ...{ minimum: 1, maximum: 1000 },
  ...changes,
})

test('values are lists and ranges; what a field does not take is said', () => {
  expect(valuesOf(field({}), '4, 8,16')).toEqual([4, 8, 16])
  expect(valuesOf(field({}), '10-30:5')).toEqual([10, 15, 20, 25, 30])
  expect(valuesOf(field({ whole: false, step: 0.1, minimum: 0 }), '0.5-0.8:0.1, 2')).toEqual([0.5, 0.6, 0.7, 0.8, 2])
  expect(valuesOf(field({}), '0')).toBe('Steps must be from 1 to 1,000.')
  expect(valuesOf(field({}), 'many')).toBe('Steps must be a number.')
  expect(valuesOf(field({}), ' , ')).toMatch('Steps needs some values')
  expect(valuesOf(field({}), '1-1000')).toMatch('100 are possible')
})

test('choices are found by a part of their name, switches by words, prompts are words to be replaced', () => {
  const sampler = field({ title: 'Sampler', widget: 'sampler', choices: ['DDIMScheduler', 'EulerDiscreteScheduler'] })
  expect(valuesOf(sampler, 'euler, ddim')).toEqual(['EulerDiscreteScheduler', 'DDIMScheduler'])
  expect(valuesOf(sampler, 'heun')).toBe('Sampler cannot be “heun”.')
  expect(valuesOf(field({ widget: 'switch' }), 'on, off')).toEqual([true, false])
  expect(valuesOf(field({ widget: 'prompt' }), 'apple, pear')).toEqual(['apple', 'pear'])
})

test('all combinations, the first axis quickest', () => {
  expect(
    combinations([
      [1, 2],
      ['a', 'b'],
    ]),
  ).toEqual([
    [1, 'a'],
    [2, 'a'],
    [1, 'b'],
    [2, 'b'],
  ])
  expect(combinations([[7]])).toEqual([[7]])
})
