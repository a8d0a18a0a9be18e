import { Socket } from 'node:net'
import { parseArgs } from 'node:util'
import { Problem } from '../app/problem.ts'
import { Conversations } from './conversations.ts'
import { createEngine, type Engine, type EngineOptions } from './engine-core.ts'
import { type Frame, type Link, openLink } from './frames.ts'

const log = (line: string) => console.log(line)

/** Milliseconds for the last message to reach the other end. */
const FAREWELL = 100

let engine: Engine | undefined
let conversations: Conversations | undefined

/** Puts everything away and leaves. Nothing here waits for the worker. */
async function leave(code: number): Promise<void> {
  conversations?.closeAll()
  try {
    await engine?.close()
  } catch (error) {
    log(`The library could not be closed: ${error}`)
  }
  process.exit(code)
}

function answer(link: Link, [id, kind, payload]: Frame): void {
  if (!engine || !conversations) return
  if (id === 0 && kind === 'blob' && isBlobQuestion(payload)) {
    void link.send(0, 'blob', { id: payload.id, found: engine.blobPath(payload.hash) ?? null })
  } else if (kind === 'open') {
    conversations.open(id, (kind, data) => link.send(id, kind, data))
  } else if (kind === 'data' && (typeof payload === 'string' || payload instanceof Uint8Array)) {
    void conversations.hear(id, payload)
  } else if (kind === 'taken' && isTaken(payload)) {
    conversations.taken(id, payload.units)
  } else if (kind === 'close') {
    conversations.close(id)
  }
}

async function start(parts: EngineParts): Promise<void> {
  const { values } = parseArgs({ options: { home: { type: 'string' }, models: { type: 'string' } } })
  const { home, models } = values
  if (home === undefined)
    throw new Problem('HOME_MISSING', 'The engine is not told its folder.', { hint: 'Use --home.' })
  // Ctrl+C in a terminal reaches every process of the group; what it means here is the parent's to say.
  process.on('SIGINT', () => {})
  // A parent that is gone reads no log; its pipe's end is what counts.
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {})
  let early: Frame[] | undefined = []
  const link = openLink(new Socket({ fd: 3 }), {
    // What was sent while the library opens is answered right after.
    onFrame: frame => (early ? early.push(frame) : answer(link, frame)),
    onEnd(problem) {
      if (problem) log(`${problem.sentence} The engine leaves, to be started afresh.`)
      void leave(problem ? 1 : 0)
    },
  })
  try {
    engine = await createEngine({ ...parts, home, models, log })
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const { code, message, hint } = error
    await link.send(0, 'problem', { code, message, ...(hint !== undefined && { hint }) })
    log(error.sentence)
    setTimeout(() => void leave(1), FAREWELL)
    return
  }
  conversations = new Conversations(engine.context, log)
  await link.send(0, 'ready')
  for (const frame of early) answer(link, frame)
  early = undefined
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const isBlobQuestion = (value: unknown): value is { id: number; hash: string } =>
  isObject(value) && typeof value.id === 'number' && typeof value.hash === 'string'

const isTaken = (value: unknown): value is { units: number } =>
  isObject(value) && typeof value.units === 'number' && value.units >= 0

/** What tests put in the place of the real thing. */
export type EngineParts = Pick<EngineOptions, 'operations' | 'worker'>

/** The studio behind a pipe (file descriptor 3) to the process that started this one (engine-process.ts); this process lives as
 *  long as the pipe does. What it prints goes to the log. Its own parameters: `--home FOLDER [--models FOLDER]` */
export function serveEngine(parts: EngineParts = {}): void {
  start(parts).catch(async (error: Error) => {
    log(error.stack ?? error.message)
    await leave(1)
  })
}
