import type { StudioEvent } from '../../app/api/contract.ts'
import type { Provider } from '../../app/graph/targets.ts'
import type { TrainingPlan } from '../../app/library/datasets/training-plan.ts'
import type { EndState, JobRow, JobWish } from '../../app/library/jobs.ts'
import type { Library } from '../../app/library/library.ts'
import type { Image, ProblemInfo } from '../../app/library/records.ts'
import type { ModelDescription } from '../../app/models/description.ts'
import type { StoredParameters } from '../../app/operations/check-parameters.ts'
import { namedPictures } from '../../app/operations/given-pictures.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { Problem } from '../../app/problem.ts'
import type { PrecisionChoice } from '../../app/weights/precision.ts'
import type { FewBits } from '../few-bits.ts'
import type { ModelShelf, ShelfModel } from '../model-shelf.ts'
import type { Prediction } from '../predictions.ts'
import type { WorkerProgress, WorkerTiming } from '../worker-messages.ts'
import type { Outcome, WorkerProcess } from '../worker-process.ts'

/** What jobs are done with. */
export interface JobParts {
  /** The person's folder. */
  readonly home: string
  readonly library: Library
  readonly models: ModelShelf
  readonly worker: WorkerProcess
  readonly operations: Readonly<Record<string, Operation>>
  /** The pictures that a training learns from, where its parameters name a data set. @throws Problem DATASET_EMPTY */
  readonly trainingPlan: (parameters: StoredParameters, model: ModelDescription) => TrainingPlan | undefined
  /** Takes class images that a training drew into the library, as a data set. */
  readonly keepClassImages: (place: { readonly folder: string; readonly name: string }) => void
  readonly chooseProvider: () => Promise<Provider>
  /** What the person chose. */
  readonly choosePrecision: () => PrecisionChoice
  /** What that comes to on a provider. @throws Problem PRECISION_PROVIDER */
  readonly precisionOn: (provider: Provider) => Promise<PrecisionChoice>
  readonly fewBits: FewBits
  readonly emit: (event: StudioEvent) => void
  readonly log: (line: string) => void
  /** Where models go that are made here. */
  readonly modelsFolder: string
  /** Name and version, as recipes carry them. */
  readonly app: string
  /** Bytes that models may use. */
  readonly memoryBudget: () => number
}

/** What is done for jobs of one kind. */
export interface JobKind {
  /** Does it to its end. What it comes to is recorded when it is done; any other end is the caller's to record.
   *  @throws Problem whatever keeps it from being done; what the job's signal was aborted with */
  run(row: JobRow, job: RunningJob): Promise<End>
}

/** A job that runs, as its kind sees it. */
export interface RunningJob {
  /** Aborted when the person cancels it. */
  readonly signal: AbortSignal
  readonly report: (progress: WorkerProgress) => void
  /** Tells that its row is another one now. */
  readonly changed: () => void
  /** Whether it had begun before, and goes on now. */
  readonly isResumed: boolean
  /** What the person wishes of it by now. */
  readonly wish: () => JobWish | undefined
  /** Waits until there is memory for it beside a job that resumes, which may have to give way. */
  readonly makeRoom: (prediction: Prediction) => Promise<void>
}

/** An end without anything that was made; paused: it is put back, to go on later. */
export interface Unsuccessful {
  readonly state: Exclude<EndState, 'done'> | 'paused'
  readonly problem?: ProblemInfo
}

/** What a job came to. */
export type End =
  | {
      readonly state: 'done'
      readonly images: readonly Image[]
      /** Hashes of pictures that answer a question. */
      readonly answer?: readonly string[]
      readonly learned?: { readonly timing: WorkerTiming; readonly prediction: Prediction }
    }
  | Unsuccessful

/** An order that was not done. */
export const unsuccessful = (outcome: Exclude<Outcome, { type: 'done' }>): Unsuccessful =>
  'problem' in outcome ? { state: outcome.type, problem: outcome.problem } : { state: outcome.type }

/** @throws Problem OPERATION_UNKNOWN */
export function operationOf({ operations }: Pick<JobParts, 'operations'>, id: string): Operation {
  const operation = Object.hasOwn(operations, id) ? operations[id] : undefined
  if (operation) return operation
  throw new Problem('OPERATION_UNKNOWN', `This Sfumato cannot do "${id}".`, {
    hint: `It can do ${Object.keys(operations).join(', ')}.`,
  })
}

/** What the worker is told of every job. */
export function givenOrder({ models, home, memoryBudget }: JobParts, { id }: JobRow, model: ShelfModel) {
  const { path } = model
  const { featureNetwork } = models
  return {
    ...{ id, home, model: { path, fingerprint: models.fingerprint(model) }, memoryBudget: memoryBudget() },
    ...(featureNetwork !== undefined && { featureNetwork }),
  }
}

/** Where the pictures lie that the parameters name, by hash. @throws Problem PICTURE_GONE */
export function givenPictures(parts: JobParts, { operation, parameters }: JobRow): Record<string, string> {
  const named = namedPictures(operationOf(parts, operation), parameters)
  return Object.fromEntries(
    named.map(({ hash }) => {
      const blob = parts.library.blobs.find(hash)
      if (blob) return [hash, blob.path]
      throw new Problem('PICTURE_GONE', 'The picture that this begins from is no longer in the library.', {
        hint: 'Choose it again.',
      })
    }),
  )
}

/** Waits for a promise, but not longer than until the signal. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>()
  const stop = () => aborted.reject(signal.reason)
  if (signal.aborted) stop()
  signal.addEventListener('abort', stop)
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener('abort', stop))
}
