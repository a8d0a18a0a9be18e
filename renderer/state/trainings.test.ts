import { expect, test } from 'vitest'
import type { TrainingHistory } from './api.ts'
import type { Field } from './form.ts'
import {
  adviceOf,
  bestStep,
  isSameConcept,
  lookedAt,
  parametersOf,
  shownStep,
  smoothed,
  stageOf,
  stepsOf,
  usualValue,
} from './trainings.ts'

const history: TrainingHistory = {
  ...{ id: 'r', operation: 'train-lora', name: 'bolt', steps: 40, done: 30, beganAt: 0, jobs: ['j'] },
  losses: [],
  heldBack: [
    [0, 0.01],
    [10, 0.3],
    [20, 0.2],
    [30, 0.25],
  ],
  distances: [],
  prompts: [],
  looks: [0, 10, 20, 30].map(step => ({ step, pictures: [] })),
  keepsSteps: true,
  kept: [10, 20, 30],
  resumed: [],
}

test('the best step does best on what is held back, among those that can be used', () => {
  expect(bestStep(history)).toBe(20)
  expect(bestStep({ ...history, heldBack: [] })).toBeUndefined()
  expect(adviceOf(history, 'learning')).toBe('Step 20 is closest to the held-back pictures so far.')
  expect(adviceOf(history, 'done')).toBe(
    'Step 20 is closest to the held-back pictures; later steps are further from them.',
  )
  expect(adviceOf({ ...history, kept: [10, 20] }, 'done')).toMatch(/Step 20, the last, is closest/)
  expect(adviceOf({ ...history, keepsSteps: false }, 'done')).toBe('bolt is in Models, as it was after the last step.')
  expect(adviceOf({ ...history, heldBack: [], kept: [] }, 'learning')).toMatch(/Nothing can be used yet/)
})

test('the best step is shown, unless another is looked at that there is something to see of', () => {
  expect(stepsOf({ ...history, kept: [25] })).toEqual([0, 10, 20, 25, 30])
  expect(shownStep(history, undefined)).toBe(20)
  expect(shownStep(history, 30)).toBe(30)
  expect(shownStep(history, 31)).toBe(20)
  expect(shownStep({ ...history, heldBack: [] }, undefined)).toBe(30)
})

test.each([
  [{ state: 'waiting' }, undefined, 'waiting'],
  [{ state: 'running' }, undefined, 'preparing'],
  [{ state: 'running' }, { done: 3, steps: 9 }, 'learning'],
  [{ state: 'paused' }, { done: 3, steps: 9 }, 'paused'],
  [{ state: 'cancelled' }, { done: 3, steps: 9 }, 'paused'],
  [{ state: 'interrupted' }, { done: 3, steps: 9 }, 'failed'],
  [{ state: 'failed' }, undefined, 'failed'],
  [{ state: 'done' }, { done: 3, steps: 9 }, 'done'],
  [undefined, { done: 9, steps: 9 }, 'done'],
] as const)('%j with %j is %s', (job, run, stage) => {
  expect(stageOf(job, run)).toBe(stage)
})

test('a smoothed curve begins at its first value, keeps a constant, and lags behind a step', () => {
  const flat = smoothed(Array.from({ length: 50 }, (_, k) => [k, 2] as const))
  for (const value of flat) expect(value).toBeCloseTo(2, 12)
  const rising = smoothed(Array.from({ length: 50 }, (_, k) => [k, k < 25 ? 0 : 1] as const))
  expect(rising[24]).toBe(0)
  expect(rising[25]).toBeGreaterThan(0)
  expect(rising[25]).toBeLessThan(0.5)
  expect(rising[49]).toBeGreaterThan(0.9)
})

const field = (name: string, standard: unknown): Field => ({
  ...{ name, title: name, description: '', group: 'advanced', widget: 'slider', whole: true, step: 1, standard },
})

test('a run is looked at eight times, unless somebody says otherwise; seeds and pictures are not copied', () => {
  const fields = [field('steps', 600), field('showEvery', 0), { ...field('seed', undefined), widget: 'seed' as const }]
  expect(usualValue(fields[1], {}, fields)).toBe(75)
  expect(usualValue(fields[1], { steps: 4 }, fields)).toBe(1)
  expect(usualValue(fields[0], {}, fields)).toBe(600)
  expect(parametersOf(fields, { steps: 80, seed: '3' }, 'set')).toEqual({ steps: 80, showEvery: 10, images: 'set' })
})

test('a job is looked at by its run as soon as it has one; a run by its newest job that is known', () => {
  const job = {
    ...{ id: 'j', operation: 'train-lora', model: 'm', parameters: {}, state: 'running' as const, position: 0 },
    ...{ createdAt: 0, images: [] },
  }
  expect(lookedAt({ looked: { job: 'j' }, runs: [] }, { j: job }, {})).toEqual({ run: undefined, job })
  expect(lookedAt({ looked: { job: 'j' }, runs: [] }, { j: job }, { j: { training: 'r' } })).toEqual({ run: 'r', job })
  const runs = [{ ...history, jobs: ['i', 'j', 'gone'] }]
  expect(lookedAt({ looked: { run: 'r' }, runs }, { j: job }, {})).toEqual({ run: 'r', job })
  expect(lookedAt({ looked: undefined, runs }, { j: job }, {})).toEqual({})
})

test('two steps of one run are one concept', () => {
  expect(isSameConcept('/l/bolt.safetensors', '/l/bolt step 20.safetensors')).toBe(true)
  expect(isSameConcept('/l/bolt step 5.safetensors', '/l/bolt step 20.safetensors')).toBe(true)
  expect(isSameConcept('/l/bolt.safetensors', '/l/nut step 20.safetensors')).toBe(false)
})
