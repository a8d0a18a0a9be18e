import { expect, test } from 'vitest'
import { Speed } from './speed.ts'

test('seconds left follow from what came lately', () => {
  const speed = new Speed()
  speed.note(0, 0)
  expect(speed.secondsFor(1000)).toBeUndefined()
  speed.note(100, 1000)
  expect(speed.secondsFor(1000)).toBeUndefined()
  speed.note(200, 2000)
  expect(speed.secondsFor(1000)).toBe(10)
  // Twice as quick from now on: after the span only that counts.
  for (let second = 3; second <= 40; second++) speed.note(200 + (second - 2) * 200, second * 1000)
  expect(speed.secondsFor(1000)).toBe(5)
})

test('a file that begins anew begins a new measurement', () => {
  const speed = new Speed()
  speed.note(5000, 0)
  speed.note(9000, 4000)
  speed.note(0, 5000)
  expect(speed.secondsFor(100)).toBeUndefined()
})
