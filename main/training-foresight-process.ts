import { type ChildProcess, fork } from 'node:child_process'
import { Problem } from '../app/problem.ts'
import type { AnsweredForesight, AskedForesight, TrainingForesight, TrainingQuestion } from './training-foresight.ts'

/** Milliseconds after the last answer when the process ends: a form that is being filled in asks again. */
const IDLE = 30_000
/** Answers that are kept. */
const MOST_KNOWN = 32

interface Waiting {
  readonly resolve: (foresight: TrainingForesight) => void
  readonly reject: (problem: Problem) => void
}

/** Looks ahead at trainings in a process of its own, so that the engine goes on answering while their graphs are written. It is started when there is
 *  something to ask, and ends when nobody asks any more. Answers are kept for the same question. */
export class TrainingForesightProcess {
  readonly #worker: string
  readonly #log: (line: string) => void
  readonly #waiting = new Map<number, Waiting>()
  /** By question, in the order of their last use. */
  readonly #known = new Map<string, Promise<TrainingForesight>>()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #asked = 0

  /** @param worker path of the worker's entry */
  constructor(worker: string, log: (line: string) => void) {
    this.#worker = worker
    this.#log = log
  }

  /** @param key what the answer depends on  @throws Problem whatever keeps the model from being trained; ESTIMATE_FAILED */
  ask(key: string, question: TrainingQuestion): Promise<TrainingForesight> {
    const answer = this.#known.get(key) ?? this.#ask(question)
    this.#known.delete(key)
    this.#known.set(key, answer)
    answer.catch(() => this.#known.delete(key))
    for (const oldest of [...this.#known.keys()].slice(0, -MOST_KNOWN)) this.#known.delete(oldest)
    return answer
  }

  /** Ends the process; what was asked is refused. */
  close(): void {
    clearTimeout(this.#idle)
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#refuse()
  }

  #ask(question: TrainingQuestion): Promise<TrainingForesight> {
    clearTimeout(this.#idle)
    const id = ++this.#asked
    const { promise, resolve, reject } = Promise.withResolvers<TrainingForesight>()
    this.#waiting.set(id, { resolve, reject })
    const asked: AskedForesight = { id, question }
    this.#process().send(asked, error => error && this.#log(`What looks ahead at trainings: ${error.message}`))
    return promise
  }

  #process(): ChildProcess {
    if (this.#child) return this.#child
    // Nothing is ever written to its standard input: its watchdog waits for the end of that.
    const stdio: ('pipe' | 'ignore' | 'inherit' | 'ipc')[] = ['pipe', 'ignore', 'inherit', 'ipc']
    const child = fork(this.#worker, ['--foresee'], { execPath: process.execPath, serialization: 'advanced', stdio })
    this.#child = child
    child.stdin?.on('error', () => {})
    child.on('message', (message: AnsweredForesight) => this.#hear(message))
    child.on('error', error => this.#log(`What looks ahead at trainings: ${error.message}`))
    child.on('close', () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#refuse()
    })
    return child
  }

  #hear(message: AnsweredForesight): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if ('foresight' in message) waiting?.resolve(message.foresight)
    else {
      const { code, message: words, hint } = message.problem
      waiting?.reject(new Problem(code, words, hint === undefined ? {} : { hint }))
    }
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.close(), IDLE).unref()
  }

  #refuse(): void {
    for (const { reject } of this.#waiting.values()) {
      reject(new Problem('ESTIMATE_FAILED', 'What this training takes could not be told.'))
    }
    this.#waiting.clear()
  }
}
