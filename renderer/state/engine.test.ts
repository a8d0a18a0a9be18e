import { expect, test } from 'vitest'
import type { Job, JobProgress } from './api.ts'
import { happened, merge, opened, queueOf, useEngine } from './engine.ts'

const job = (id: string, rest: Partial<Job> = {}): Job => ({
  id,
  operation: 'text-to-image',
  model: 'm',
  parameters: {},
  state: 'waiting',
  position: 0,
  createdAt: 0,
  images: [],
  ...rest,
})
const progress = (step: number, previews?: string[]): JobProgress => ({ phase: '', step, total: 20, previews })
const initial = useEngine.getInitialState()
const settings = {
  theme: 'dark',
  language: 'system',
  provider: 'auto',
  precision: 'as stored',
  memoryShare: 0.6,
  saysOrigin: true,
  contrast: 'system',
  notifies: true,
  pressureCurve: [0, 0, 1, 1] as [number, number, number, number],
  keys: {},
} as const
const read = {
  version: '1',
  provider: 'cpu',
  settings,
  operations: [],
  samplers: [],
  models: [],
  others: [],
  queuePaused: false,
  pictures: 3,
}

test('the queue is the running job and the waiting ones in their order', () => {
  const jobs = [
    job('late', { position: 2 }),
    job('over', { state: 'done' }),
    job('now', { state: 'running' }),
    job('next', { position: 1 }),
  ]
  const queue = queueOf(Object.fromEntries(jobs.map(each => [each.id, each])))
  expect([queue.running?.id, queue.waiting.map(each => each.id)]).toEqual(['now', ['next', 'late']])
})

test('progress without a preview keeps the one that was there', () => {
  expect(merge(progress(1, ['a']), progress(2)).previews).toEqual(['a'])
  expect(merge(progress(1, ['a']), progress(2, ['b'])).previews).toEqual(['b'])
})

test('the last preview of a job outlives its end', () => {
  const drawn = happened(initial, { type: 'progress', jobId: 'j', progress: progress(7, ['a']) })
  const stopped = happened(drawn, { type: 'job', job: job('j', { state: 'cancelled', progress: progress(7) }) })
  expect(stopped.progress.j).toMatchObject({ step: 7, previews: ['a'] })
})

test('a new line replaces the jobs and drops progress of those that are gone', () => {
  const before = {
    ...initial,
    jobs: { gone: job('gone'), here: job('here') },
    progress: { gone: progress(1), here: progress(2, ['a']) },
  }
  const state = opened(before, {
    ...read,
    downloadList: [],
    styles: [],
    jobList: [job('here', { state: 'running', progress: progress(5) })],
  })
  expect(Object.keys(state.jobs)).toEqual(['here'])
  expect(state.progress).toEqual({ here: progress(5, ['a']) })
  expect(state).toMatchObject({ presence: 'here', lines: initial.lines + 1, pictures: 3 })
})

test('pictures are counted as they come and go', () => {
  const three = { ...initial, pictures: 3 }
  expect(happened(three, { type: 'removed', images: ['a', 'b'] }).pictures).toBe(1)
})

test('data sets come, change, and go', () => {
  const dataset = {
    ...{ id: 'd', name: 'cats', folder: '/cats', background: '#ffffff', createdAt: 0, isComplete: false },
    ...{ pictures: 0, captioned: 0, classImages: 0, refused: 0, leftOut: 0 },
  }
  const come = happened(initial, { type: 'dataset', dataset })
  const changed = happened(come, { type: 'dataset', dataset: { ...dataset, pictures: 4, isComplete: true } })
  expect(changed.datasets).toEqual({ d: { ...dataset, pictures: 4, isComplete: true } })
  expect(happened(changed, { type: 'datasets removed', ids: ['d', 'other'] }).datasets).toEqual({})
})
