import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pace } from './pace.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the first comes at once, then the latest of each span, and the last always', () => {
  const seen: number[] = []
  const { give } = pace<number>(value => seen.push(value), 50, undefined, Date.now)
  for (let k = 0; k < 10; k++) {
    give(k)
    vi.advanceTimersByTime(20)
  }
  vi.advanceTimersByTime(100)
  expect(seen[0]).toBe(0)
  expect(seen.at(-1)).toBe(9)
  expect(seen.length).toBeLessThanOrEqual(5)
})

test('what waits can be let through before its time, and comes once', () => {
  const seen: number[] = []
  const { give, flush } = pace<number>(value => seen.push(value), 50, undefined, Date.now)
  give(1)
  give(2)
  flush()
  flush()
  vi.advanceTimersByTime(100)
  expect(seen).toEqual([1, 2])
})

test('what was not let through yet is joined with what follows', () => {
  const seen: number[][] = []
  const { give, flush } = pace<number[]>(
    value => seen.push(value),
    50,
    (a, b) => [...a, ...b],
    Date.now,
  )
  for (const value of [1, 2, 3]) give([value])
  flush()
  expect(seen).toEqual([[1], [2, 3]])
})
