import type { Progress } from '../app/operations/operation.ts'
import type { WorkerTiming } from './worker-messages.ts'

/** Measures an operation by its progress alone: what a step takes, and what everything else takes. */
export class StepTimes {
  readonly #now: () => number
  readonly #start: number
  #last: { step: number; time: number } | undefined
  #measured = 0
  #measuredTime = 0
  #total = 0

  /** @param now milliseconds */
  constructor(now = () => performance.now()) {
    this.#now = now
    this.#start = now()
  }

  add({ step, total }: Pick<Progress, 'step' | 'total'>): void {
    const time = this.#now()
    // The first step also opens and compiles things, so it counts but is not measured.
    if (this.#last !== undefined && step === this.#last.step + 1 && this.#last.step > 0) {
      this.#measured++
      this.#measuredTime += time - this.#last.time
    }
    this.#last = { step, time }
    this.#total = total
  }

  end(): WorkerTiming | undefined {
    if (this.#measured < 2) return undefined
    const secondsPerStep = this.#measuredTime / this.#measured / 1000
    const all = (this.#now() - this.#start) / 1000
    return {
      steps: this.#total,
      secondsPerStep,
      otherSeconds: Math.max(0, all - secondsPerStep * this.#total),
    }
  }
}
