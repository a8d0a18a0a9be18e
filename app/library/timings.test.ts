import { expect, test } from 'vitest'
import { testLibrary } from './testing.ts'

const drawn = { model: 'a', operation: 'text-to-image', provider: 'cpu', precision: 'as stored' }
const measured = { ...drawn, callWork: 100, calls: 10, secondsPerCall: 2, otherWork: 50, otherSeconds: 3 }

test('times come from the same device and precision: the same work exactly, other work in proportion', () => {
  const { timings } = testLibrary()
  const asked = { ...drawn, callWork: 100, calls: 20, otherWork: 50 }
  expect(timings.estimate(asked)).toBeUndefined()
  timings.add(measured)
  expect(timings.estimate(asked)).toBe(3 + 20 * 2)
  expect(timings.estimate({ ...asked, callWork: 400, otherWork: 100 })).toBe(6 + 20 * 8)
  expect(timings.estimate({ ...asked, precision: '8 bit' })).toBeUndefined()
  expect(timings.estimate({ ...asked, provider: 'webgpu' })).toBeUndefined()
})

test('the same model tells more than another, the nearest work more than a far one', () => {
  const { timings } = testLibrary()
  timings.add({ ...measured, model: 'b', callWork: 1000, secondsPerCall: 30 })
  const asked = { ...drawn, callWork: 1000, calls: 1, otherWork: 50 }
  expect(timings.estimate(asked)).toBe(3 + 30)
  timings.add(measured)
  timings.add({ ...measured, callWork: 800, secondsPerCall: 20 })
  expect(timings.estimate(asked)).toBe(3 + 25)
  // A newer measurement of the same counts.
  timings.add({ ...measured, callWork: 800, secondsPerCall: 16 })
  expect(timings.estimate(asked)).toBe(3 + 20)
})
