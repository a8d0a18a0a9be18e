import { expect, test } from 'vitest'
import { testLibrary } from './testing.ts'

test('losses belong to weights; a new measurement replaces the old; equal pictures have no number', () => {
  const { losses } = testLibrary()
  const hash = 'ab'.repeat(32)
  losses.set(hash, '8 bit', 40.5)
  losses.set(hash, '4 bit', 30)
  losses.set(hash, '8 bit', 41.25)
  expect(losses.of(hash)).toEqual([
    { precision: '8 bit', decibels: 41.25 },
    { precision: '4 bit', decibels: 30 },
  ])
  losses.set(hash, '8 bit', null)
  expect(losses.of(hash)[0]).toEqual({ precision: '8 bit', decibels: null })
  expect(losses.of('cd'.repeat(32))).toEqual([])
})
