import { expect, test } from 'vitest'
import { StepTimes } from './step-times.ts'

/** An operation that takes `opening` before, `first` for the first step and `each` for further ones, `after` at the end; milliseconds. */
function measured(steps: number, { opening = 0, first = 100, each = 100, after = 0 }) {
  let now = 1000
  const times = new StepTimes(() => now)
  now += opening
  times.add({ step: 0, total: steps })
  for (let step = 1; step <= steps; step++) {
    now += step === 1 ? first : each
    times.add({ step, total: steps })
  }
  now += after
  return times.end()
}

test('steps and the rest add up to the whole', () => {
  const timing = measured(10, { opening: 500, first: 700, each: 100, after: 300 })
  expect(timing).toEqual({ steps: 10, secondsPerStep: expect.closeTo(0.1), otherSeconds: expect.closeTo(1.4) })
})

test('too few steps say nothing', () => {
  expect(measured(2, {})).toBeUndefined()
  expect(measured(3, {})).toBeDefined()
})
