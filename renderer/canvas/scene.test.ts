import { expect, test } from 'vitest'
import type { Image, Job, JobState } from '../state/api.ts'
import { emptyDraft } from '../state/draft.ts'
import { type StudioState, staged, useStudio } from '../state/studio.ts'
import { sceneOf, sizeOfScene } from './scene.ts'

const image: Image = { id: 'a', hash: 'a', width: 96, height: 64, createdAt: 1, starred: false, index: 0 }
const job = (state: JobState): Job => ({
  id: 'j',
  operation: 'text-to-image',
  model: 'm',
  parameters: { width: 256, height: 128 },
  state,
  position: 0,
  createdAt: 0,
  images: [],
})
const engine = (state?: JobState, queuePaused = false) => ({
  jobs: Object.fromEntries(state === undefined ? [] : [['j', job(state)]]),
  progress: { j: { phase: '', step: 3, total: 9 } },
  operations: [],
  queuePaused,
})
const empty: StudioState = { ...useStudio.getInitialState(), draft: emptyDraft, shown: 0, compared: -1 }
const next = { width: 512, height: 512 }

test('an empty frame has the size of the next picture', () => {
  const scene = sceneOf(engine(), empty)
  expect(scene.kind).toBe('empty')
  expect(sizeOfScene(scene, next)).toEqual(next)
})

test('a running job is watched, in its own size', () => {
  const scene = sceneOf(engine('running'), empty)
  expect(scene).toMatchObject({ kind: 'work', progress: { step: 3 } })
  expect(sizeOfScene(scene, next)).toEqual({ width: 256, height: 128 })
})

test('a request is shown as work before the engine has answered', () => {
  expect(sceneOf(engine(), { ...empty, asks: [1] }).kind).toBe('work')
})

test('a job that waits in a paused queue is not work', () => {
  expect(sceneOf(engine('waiting'), empty).kind).toBe('work')
  expect(sceneOf(engine('waiting', true), empty).kind).toBe('empty')
})

test('who looks at results goes on looking while the next job runs', () => {
  const state = staged(empty, [image])
  expect(sceneOf(engine('running'), state).kind).toBe('results')
  expect(sceneOf(engine('running'), { ...state, watching: true }).kind).toBe('work')
})

test('how a run ended is shown until something else is', () => {
  for (const end of ['failed', 'cancelled', 'interrupted'] as const)
    expect(sceneOf(engine(end), { ...empty, stopped: 'j' })).toMatchObject({ kind: 'stopped', job: { state: end } })
  const refused = { code: 'X', message: 'No.' }
  expect(sceneOf(engine(), { ...empty, refused })).toMatchObject({ kind: 'refused', failure: refused })
  expect(sceneOf(engine(), { ...empty, stopped: 'unknown' }).kind).toBe('empty')
})

test('the accepted picture has its own size', () => {
  const scene = sceneOf(engine(), { ...empty, draft: { ...emptyDraft, accepted: image } })
  expect(scene.kind).toBe('picture')
  expect(sizeOfScene(scene, next)).toEqual({ width: 96, height: 64 })
})
