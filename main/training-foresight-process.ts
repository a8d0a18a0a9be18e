import { Problem } from '../app/problem.ts'
import { AskedProcess } from './asked-process.ts'
import type { TrainingForesight, TrainingQuestion } from './training-foresight.ts'

/** Answers that are kept. */
const MOST_KNOWN = 32

/** Looks ahead at trainings in a process of its own, so that the engine goes on answering while their graphs are written. Answers are kept for the
 *  same question. */
export class TrainingForesightProcess {
  readonly #process: AskedProcess<TrainingQuestion, TrainingForesight>
  /** By question, in the order of their last use. */
  readonly #known = new Map<string, Promise<TrainingForesight>>()

  /** @param worker path of the worker's entry */
  constructor(worker: string, log: (line: string) => void) {
    const failure = () => new Problem('ESTIMATE_FAILED', 'What this training takes could not be told.')
    this.#process = new AskedProcess({ worker, flag: '--foresee', name: 'What looks ahead at trainings', failure, log })
  }

  /** @param key what the answer depends on  @throws Problem whatever keeps the model from being trained; ESTIMATE_FAILED */
  ask(key: string, question: TrainingQuestion): Promise<TrainingForesight> {
    const answer = this.#known.get(key) ?? this.#process.ask(question)
    this.#known.delete(key)
    this.#known.set(key, answer)
    answer.catch(() => this.#known.delete(key))
    for (const oldest of [...this.#known.keys()].slice(0, -MOST_KNOWN)) this.#known.delete(oldest)
    return answer
  }

  /** Ends the process; what was asked is refused. */
  close(): void {
    this.#process.close()
  }
}
