import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { Duplex } from 'node:stream'
import { type Frame, type Link, openLink } from './frames.ts'

/** Starts the engine and keeps it running, from Electron's main process or from any Node. The engine is a plain Node program;
 *  its life hangs on the pipe between the two: when either end goes, the engine stops its work and leaves.
 *
 *  Bundled for Electron: nothing newer than Node 18 here, and no top-level await. */

export interface EngineOptions {
  /** The Node binary that runs it; never Electron's. */
  readonly node: string
  /** The engine's program: `main/engine.ts` or its bundle; the worker's lies beside it, with the same ending. */
  readonly entry: string
  /** The person's folder: library, pictures, logs. */
  readonly home: string
  /** The folder with the models that come with the app. */
  readonly models?: string
  /** Is given each line that the engine prints, and what happens to it. */
  readonly log: (line: string) => void
}

/** `problem` says why the engine ended, where it could say so itself (a library that cannot be opened). */
export type EngineState = 'starting' | 'ready' | 'restarting'
export interface EngineProblem {
  readonly code: string
  readonly message: string
  readonly hint?: string
}
export type StateListener = (state: EngineState, problem?: EngineProblem) => void

/** A conversation with the engine's API: opaque messages of oRPC's peer protocol. It is closed when the engine ends; open another. */
export interface Channel {
  send(data: string | Uint8Array): void
  /** Messages that came before are given at once. Where the listener returns a promise, at most 1 MiB waits for such promises;
   *  then the engine holds this conversation back (only this one) until they are fulfilled. */
  onMessage(listener: (data: string | Uint8Array) => void | Promise<void>): void
  onClose(listener: () => void): void
  close(): void
}

export interface EngineProcess {
  readonly state: EngineState
  /** Process id of the engine that runs now. */
  readonly pid: number | undefined
  openChannel(): Channel
  /** Where the picture with this content hash (64 hexadecimal digits) lies, and its media type; undefined when there is none. */
  blobPath(hash: string): Promise<{ path: string; type: string } | undefined>
  /** Is told the present state at once, and each change. @returns a function that ends it */
  onState(listener: StateListener): () => void
  /** Ends the engine; resolves when it is gone. */
  stop(): Promise<void>
}

/** Milliseconds before the next start, by the number of failures in a row. */
const RESTART_DELAYS = [0, 250, 500, 1000]
/** An engine that was ready for this long (ms) counts as sound again. */
const SOUND_AFTER = 5000
/** How long an engine may take to put its things away (ms). */
const STOP_PATIENCE = 2000

export function startEngine(options: EngineOptions): EngineProcess {
  return new Supervisor(options)
}

class Supervisor implements EngineProcess {
  readonly #options: EngineOptions
  readonly #channels = new Map<number, PipeChannel>()
  readonly #asks = new Map<
    number,
    { hash: string; answer: (found: { path: string; type: string } | undefined) => void }
  >()
  readonly #listeners = new Set<StateListener>()
  #child: ChildProcess | undefined
  #link: Link | undefined
  #nextId = 1
  #failures = 0
  #problem: EngineProblem | undefined
  #retry: ReturnType<typeof setTimeout> | undefined
  #sound: ReturnType<typeof setTimeout> | undefined
  #stopped = false
  state: EngineState = 'starting'

  constructor(options: EngineOptions) {
    this.#options = options
    this.#spawn()
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  openChannel(): Channel {
    const id = this.#nextId++
    const channel = new PipeChannel(id, this.#options.log, () => this.#channels.delete(id))
    this.#channels.set(id, channel)
    if (this.#stopped) channel.end()
    else if (this.#link) channel.attach(this.#link)
    return channel
  }

  blobPath(hash: string): Promise<{ path: string; type: string } | undefined> {
    if (!/^[0-9a-f]{64}$/.test(hash) || this.#stopped) return Promise.resolve(undefined)
    const id = this.#nextId++
    return new Promise(resolve => {
      this.#asks.set(id, { hash, answer: resolve })
      this.#link?.send(0, 'blob', { id, hash })
    })
  }

  onState(listener: StateListener): () => void {
    this.#listeners.add(listener)
    listener(this.state, this.#problem)
    return () => this.#listeners.delete(listener)
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#retry)
    clearTimeout(this.#sound)
    for (const { answer } of this.#asks.values()) answer(undefined)
    this.#asks.clear()
    const child = this.#child
    this.#link?.close()
    for (const channel of [...this.#channels.values()]) channel.end()
    if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
    await new Promise<void>(resolve => child.once('exit', () => resolve()))
  }

  #spawn(): void {
    const { node, entry, home, models, log } = this.#options
    const place = models === undefined ? [] : ['--models', models]
    // 'overlapped' is 'pipe' except on Windows, where reading must not hold up writing.
    const child = spawn(node, [entry, '--home', home, ...place], {
      stdio: ['ignore', 'pipe', 'pipe', 'overlapped'],
      env: plainNodeEnvironment(process.env),
      windowsHide: true,
    })
    this.#child = child
    this.#problem = undefined
    for (const output of [child.stdout, child.stderr]) {
      if (output) createInterface({ input: output }).on('line', log)
    }
    let gone = false
    const ended = (why: string) => {
      if (gone) return
      gone = true
      log(`The engine ended (${why}).`)
      this.#ended()
    }
    child.on('error', error => ended(error.message))
    child.on('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
    const pipe = child.stdio[3]
    if (!(pipe instanceof Duplex)) return
    const link = openLink(pipe, {
      onFrame: frame => this.#receive(frame),
      onEnd: problem => {
        // An engine that does not speak any more puts its things away and leaves; one that speaks nonsense is not waited for.
        if (problem) log(problem.sentence)
        setTimeout(() => child.kill('SIGKILL'), problem ? 0 : STOP_PATIENCE).unref()
      },
    })
    this.#link = link
    for (const channel of this.#channels.values()) channel.attach(link)
    for (const [id, { hash }] of this.#asks) link.send(0, 'blob', { id, hash })
  }

  #ended(): void {
    const link = this.#link
    this.#link = undefined
    this.#child = undefined
    link?.close()
    clearTimeout(this.#sound)
    for (const channel of [...this.#channels.values()]) if (channel.attached) channel.end()
    if (this.#stopped) return
    const delay = RESTART_DELAYS[Math.min(this.#failures++, RESTART_DELAYS.length - 1)]
    this.#change('restarting')
    this.#retry = setTimeout(() => this.#spawn(), delay)
  }

  #receive([id, kind, payload]: Frame): void {
    if (id !== 0) this.#channels.get(id)?.receive(kind, payload)
    else if (kind === 'ready') {
      this.#sound = setTimeout(() => {
        this.#failures = 0
      }, SOUND_AFTER)
      this.#change('ready')
    } else if (kind === 'problem' && isProblem(payload)) {
      this.#problem = payload
    } else if (kind === 'blob' && isBlobAnswer(payload)) {
      const ask = this.#asks.get(payload.id)
      this.#asks.delete(payload.id)
      ask?.answer(payload.found ?? undefined)
    }
  }

  #change(state: EngineState): void {
    this.state = state
    for (const listener of this.#listeners) listener(state, this.#problem)
  }
}

/** One conversation. Messages that are sent before the engine runs wait here. */
class PipeChannel implements Channel {
  readonly #id: number
  readonly #log: (line: string) => void
  readonly #forget: () => void
  readonly #closers = new Set<() => void>()
  #link: Link | undefined
  #unsent: (string | Uint8Array)[] = []
  #unread: (string | Uint8Array)[] = []
  #listener: ((data: string | Uint8Array) => void | Promise<void>) | undefined
  #closed = false

  constructor(id: number, log: (line: string) => void, forget: () => void) {
    this.#id = id
    this.#log = log
    this.#forget = forget
  }

  get attached(): boolean {
    return this.#link !== undefined
  }

  attach(link: Link): void {
    this.#link = link
    link.send(this.#id, 'open')
    for (const data of this.#unsent.splice(0)) this.send(data)
  }

  send(data: string | Uint8Array): void {
    if (this.#closed) return
    if (!this.#link) this.#unsent.push(data)
    else {
      this.#link.send(this.#id, 'data', data).catch((error: Error) => {
        this.#log(error.message)
        this.close()
      })
    }
  }

  receive(kind: string, payload: unknown): void {
    if (kind === 'close') this.end()
    if (kind !== 'data' || (typeof payload !== 'string' && !(payload instanceof Uint8Array))) return
    if (this.#listener) this.#deliver(this.#listener, payload)
    else this.#unread.push(payload)
  }

  onMessage(listener: (data: string | Uint8Array) => void | Promise<void>): void {
    this.#listener = listener
    for (const data of this.#unread.splice(0)) this.#deliver(listener, data)
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener()
    else this.#closers.add(listener)
  }

  close(): void {
    if (this.#closed) return
    this.#link?.send(this.#id, 'close')
    this.end()
  }

  /** The engine is gone or has closed the conversation. */
  end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#forget()
    for (const listener of this.#closers) listener()
  }

  async #deliver(listener: (data: string | Uint8Array) => void | Promise<void>, data: string | Uint8Array) {
    try {
      await listener(data)
    } catch (error) {
      this.#log(`A message could not be handed on: ${error}`)
      this.close()
    }
    if (!this.#closed) this.#link?.send(this.#id, 'taken', { units: data.length })
  }
}

/** The engine must not inherit what makes an Electron binary a Node, nor the options of the Node that starts it. */
function plainNodeEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ELECTRON_RUN_AS_NODE: _, NODE_OPTIONS: __, ...rest } = environment
  return rest
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isProblem(value: unknown): value is EngineProblem {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string'
}

function isBlobAnswer(value: unknown): value is { id: number; found?: { path: string; type: string } | null } {
  if (!isObject(value) || typeof value.id !== 'number') return false
  const { found } = value
  if (found === undefined || found === null) return true
  return isObject(found) && typeof found.path === 'string' && typeof found.type === 'string'
}
