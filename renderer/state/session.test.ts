import { afterEach, expect, test, vi } from 'vitest'
import { connectTo, standIn } from '../testing/stand-in.ts'
import { MODEL } from '../testing/told.ts'
import { queueOf, setLine, useEngine } from './engine.ts'
import { cancelRun, dropCancelled, generate, runAgain } from './runs.ts'
import { away, session } from './session.ts'
import { edit, useStudio } from './studio.ts'

/** The page's state on a stand-in engine, over a real message channel. */
function open(pace = 1) {
  const engine = standIn({ pictures: [{ hash: 'h', prompt: 'p' }], library: 2, pace })
  return { engine, line: connect(engine) }
}
const lines: { close(): void }[] = []
function connect({ router }: ReturnType<typeof standIn>) {
  const line = connectTo(router)
  lines.push(line)
  session(line.api).catch(() => {})
  return line
}
const studio = () => useStudio.getState()
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })

afterEach(() => {
  for (const line of lines.splice(0)) line.close()
  setLine(undefined)
  useEngine.setState(useEngine.getInitialState(), true)
  useStudio.setState(useStudio.getInitialState(), true)
})

test('a prompt becomes a result in the strip, drawn with the seed that stands in the field', async () => {
  open()
  edit('prompt', { prompt: 'a red apple' })
  edit('value:count', { values: { count: 2 } })
  await until(() => expect(useEngine.getState().models[0]?.id).toBe(MODEL.id))
  await generate()
  await until(() => expect(studio().draft.staged).toHaveLength(2))
  const [first] = studio().draft.staged
  expect(first?.recipe?.parameters.prompt).toBe('a red apple')
  expect(first?.recipe?.seed).toBe(studio().draft.seed)
  expect(studio()).toMatchObject({ watching: false, pending: [], asks: [] })
  expect(useEngine.getState().pictures).toBe(4)
})

test('the request is shown at once, before the engine has answered', async () => {
  open()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  const asked = generate()
  expect(studio().asks).toHaveLength(1)
  await asked
})

test('a failure is shown on the frame and can be run again', async () => {
  const { engine } = open()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  engine.fail({ code: 'X', message: 'No memory.' })
  await generate()
  await until(() => expect(studio().stopped).toBeDefined())
  const id = studio().stopped ?? ''
  expect(useEngine.getState().jobs[id]).toMatchObject({ state: 'failed', problem: { message: 'No memory.' } })
  await runAgain(id)
  await until(() => expect(studio().draft.staged).toHaveLength(1))
  expect(studio().stopped).toBeUndefined()
})

test('what is cancelled stops, and says where', async () => {
  open(20)
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  await generate()
  await until(() => expect(queueOf(useEngine.getState().jobs).running).toBeDefined())
  expect(cancelRun()).toBe(true)
  await until(() => expect(useEngine.getState().jobs[studio().stopped ?? '']?.state).toBe('cancelled'))
  // What it left goes as soon as somebody works on what lies below.
  dropCancelled()
  expect(studio().stopped).toBeUndefined()
})

test('a request that is made while the engine is away runs when it is back', async () => {
  const { engine, line } = open()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  line.close()
  away()
  const asked = generate()
  expect(useEngine.getState().presence).toBe('away')
  expect(studio().asks).toHaveLength(1)
  connect(engine)
  await asked
  await until(() => expect(studio().draft.staged).toHaveLength(1))
})

test('a request that is cancelled while the engine is away is never made', async () => {
  const { engine, line } = open()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  line.close()
  away()
  const asked = generate()
  expect(cancelRun()).toBe(true)
  connect(engine)
  await asked
  expect(Object.keys(useEngine.getState().jobs)).toHaveLength(0)
})

test('a job that ended while nobody listened is shown on the next line', async () => {
  const { engine, line } = open(10)
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  await generate()
  line.close()
  away()
  await new Promise(resolve => setTimeout(resolve, 600))
  expect(studio().draft.staged).toHaveLength(0)
  connect(engine)
  await until(() => expect(studio().draft.staged).toHaveLength(1))
})

test('who asks before the engine is there gets the picture when it is', async () => {
  const asked = generate()
  expect(studio().asks).toHaveLength(1)
  open()
  await asked
  await until(() => expect(studio().draft.staged).toHaveLength(1))
})

test('a request that is cancelled while it is handed over is stopped in the engine', async () => {
  open(20)
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  const asked = generate()
  cancelRun()
  await asked
  await until(() =>
    expect(Object.values(useEngine.getState().jobs).every(({ state }) => state === 'cancelled')).toBe(true),
  )
  expect(studio().draft.staged).toHaveLength(0)
})
