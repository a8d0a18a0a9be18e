import { expect, test } from 'vitest'
import type { Job } from './api.ts'
import { queueOf } from './engine.ts'
import { checkOf, lossWords } from './precision.ts'
import { aboutCost, costWords } from './words.ts'

const job = (change: Partial<Job>): Job => ({
  ...{ id: 'j', operation: 'text-to-image', model: 'm', parameters: {}, state: 'waiting', position: 1, createdAt: 0 },
  images: [],
  ...change,
})

test('what a run takes, in words', () => {
  expect(costWords({ seconds: 40.2, bytes: 2.94e9 })).toBe('40 s, 2.9 GB')
  expect(aboutCost({ seconds: 40.2, bytes: 2.94e9 })).toBe('about 40 s, 2.9 GB')
  expect(aboutCost({ bytes: 2.94e9 })).toBe('2.9 GB, no time known yet')
  expect(aboutCost({ bytes: 2.94e8 })).toBe('no time known yet')
  expect(aboutCost({ seconds: 4, bytes: 2.94e8 })).toBe('about 4 s')
  expect(costWords({})).toBeUndefined()
  expect(costWords(undefined)).toBeUndefined()
})

test('a measurement is no picture that is made, but waits in the queue', () => {
  const check = job({ id: 'c', operation: 'check-precision', parameters: { precision: '8 bit' }, position: 1e9 })
  const jobs = { c: check, j: job({}) }
  expect(queueOf(jobs).waiting.map(({ id }) => id)).toEqual(['j'])
  expect(queueOf(jobs, true).waiting.map(({ id }) => id)).toEqual(['j', 'c'])
  expect(checkOf(jobs, 'm', '8 bit')).toBe(check)
  expect(checkOf(jobs, 'm', '4 bit')).toBeUndefined()
  expect(checkOf({ c: { ...check, state: 'done' } }, 'm', '8 bit')).toBeUndefined()
})

test('a loss, in words', () => {
  expect(lossWords({ decibels: 41.23 })).toBe('41.2 dB; 45 and more nobody sees')
  expect(lossWords({ decibels: null })).toBe('the same picture')
})
