import { type ChildProcess, fork } from 'node:child_process'
import type { ProblemInfo } from '../app/library/records.ts'
import { Problem } from '../app/problem.ts'

/** Milliseconds after the last answer when the process ends: who asked once often asks again. */
const IDLE = 30_000

interface Asked<Question> {
  readonly id: number
  readonly question: Question
}
type Answered<Answer> =
  | { readonly id: number; readonly answer: Answer }
  | { readonly id: number; readonly problem: ProblemInfo }

export interface AskedProcessOptions {
  /** Path of the worker's entry, and the word that makes it answer these questions. */
  readonly worker: string
  readonly flag: string
  /** What it is, for the log. */
  readonly name: string
  /** What is said where it ends without an answer. */
  readonly failure: () => Problem
  readonly log: (line: string) => void
}

/** Questions that a process of its own answers, so that the engine goes on answering meanwhile, and whatever ends it ends nothing else.
 *  It is started when there is something to ask, and ends when nobody asks any more. */
export class AskedProcess<Question, Answer> {
  readonly #options: AskedProcessOptions
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>()
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined
  #asked = 0

  constructor(options: AskedProcessOptions) {
    this.#options = options
  }

  /** @throws Problem what the process says; the failure that was named where it ends */
  ask(question: Question): Promise<Answer> {
    clearTimeout(this.#idle)
    const id = ++this.#asked
    const waiting = Promise.withResolvers<Answer>()
    this.#waiting.set(id, waiting)
    const asked: Asked<Question> = { id, question }
    this.#process().send(asked, error => error && this.#say(error))
    return waiting.promise
  }

  /** Ends the process; what was asked is refused. */
  close(): void {
    clearTimeout(this.#idle)
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#refuse()
  }

  #say({ message }: Error): void {
    this.#options.log(`${this.#options.name}: ${message}`)
  }

  #process(): ChildProcess {
    if (this.#child) return this.#child
    // Nothing is ever written to its standard input: its watchdog waits for the end of that.
    const stdio: ('pipe' | 'ignore' | 'inherit' | 'ipc')[] = ['pipe', 'ignore', 'inherit', 'ipc']
    const { worker, flag } = this.#options
    const child = fork(worker, [flag], { execPath: process.execPath, serialization: 'advanced', stdio })
    this.#child = child
    child.stdin?.on('error', () => {})
    child.on('message', (message: Answered<Answer>) => this.#hear(message))
    child.on('error', error => this.#say(error))
    child.on('close', () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#refuse()
    })
    return child
  }

  #hear(message: Answered<Answer>): void {
    const waiting = this.#waiting.get(message.id)
    this.#waiting.delete(message.id)
    if ('answer' in message) waiting?.resolve(message.answer)
    else {
      const { code, message: words, hint } = message.problem
      waiting?.reject(new Problem(code, words, hint === undefined ? {} : { hint }))
    }
    if (this.#waiting.size === 0) this.#idle = setTimeout(() => this.close(), IDLE).unref()
  }

  #refuse(): void {
    for (const { reject } of this.#waiting.values()) reject(this.#options.failure())
    this.#waiting.clear()
  }
}

/** In the process: answers what the parent asks, one question after the other.
 *  @param unknown what is said of a failure that has no words of its own */
export function serveQuestions<Question, Answer>(
  answer: (question: Question) => Answer | Promise<Answer>,
  unknown: ProblemInfo,
): void {
  let last: Promise<unknown> = Promise.resolve()
  process.on('message', ({ id, question }: Asked<Question>) => {
    last = last.then(async () => process.send?.(await answered(id, () => answer(question), unknown)))
  })
}

async function answered<Answer>(
  id: number,
  work: () => Answer | Promise<Answer>,
  unknown: ProblemInfo,
): Promise<Answered<Answer>> {
  try {
    return { id, answer: await work() }
  } catch (error) {
    if (!(error instanceof Problem)) console.error(error)
    const { code, message, hint } = error instanceof Problem ? error : { ...unknown }
    return { id, problem: { code, message, ...(hint !== undefined && { hint }) } }
  }
}
