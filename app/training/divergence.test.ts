import { expect, test } from 'vitest'
import { TorchGenerator } from '../tensor/random.ts'
import { Divergence } from './divergence.ts'

/** Hears losses in their order. @returns the step that it stops at */
function stopOf(losses: readonly number[], silence: (step: number) => number | undefined = () => 1) {
  const run = new Divergence()
  for (const [k, loss] of losses.entries()) if (run.hear(k + 1, loss, silence(k + 1))) return k + 1
  return undefined
}

test('what is no number stops at once, whatever is known of the question', () => {
  for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(stopOf([0.3, 0.2, bad])).toBe(3)
    expect(stopOf([0.3, 0.2, bad], () => undefined)).toBe(3)
  }
})

test('a loss of a million stops within two steps, one that grows slowly within a window', () => {
  expect(stopOf([0.3, 0.2, 0.25, 1e6, 1e6])).toBeLessThanOrEqual(5)
  const growing = Array.from({ length: 40 }, (_, k) => 0.1 * 1.5 ** k)
  const at = stopOf(growing) ?? 0
  expect(growing[at - 1]).toBeGreaterThan(10)
  expect(growing[at - 1]).toBeLessThan(60)
})

test('losses of single pictures, which differ by a thousand times, make no alarm, nor does one odd picture', () => {
  const random = new TorchGenerator(3n)
  for (let run = 0; run < 20; run++) {
    // As those of a network that learned much: nearly all of a noise is known at high levels, next to nothing at low ones.
    const losses = [...random.uniform([500]).data].map(level => 1.2 * level ** 6 + 1e-3)
    losses[300] = 5000
    expect(stopOf(losses)).toBeUndefined()
  }
})

test('weights of levels and grey pictures: a question that asks almost nothing is no measure', () => {
  const isEmpty = (step: number) => step % 3 === 0
  const losses = Array.from({ length: 90 }, (_, k) => (isEmpty(k + 1) ? 1e-3 : 0.4))
  expect(stopOf(losses, step => (isEmpty(step) ? 1e-7 : 0.9))).toBeUndefined()
  expect(stopOf([...losses, 90, 90, 90, 90, 90], step => (isEmpty(step) ? 1e-7 : 0.9))).toBeGreaterThan(90)
  // Pictures that are grey altogether: what the run began with is the measure.
  expect(stopOf([0.3, 0.29, 0.31, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1], () => 1e-9)).toBeUndefined()
})

test('a loss that is bad for a step is told, until the next good one', () => {
  const run = new Divergence()
  const since = [0.4, 3, 3, 0.5, 7].map((loss, k) => {
    expect(run.hear(k + 1, loss, 1)).toBe(false)
    return run.suspiciousSince
  })
  expect(since).toEqual([undefined, 2, 2, undefined, 5])
})
