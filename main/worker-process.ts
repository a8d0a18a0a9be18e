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
  /** It goes on from here when it is run again. */
  | { readonly type: 'paused' }
  | { readonly type: 'cancelled' }

/** Milliseconds that a cancelled order may take to stop by itself; then its process is ended. The person waits for this at most,
 *  and a new process is there long before the next order needs it. */
const CANCEL_PATIENCE = 150
/** Milliseconds that a cancelled order may go on where another one would be ended with its process; the person does not wait for this. */
const COMPANY_PATIENCE = 30_000
/** Milliseconds before the next start, by the number of starts in a row that came to nothing. */
const RESTART_DELAYS = [0, 250, 500, 1000, 2000]

interface Running {
  order: JobOrder
  readonly onProgress: (progress: WorkerProgress) => void
  readonly settle: (outcome: Outcome) => void
  readonly settled: Promise<Outcome>
  readonly pictures: WorkerPicture[]
  progress?: WorkerProgress
  isSent: boolean
}

/** The process that computes, seen from the engine: started early, started again whenever it ends. It is given one order at a
 *  time, and beside one that resumes another one. */
export class WorkerProcess {
  readonly #options: WorkerOptions
  #child: ChildProcess | undefined
  #isReady = false
  readonly #running = new Map<string, Running>()
  /** Orders that were cancelled and go on in a long step. */
  readonly #leaving = new Set<string>()
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

  /** Runs an order: only one at a time, or one beside one that resumes. Never rejects. */
  run(order: JobOrder, onProgress: (progress: WorkerProgress) => void): Promise<Outcome> {
    this.start()
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const settle = (outcome: Outcome) => {
      this.#running.delete(order.id)
      resolve(outcome)
    }
    const running = { order, onProgress, settle, settled: promise, pictures: [], isSent: false }
    this.#running.set(order.id, running)
    this.#sendOrder(running)
    return promise
  }

  /** Ends an order: between steps if that is soon, else with the process, unless that has another order as well. The order is settled when this
   *  resolves. */
  async cancel(id: string): Promise<void> {
    const running = this.#running.get(id)
    if (!running) return
    if (!running.isSent) {
      running.settle({ type: 'cancelled' })
      return
    }
    this.#send({ type: 'cancel', id })
    await Promise.race([running.settled, sleep(CANCEL_PATIENCE, undefined, { ref: false })])
    if (this.#running.get(id) !== running) return
    running.settle({ type: 'cancelled' })
    if (this.#running.size === 0) this.#replace()
    else if (!running.order.resumes) this.#replaceUnlessLeft(id)
  }

  /** Stops an order that resumes between two steps, however long the step is; it is settled as paused. */
  pause(id: string): void {
    const running = this.#running.get(id)
    if (running?.isSent) this.#send({ type: 'pause', id })
    else running?.settle({ type: 'paused' })
  }

  /** Ends an order that resumes after its step, with what it has. */
  keep(id: string): void {
    const running = this.#running.get(id)
    if (running?.isSent) this.#send({ type: 'keep', id })
    else if (running) running.order = { ...running.order, keeps: true }
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
    for (const running of this.#running.values()) running.settle({ type: 'cancelled' })
    this.#child?.kill('SIGKILL')
  }

  /** An order that was cancelled goes on in a long step, with another one beside it. */
  #replaceUnlessLeft(id: string): void {
    this.#leaving.add(id)
    const child = this.#child
    setTimeout(() => {
      if (this.#leaving.delete(id) && this.#child === child && !this.#closed) this.#replace()
    }, COMPANY_PATIENCE).unref()
  }

  /** Ends the process and whatever it was doing, and starts another one. */
  #replace(): void {
    this.#options.log('The worker did not stop between steps and is replaced.')
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#interrupt('SIGKILL')
    this.start()
  }

  /** Settles what the process had. @returns what is said of it */
  #interrupt(why: string): string | undefined {
    this.#leaving.clear()
    const problems = [...this.#running.values()]
      .filter(({ isSent }) => isSent)
      .map(({ order, progress, settle }) => {
        const problem = interruption(why, order, progress)
        settle({ type: 'interrupted', problem })
        return problem
      })
    return problems.at(-1)?.message
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
    if (message.type === 'ready') {
      this.#ready()
      return
    }
    const running = this.#running.get(message.id)
    if (running) this.#report(running, message)
    else if (message.type !== 'progress' && message.type !== 'picture') this.#leaving.delete(message.id)
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
      case 'paused':
        running.settle({ type: message.type })
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
    for (const running of this.#running.values()) this.#sendOrder(running)
  }

  #sendOrder(running: Running): void {
    if (!this.#isReady || running.isSent) return
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
    const said = this.#interrupt(why)
    if (!wasReady && ++this.#failures >= RESTART_DELAYS.length) {
      this.#giveUp(lastLine)
      return
    }
    this.#options.onState('restarted', said)
    this.#restart = setTimeout(() => this.#spawn(), RESTART_DELAYS[this.#failures])
  }

  /** It cannot even start: whoever waits is told, and the next order tries again. */
  #giveUp(lastLine: string): void {
    this.#failures = 0
    const problem = {
      code: 'WORKER_CANNOT_START',
      message: `The part of Sfumato that draws does not start (${lastLine.slice(0, 200) || 'it says nothing'}).`,
      hint: 'Start Sfumato again; if that does not help, install it again.',
    }
    for (const running of this.#running.values()) running.settle({ type: 'failed', problem })
  }
}

/** What the person is told when the process ends under a job. */
function interruption(why: string, { resumes }: JobOrder, progress: WorkerProgress | undefined): ProblemInfo {
  const message = `The engine stopped and is back.${placeWords(resumes, progress)}`
  // The system's own end for a process when memory runs out; native code ends with other signals.
  const isKilled = why === 'SIGKILL'
  const code = isKilled ? 'WORKER_KILLED' : 'WORKER_CRASHED'
  if (resumes) return { code, message, hint: 'Run it again: it goes on from what was saved last.' }
  if (!isKilled) return { code, message, hint: 'Run it again.' }
  const hint = 'Memory probably ran out: close other programs or choose a smaller size, then run it again.'
  return { code, message, hint }
}

function placeWords(resumes: true | undefined, progress: WorkerProgress | undefined): string {
  if (progress === undefined || progress.step === 0) return ''
  const place = `at step ${progress.step} of ${progress.total}`
  return resumes ? ` The training was ${place}; it goes on from what was saved last.` : ` Your picture was ${place}.`
}
