import { afterEach, expect, test, vi } from 'vitest'
import { connectTo, MODEL, PLAN, standIn } from '../testing/stand-in.ts'
import { setLine, useEngine } from './engine.ts'
import {
  cancelDownload,
  closeLayer,
  emptyWords,
  getPlanned,
  groupChoices,
  lookUp,
  pauseDownload,
  shownModels,
  useModels,
} from './models.ts'
import { session } from './session.ts'

const lines: { close(): void }[] = []
function open() {
  const engine = standIn({ pictures: [], library: 0, pace: 1 })
  const line = connectTo(engine.router)
  lines.push(line)
  session(line.api).catch(() => {})
  return engine
}
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })
const states = () => Object.values(useEngine.getState().downloads).map(({ state }) => state)

afterEach(() => {
  for (const line of lines.splice(0)) line.close()
  setLine(undefined)
  useEngine.setState(useEngine.getInitialState(), true)
  useModels.setState(useModels.getInitialState(), true)
})

test('looked up, agreed to, paused, arrived: the model is in the list', async () => {
  const engine = open()
  await lookUp('owner/harbour')
  expect(useModels.getState()).toMatchObject({ plan: { name: 'owner/harbour' }, looking: undefined, refusals: [] })
  await getPlanned()
  expect(useModels.getState().plan).toBeUndefined()
  await until(() => expect(states()).toEqual(['running']))
  await pauseDownload(PLAN.id)
  expect(states()).toEqual(['paused'])
  engine.download({ state: 'done', done: PLAN.bytes })
  await until(() => expect(useEngine.getState().models.map(({ id }) => id)).toEqual([MODEL.id, PLAN.model]))
  await cancelDownload(PLAN.id)
  expect(states()).toEqual([])
})

test('a refusal stays, newest first, once for each model, until it is asked again', async () => {
  open()
  await lookUp('owner/none')
  await lookUp('owner/nothing')
  await lookUp(' owner/none ')
  expect(useModels.getState().refusals.map(({ reference }) => reference)).toEqual(['owner/none', 'owner/nothing'])
  expect(useModels.getState().refusals[0]?.failure).toMatchObject({ code: 'HUB_UNKNOWN', hint: 'Check its name.' })
})

test('an answer that is no longer waited for changes nothing; Esc goes out one layer at a time', async () => {
  open()
  useModels.setState({ opened: MODEL.id })
  const asked = lookUp('owner/harbour')
  closeLayer()
  await asked
  expect(useModels.getState()).toMatchObject({ plan: undefined, looking: undefined, opened: MODEL.id })
  closeLayer()
  expect(useModels.getState().opened).toBeUndefined()
})

test('groups are offered when something is in them, and words narrow', () => {
  expect(groupChoices([])).toEqual([
    { value: 'all', label: 'All 0' },
    { value: 'checkpoints', label: 'Checkpoints 0' },
  ])
  const checkpoints = ['Harbour', 'Night'].map(name => ({ kind: 'checkpoint', name }) as const)
  expect(groupChoices(checkpoints)[1]).toEqual({ value: 'checkpoints', label: 'Checkpoints 2' })
  expect(shownModels(checkpoints, { group: 'all', words: ' nig' })).toEqual([{ kind: 'checkpoint', name: 'Night' }])
  expect(shownModels(checkpoints, { group: 'control', words: '' })).toEqual([])
  expect(emptyWords('control', '')).toBe('No ControlNets yet.')
  expect(emptyWords('all', 'lobster')).toBe('No model is called "lobster".')
})
