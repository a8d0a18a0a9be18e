import { expect, test } from 'vitest'
import { decimals, keySteps, share, spell, stepped } from './number.ts'

const limits = { minimum: 0, maximum: 20, step: 0.1 }

test('a field shows as many decimals as its step has', () => {
  expect([1, 0.5, 0.1, 0.01, 8].map(decimals)).toEqual([0, 1, 1, 2, 0])
  expect(spell(5, 0.1)).toBe('5.0')
  expect(spell(7.25, 0.1)).toBe('7.25')
  expect(spell(0.1 + 0.2, 0.1)).toBe('0.3')
  expect(spell(128, 8)).toBe('128')
})

test('steps stay on their grid and within the limits, without the dust of binary fractions', () => {
  expect(stepped(0.1, 2, limits)).toBe(0.3)
  expect(stepped(19.95, 10, limits)).toBe(20)
  expect(stepped(0.05, -10, limits)).toBe(0)
  expect(stepped(515, 1, { minimum: 8, maximum: 8192, step: 8 })).toBe(520)
})

test('keys move as the design says', () => {
  const none = { shiftKey: false, altKey: false }
  expect(keySteps('ArrowUp', none)).toBe(1)
  expect(keySteps('ArrowLeft', { shiftKey: true, altKey: false })).toBe(-10)
  expect(keySteps('ArrowRight', { shiftKey: false, altKey: true })).toBeCloseTo(0.1)
  expect(keySteps('PageDown', none)).toBe(-10)
  expect(keySteps('a', none)).toBeUndefined()
})

test('a share is where the fill ends', () => {
  expect(share(5, { minimum: 0, maximum: 20 })).toBe(0.25)
  expect(share(99, { minimum: 0, maximum: 20 })).toBe(1)
  expect(share(3, { minimum: 3, maximum: 3 })).toBe(0)
})
