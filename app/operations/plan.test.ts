import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { planOf } from './plan.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })
const checkpoint = new Checkpoint('test/parity/goldens/models/sd1', runtime)

/** How often the network is called. */
function callsOf(chosen: object): number {
  const whole = { sampler: 'DDIMScheduler', steps: 4, guidance: 3, width: 64, height: 64, ...chosen }
  const plan = planOf({ checkpoint } as Parameters<typeof planOf>[0], 'checkpoint', whole)
  if (plan === undefined) throw new Error('no plan')
  return plan.calls
}

test('each way of drawing is foretold with the calls that it makes', () => {
  expect(callsOf({})).toBe(4)
  expect(callsOf({ count: 2 })).toBe(8)
  expect(callsOf({ image: 'a', strength: 0.5 })).toBe(2)
  // Told to edit, a model answers a third time in each step: with the picture, and no words.
  expect(callsOf({ image: 'a', pictureGuidance: 1.5 })).toBe(6)
  const [refined, large] = [{ image: 'a' }, {}].map(begun =>
    callsOf({ ...begun, width: 128, height: 128, tileSide: 64, strength: 0.5 }),
  )
  expect(refined).toBeGreaterThan(2)
  // Drawn small first: all steps at the size of one part.
  expect(large).toBe(refined + 4)
})
