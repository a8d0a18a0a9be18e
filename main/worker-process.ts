import { type ChildProcess, fork } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ProblemInfo } from '../app/library/records.ts'
import type {
  FromWorker,
  JobOrder,
  ToWorker,
  WorkerMeasurements,
  WorkerPicture,
  WorkerProgress,
} from './worker-messages.ts'

export interface WorkerOptions {
  /** The worker's program. */
  readonly entry: string
  /** The Node binary that runs it. */
  readonly node: string
  /** Is given each line that the worker prints, and what happens to it. */
  readonly log: (line: string) => void
  readonly onState: (state: 'starting' | 'ready' | 'restarted', message?: string) => void
}

/** How an order ended. `interrupted`: the worker's process ended under it. */
export type Outcome =
  | ({
      readonly type: 'done'
      readonly pictures: readonly WorkerPicture[]
    } & WorkerMeasurements)
  | { readonly type: 'failed'; readonly problem: ProblemInfo }
  | { readonly type: 'interrupted'; readonly problem: ProblemInfo }
  | { readonly type: 'cancelled' }

/** Milliseconds that a cancelled order may take to stop by itself; then its process is ended. The person waits for this at most,
 *  and a new process is there long before the next order needs it. */
const CANCEL_PATIENCE = 150
/** Milliseconds before the next start, by the number of starts in a row that came to nothing. */
const RESTART_DELAYS = [0, 250, 500, 1000, 2000]

interface Running {
  readonly order: JobOrder
  readonly onProgress: (progress: WorkerProgress) => void
  readonly settle: (outcome: Outcome) => void
  readonly settled: Promise<Outcome>
  readonly pictures: WorkerPicture[]
  progress?: WorkerProgress
  isSent: boolean
}

/** The process that computes, seen from the engine: started early, started again whenever it ends, one order at a time. */
export class WorkerProcess {
  readonly #options: WorkerOptions
  #child: ChildProcess | undefined
  #isReady = false
  #running: Running | undefined
  #watched = false
  #failures = 0
  #restart: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: WorkerOptions) {
    this.#options = options
  }

  /** Process id of the worker that runs now. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** Starts the process if there is none, so that it is there when the first order comes. */
  start(): void {
    if (this.#closed || this.#child || this.#restart) return
    this.#options.onState('starting')
    this.#spawn()
  }

  /** Runs an order; only one at a time. Never rejects. */
  run(order: JobOrder, onProgress: (progress: WorkerProgress) => void): Promise<Outcome> {
    this.start()
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const settle = (outcome: Outcome) => {
      this.#running = undefined
      resolve(outcome)
    }
    this.#running = { order, onProgress, settle, settled: promise, pictures: [], isSent: false }
    this.#sendOrder()
    return promise
  }

  /** Ends the running order: between steps if that is soon, else with its process. The order is settled when this resolves. */
  async cancel(): Promise<void> {
    const running = this.#running
    if (!running) return
    if (!running.isSent) {
      running.settle({ type: 'cancelled' })
      return
    }
    this.#send({ type: 'cancel', id: running.order.id })
    await Promise.race([running.settled, sleep(CANCEL_PATIENCE, undefined, { ref: false })])
    if (this.#running !== running) return
    running.settle({ type: 'cancelled' })
    this.#options.log('The worker did not stop between steps and is replaced.')
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.start()
  }

  /** Whether anybody looks at previews. */
  watch(previews: boolean): void {
    if (this.#watched === previews) return
    this.#watched = previews
    if (this.#isReady) this.#send({ type: 'watch', previews })
  }

  /** Ends the process at once, and whatever it was doing. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#restart)
    this.#running?.settle({ type: 'cancelled' })
    this.#child?.kill('SIGKILL')
  }

  #spawn(): void {
    this.#restart = undefined
    const { entry, node, log } = this.#options
    this.#isReady = false
    const child = fork(entry, [], {
      execPath: node,
      // Tensors are V8's external memory; a young generation of 2 MiB is enough, and halves what the process holds.
      execArgv: ['--max-semi-space-size=2'],
      serialization: 'advanced',
      // Nothing is ever written to its standard input: the worker's watchdog waits for its end.
      stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
    })
    this.#child = child
    let lastLine = ''
    for (const output of [child.stdout, child.stderr]) {
      if (!output) continue
      createInterface({ input: output }).on('line', line => {
        lastLine = line
        log(line)
      })
    }
    child.stdin?.on('error', () => {})
    child.on('message', (message: FromWorker) => this.#receive(child, message))
    child.on('error', error => log(`The worker: ${error.message}`))
    // Not 'exit': messages that it still sent must be read first.
    child.on('close', (code, signal) => this.#ended(child, signal ?? `exit code ${code}`, lastLine))
  }

  #receive(child: ChildProcess, message: FromWorker): void {
    if (child !== this.#child) return
    if (message.type === 'ready') this.#ready()
    else if (this.#running?.order.id === message.id) this.#report(this.#running, message)
  }

  #report(running: Running, message: Exclude<FromWorker, { type: 'ready' }>): void {
    switch (message.type) {
      case 'progress':
        running.progress = message.progress
        running.onProgress(message.progress)
        break
      case 'picture':
        running.pictures.push(message.picture)
        break
      case 'done':
        running.settle({ ...message, pictures: running.pictures })
        break
      case 'cancelled':
        running.settle({ type: 'cancelled' })
        break
      case 'failed':
        this.#options.log(message.details)
        running.settle({ type: 'failed', problem: message.problem })
    }
  }

  #ready(): void {
    this.#isReady = true
    this.#failures = 0
    if (this.#watched) this.#send({ type: 'watch', previews: true })
    this.#options.onState('ready')
    this.#sendOrder()
  }

  #sendOrder(): void {
    const running = this.#running
    if (!this.#isReady || !running || running.isSent) return
    running.isSent = true
    this.#send({ type: 'run', order: running.order })
  }

  #send(message: ToWorker): void {
    const child = this.#child
    // A process that ends just now takes the message with it; what it was doing is settled when its end is known.
    if (child?.connected) child.send(message, error => error && this.#options.log(`The worker: ${error.message}`))
  }

  #ended(child: ChildProcess, why: string, lastLine: string): void {
    if (child !== this.#child) return
    this.#child = undefined
    if (this.#closed) return
    const wasReady = this.#isReady
    this.#isReady = false
    this.#options.log(`The worker ended (${why}).`)
    const running = this.#running
    const problem = running?.isSent ? interruption(why, running.progress) : undefined
    if (problem) running?.settle({ type: 'interrupted', problem })
    if (!wasReady && ++this.#failures >= RESTART_DELAYS.length) {
      this.#giveUp(lastLine)
      return
    }
    this.#options.onState('restarted', problem?.message)
    this.#restart = setTimeout(() => this.#spawn(), RESTART_DELAYS[this.#failures])
  }

  /** It cannot even start: whoever waits is told, and the next order tries again. */
  #giveUp(lastLine: string): void {
    this.#failures = 0
    this.#running?.settle({
      type: 'failed',
      problem: {
        code: 'WORKER_CANNOT_START',
        message: `The part of Sfumato that draws does not start (${lastLine.slice(0, 200) || 'it says nothing'}).`,
        hint: 'Start Sfumato again; if that does not help, install it again.',
      },
    })
  }
}

/** What the person is told when the process ends under a job. */
function interruption(why: string, progress: WorkerProgress | undefined): ProblemInfo {
  const place = progress && progress.step > 0 ? ` Your picture was at step ${progress.step} of ${progress.total}.` : ''
  const message = `The engine stopped and is back.${place}`
  // The system's own end for a process when memory runs out; native code ends with other signals.
  if (why === 'SIGKILL') {
    const hint = 'Memory probably ran out: close other programs or choose a smaller size, then run it again.'
    return { code: 'WORKER_KILLED', message, hint }
  }
  return { code: 'WORKER_CRASHED', message, hint: 'Run it again.' }
}
