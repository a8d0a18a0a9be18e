import type { Store } from './store.ts'

/** What a finished job took. */
export interface Timing {
  readonly model: string
  readonly operation: string
  /** The device that computed it. */
  readonly provider: string
  /** How much there is to compute in a step: pixels times pictures, doubled by guidance; only ratios matter. */
  readonly work: number
  readonly steps: number
  readonly secondsPerStep: number
  /** Everything else: opening the model, reading the prompt, decoding. */
  readonly otherSeconds: number
}

/** Measured times of this computer, and what they say of jobs to come. */
export class Timings {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Keeps a measurement; the newest one of each amount of work counts. */
  add(timing: Timing, now = Date.now()): void {
    const { model, operation, provider, work, steps, secondsPerStep, otherSeconds } = timing
    this.#store.run(
      'INSERT OR REPLACE INTO timings VALUES (@model, @operation, @provider, @work, @steps, @secondsPerStep, @otherSeconds, @now)',
      { model, operation, provider, work, steps, secondsPerStep, otherSeconds, now },
    )
  }

  /** Seconds that a job would take, from the measurement whose work is the nearest (as a ratio); undefined before the first.
   *  A step's time grows with the work; what is not steps is taken as it was. */
  estimate(job: Pick<Timing, 'model' | 'operation' | 'work' | 'steps'>): number | undefined {
    const { model, operation, work, steps } = job
    const nearest = this.#store.get<{ work: number; secondsPerStep: number; otherSeconds: number }>(
      `SELECT work, secondsPerStep, otherSeconds FROM timings WHERE model = @model AND operation = @operation
       ORDER BY max(work / @work, @work / work), measuredAt DESC LIMIT 1`,
      { model, operation, work },
    )
    return nearest && nearest.otherSeconds + steps * nearest.secondsPerStep * (work / nearest.work)
  }
}
