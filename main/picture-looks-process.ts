import { type ChildProcess, fork } from 'node:child_process'
import type { Seen } from '../app/library/features/picture-features.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import type { AnsweredLook, AskedLook } from './picture-looks.ts'

/** Looks at pictures in a process of its own, which is started with the first one. */
export class PictureLooks {
  readonly #worker: string
  readonly #network: string
  readonly #log: (line: string) => void
  #child: ChildProcess | undefined
  #asked = 0
  #answer: ((answered: AnsweredLook | undefined) => void) | undefined

  /** @param worker path of the worker's entry  @param network the folder of a CLIP model, or '' */
  constructor(worker: string, network: string, log: (line: string) => void) {
    this.#worker = worker
    this.#network = network
    this.#log = log
  }

  /** What is seen of a picture; one at a time. Undefined where that failed, which is told to the log. */
  async look(picture: RgbImage): Promise<Seen | undefined> {
    const id = ++this.#asked
    const { promise, resolve } = Promise.withResolvers<AnsweredLook | undefined>()
    this.#answer = resolve
    const asked: AskedLook = { id, picture }
    this.#process().send(asked, error => error && resolve(undefined))
    const answered = await promise
    if (answered !== undefined && 'seen' in answered) return answered.seen
    if (answered !== undefined) this.#log(`A picture could not be looked at: ${answered.problem}`)
    return undefined
  }

  /** Ends the process; it is started again with the next picture. */
  close(): void {
    const child = this.#child
    this.#child = undefined
    child?.kill('SIGKILL')
    this.#answer?.(undefined)
  }

  #process(): ChildProcess {
    if (this.#child) return this.#child
    // Nothing is ever written to its standard input: its watchdog waits for the end of that.
    const stdio: ('pipe' | 'ignore' | 'inherit' | 'ipc')[] = ['pipe', 'ignore', 'inherit', 'ipc']
    const options = { execPath: process.execPath, serialization: 'advanced', stdio } as const
    const child = fork(this.#worker, ['--look', this.#network], options)
    this.#child = child
    child.stdin?.on('error', () => {})
    child.on('message', (message: AnsweredLook) => message.id === this.#asked && this.#answer?.(message))
    child.on('error', error => this.#log(`What looks at pictures: ${error.message}`))
    child.on('close', () => {
      if (this.#child !== child) return
      this.#child = undefined
      this.#answer?.(undefined)
    })
    return child
  }
}
