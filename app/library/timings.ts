import type { Store } from './store.ts'

/** How a job is computed, and how much there is to compute. */
export interface Workload {
  readonly model: string
  readonly operation: string
  /** The device that computes it. */
  readonly provider: string
  readonly precision: string
  /** Multiplications of one call of the network that draws. */
  readonly callWork: number
  /** Calls of it, over all pictures. */
  readonly calls: number
  /** Multiplications of everything else. */
  readonly otherWork: number
}

/** What a finished job took. */
export interface Timing extends Workload {
  readonly secondsPerCall: number
  /** Everything else: opening the model, reading the prompt, decoding. */
  readonly otherSeconds: number
}

type Measured = Pick<Timing, 'callWork' | 'secondsPerCall' | 'otherWork' | 'otherSeconds'>

/** Measured times of this computer, and what they say of jobs to come. */
export class Timings {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Keeps a measurement; the newest one of each amount of work counts. */
  add(timing: Timing, now = Date.now()): void {
    const { model, operation, provider, precision, callWork, calls, secondsPerCall, otherWork, otherSeconds } = timing
    this.#store.run(
      `INSERT OR REPLACE INTO timings VALUES (@model, @operation, @provider, @precision, @callWork, @calls, @secondsPerCall,
         @otherWork, @otherSeconds, @now)`,
      { model, operation, provider, precision, callWork, calls, secondsPerCall, otherWork, otherSeconds, now },
    )
  }

  /** Seconds that a job would take, from what was measured with the same device and precision: the same model's measurement before any other's, of
   *  these the nearest by a call's work (as a ratio). Time grows with the work. Undefined before the first measurement. */
  estimate({ model, operation, provider, precision, callWork, calls, otherWork }: Workload): number | undefined {
    const nearest = this.#store.get<Measured>(
      `SELECT callWork, secondsPerCall, otherWork, otherSeconds FROM timings
       WHERE provider = @provider AND precision = @precision
       ORDER BY model = @model AND operation = @operation DESC, max(callWork / @callWork, @callWork / callWork), measuredAt DESC
       LIMIT 1`,
      { model, operation, provider, precision, callWork },
    )
    if (nearest === undefined) return undefined
    const share = otherWork > 0 && nearest.otherWork > 0 ? otherWork / nearest.otherWork : 1
    return nearest.otherSeconds * share + calls * nearest.secondsPerCall * (callWork / nearest.callWork)
  }
}
