import type { JobRequest } from '../../app/api/contract.ts'
import type { JobRow } from '../../app/library/jobs.ts'
import { fewBitPrecisions } from '../../app/weights/precision.ts'
import type { ShelfModel } from '../model-shelf.ts'
import { type PlannedJob, type Prediction, Predictions, tooLarge } from '../predictions.ts'
import type { WorkerTiming } from '../worker-messages.ts'
import type { JobParts } from './job-kind.ts'

/** On what a job is computed, and in which precision. */
export type Computing = Pick<PlannedJob, 'provider' | 'precision'>

/** What jobs will take, in the precision that the person chose, and what they took. */
export class JobCosts {
  readonly #parts: JobParts
  readonly #predictions: Predictions

  constructor(parts: JobParts) {
    this.#parts = parts
    const { library, choosePrecision, memoryBudget } = parts
    this.#predictions = new Predictions({ timings: library.timings, cache: choosePrecision().cache, memoryBudget })
  }

  /** Undefined where nothing can be told of such an operation. @throws Problem whatever keeps the model from being opened */
  predict(request: JobRequest, model: ShelfModel, computing: Computing): Prediction | undefined {
    return this.#predictions.predict(this.#planned(request, model, computing))
  }

  /** Refuses a job that cannot fit, before anything is loaded. @throws Problem MEMORY */
  async foresee(row: JobRow, model: ShelfModel, computing: Computing): Promise<Prediction | undefined> {
    const { fewBits, log, memoryBudget } = this.#parts
    const job = this.#planned(row, model, computing)
    let prediction: Prediction | undefined
    try {
      prediction = this.#predictions.predict(job)
    } catch (error) {
      log(`Nothing can be foretold of job ${row.id}: ${error}`) // The operation will say it better.
    }
    if (prediction === undefined || prediction.fits) return prediction
    const mayTake = computing.provider === 'cpu' && (await fewBits.report())?.exact ? fewBitPrecisions : []
    throw tooLarge(prediction, memoryBudget(), this.#predictions.lighter(job, mayTake))
  }

  /** Keeps what a job took, for the next prediction. */
  learn(prediction: Prediction, timing: WorkerTiming): void {
    this.#predictions.learn(prediction, timing)
  }

  #planned({ operation, parameters }: JobRequest, model: ShelfModel, { provider, precision }: Computing): PlannedJob {
    const { models } = this.#parts
    return {
      ...{ operation, parameters, provider, precision },
      model: { ...model, fingerprint: models.fingerprint(model), description: models.describe(model) },
    }
  }
}
