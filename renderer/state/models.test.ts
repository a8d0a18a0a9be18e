import { afterEach, expect, test, vi } from 'vitest'
import { connectTo, standIn } from '../testing/stand-in.ts'
import { addition, MODEL, PLAN } from '../testing/told.ts'
import { setLine, useEngine } from './engine.ts'
import { addedWords, folderOf, importPaths } from './model-files.ts'
import {
  cancelDownload,
  closeLayer,
  emptyWords,
  forgetModel,
  getPlanned,
  groupChoices,
  lookUp,
  pauseDownload,
  shownModels,
  takeToStudio,
  useModels,
} from './models.ts'
import { session } from './session.ts'
import { useStudio } from './studio.ts'
import { useUi } from './ui.ts'

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
  expect(emptyWords('all', 'lobster')).toBe('No model is called “lobster”.')
})

const others = () => useEngine.getState().others.map(({ name }) => name)

test('files are added where they lie; what is refused stays with its name until it is dismissed', async () => {
  open()
  useModels.setState({ path: '/models' })
  await importPaths(['/models/cat.safetensors', '/models/notes.txt'])
  expect(others()).toEqual(['cat'])
  expect(useModels.getState()).toMatchObject({
    adding: false,
    path: '',
    refusals: [
      { reference: '/models/notes.txt', from: 'disk', failure: { message: '/models/notes.txt is no model.' } },
    ],
  })
})

test('a model that is removed leaves the list and its details', async () => {
  open()
  await importPaths(['/models/cat.safetensors'])
  const [cat] = useEngine.getState().others
  useModels.setState({ opened: cat.id })
  await forgetModel(cat)
  expect(others()).toEqual([])
  expect(useModels.getState().opened).toBeUndefined()
})

test('a LoRA is taken to the Studio once, with its own strength; a kind that nothing takes goes nowhere', async () => {
  open()
  await until(() => expect(useEngine.getState().operations).toHaveLength(1))
  const cat = addition('lora', '/models/cat.safetensors')
  takeToStudio(cat)
  takeToStudio(cat)
  expect(useStudio.getState().draft.values.loras).toEqual([{ model: cat.path, strength: 1 }])
  useUi.setState({ room: 'models' })
  takeToStudio(addition('unknown', '/models/big.safetensors'))
  expect(useUi.getState().room).toBe('models')
})

test('what was added is counted by kind; a chosen folder is known from one of its files', () => {
  const lora = (name: string) => ({ kind: 'lora', name }) as const
  expect(addedWords([lora('cat')])).toBe('cat is here.')
  expect(addedWords([lora('cat'), lora('dog'), { kind: 'checkpoint', name: 'm' }])).toBe(
    '3 models are here: Concepts, LoRA 2; Checkpoints 1.',
  )
  expect(folderOf('/home/me/models/unet/a.safetensors', 'models/unet/a.safetensors')).toBe('/home/me/models')
})
