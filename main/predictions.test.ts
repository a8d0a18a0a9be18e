import { join } from 'node:path'
import { expect, test } from 'vitest'
import { testLibrary } from '../app/library/testing.ts'
import { describeCheckpoint } from '../app/models/describe.ts'
import { modelOfGoldens } from '../app/models/testing.ts'
import { operations } from '../app/operations/index.ts'
import { temporaryHome } from '../test/faults/studio.ts'
import { comparedDrawing } from './precision-check.ts'
import { type PlannedJob, Predictions, tooLarge } from './predictions.ts'

const path = join(import.meta.dirname, '../native-models/sticker-world')
const description = describeCheckpoint(path)

const job = (change: Partial<PlannedJob> = {}, parameters: object = {}): PlannedJob => ({
  operation: 'text-to-image',
  model: { id: 'sticker-world', path, fingerprint: '', description },
  provider: 'cpu',
  precision: 'as stored',
  ...change,
  parameters: {
    ...{ sampler: 'DDIMScheduler', steps: 10, guidance: 5, width: 128, height: 128, count: 1 },
    ...parameters,
  },
})

const predictions = (memoryBudget = 8e9, library = testLibrary()) =>
  new Predictions({ timings: library.timings, cache: temporaryHome(), memoryBudget: () => memoryBudget })

test('a plan: calls of the network, and work in proportion to what is drawn', () => {
  const { predict } = { predict: (given: PlannedJob) => predictions().predict(given)?.workload }
  const one = predict(job())
  expect(one).toMatchObject({ calls: 10, provider: 'cpu', precision: 'as stored' })
  // Guidance asks twice; other work stays.
  const unguided = predict(job({}, { guidance: 1 }))
  expect((one?.callWork ?? 0) / (unguided?.callWork ?? 1)).toBeCloseTo(2, 1)
  // On a CPU pictures are drawn one after the other.
  expect(predict(job({}, { count: 3 }))).toMatchObject({ calls: 30, callWork: one?.callWork })
  // Heun asks twice in all steps but the last.
  expect(predict(job({}, { sampler: 'HeunDiscreteScheduler' }))?.calls).toBe(19)
  // Few bits multiply as often, also while nothing is written.
  expect(predict(job({ precision: '8 bit' }))?.callWork).toBe(one?.callWork)
  // Four times the places; attention grows faster.
  expect((predict(job({}, { width: 256, height: 256 }))?.callWork ?? 0) / (one?.callWork ?? 1)).toBeGreaterThan(4)
})

test('what a job took tells the time of the next, by its device and precision', () => {
  const all = predictions()
  const first = all.predict(job())
  expect(first?.cost.seconds).toBeUndefined()
  if (first) all.learn(first, { steps: 10, secondsPerStep: 0.5, otherSeconds: 2 })
  expect(all.predict(job({}, { steps: 30 }))?.cost.seconds).toBeCloseTo(2 + 15)
  expect(all.predict(job({}, { guidance: 1 }))?.cost.seconds).toBeCloseTo(2 + 2.5, 0)
  expect(all.predict(job({ precision: '8 bit' }))?.cost.seconds).toBeUndefined()
})

test('what does not fit comes with ways that do, each with its memory', () => {
  // The autoencoder computes 512 x 512 in about 0.3 GB.
  const tight = predictions(0.2e9)
  const large = job({}, { width: 512, height: 512 })
  const found = tight.predict(large)
  expect(found?.fits).toBe(false)
  const choices = tight.lighter(large, ['8 bit', '4 bit'])
  expect(choices.map(({ words }) => words)).toEqual([expect.stringMatching(/^\d+ × \d+$/)])
  for (const { parameters, bytes } of choices) {
    const smaller = tight.predict(job({}, { width: 512, height: 512, ...parameters }))
    expect(smaller).toMatchObject({ fits: true, held: bytes })
    expect(bytes).toBeLessThan(found?.held ?? 0)
  }
  if (found)
    expect(tooLarge(found, 0.2e9, choices).sentence).toMatch(
      /models may use 0\.20 GB\. Choose \d+ × \d+ \(0\.\d+ GB\), or/,
    )
})

test.each([
  ['unconditional', () => modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])],
  ['unconditional', () => modelOfGoldens({ unet: 'unet2d_ncsnpp' }, ['ScoreSdeVeScheduler'])],
  ['classes', () => modelOfGoldens({ transformer: 'dit', vae: 'sd1/vae' }, ['DDIMScheduler'])],
  ['checkpoint', () => path],
] as const)('%s: its loss can be measured, and what it takes be told', (kind, model) => {
  const found = describeCheckpoint(model())
  expect(found.kind).toBe(kind)
  const { operation, parameters } = comparedDrawing(operations, found)
  expect(operations[operation]?.needs.model).toBe(kind)
  const prediction = predictions().predict({
    ...{ operation, parameters, provider: 'cpu', precision: '8 bit' },
    model: { id: 'm', path: found.path, fingerprint: '', description: found },
  })
  expect(prediction).toMatchObject({ fits: true, workload: { calls: expect.any(Number) } })
  expect(prediction?.workload.callWork).toBeGreaterThan(0)
  // The same pictures each time.
  expect(comparedDrawing(operations, found)).toEqual({ operation, parameters })
})
