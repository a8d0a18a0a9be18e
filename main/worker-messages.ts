import type { Provider } from '../app/graph/targets.ts'
import type { TrainingPlan } from '../app/library/datasets/training-plan.ts'
import type { ProblemInfo } from '../app/library/records.ts'
import type { StoredParameters } from '../app/operations/check-parameters.ts'
import type { Making } from '../app/operations/operation.ts'
import type { PrecisionChoice } from '../app/weights/precision.ts'

/** What engine and worker say to each other: structured clones between two processes of the same Node binary. */

/** A job as the worker is told of it: checked, with files instead of ids. */
export interface JobOrder {
  readonly id: string
  readonly operation: string
  readonly parameters: StoredParameters
  /** The model's folder, and what tells whether its files were replaced. */
  readonly model: { readonly path: string; readonly fingerprint: string }
  readonly provider: Provider
  readonly precision: PrecisionChoice
  /** Of operations that make a model: where it goes, and the hashes of what goes into it, by path. */
  readonly making?: Pick<Making, 'target' | 'hashes'>
  /** Set where other orders are done between its steps. */
  readonly resumes?: true
  /** Set where it is to end after its first step, or at once where it has gone on from one. */
  readonly keeps?: true
  /** Bytes that open models may hold together. */
  readonly memoryBudget: number
  /** Set where the pictures are compared with those that the same parameters give as stored; the answer is how near they are, without pictures. */
  readonly compared?: true
  /** The person's folder. */
  readonly home: string
  /** Pictures that the parameters name, by hash: where each lies. */
  readonly given?: Readonly<Record<string, string>>
  /** The built-in network that pictures are measured with. */
  readonly featureNetwork?: string
  /** Of a training from a data set: its pictures, as the person edited it. */
  readonly pictures?: TrainingPlan
}

export type ToWorker =
  | { readonly type: 'run'; readonly order: JobOrder }
  /** Stop between steps; whoever cannot wait for that ends the process. */
  | { readonly type: 'cancel'; readonly id: string }
  /** Stop between steps, to go on later. */
  | { readonly type: 'pause'; readonly id: string }
  /** End after this step, with what there is. */
  | { readonly type: 'keep'; readonly id: string }
  /** Whether anybody looks at previews from now on. */
  | { readonly type: 'watch'; readonly previews: boolean }

/** How far a job is; previews are PNG files. */
export interface WorkerProgress {
  readonly phase: string
  readonly step: number
  readonly total: number
  readonly secondsLeft?: number
  /** Bytes that it keeps between steps. */
  readonly heldBytes?: number
  readonly previews?: readonly Uint8Array[]
  /** Of a training: its run. */
  readonly training?: string
  /** Of a training: where pictures of the class are that it drew. */
  readonly classImages?: { readonly folder: string; readonly name: string }
}

/** A finished picture, as a PNG file without a recipe. */
export interface WorkerPicture {
  readonly png: Uint8Array
  readonly width: number
  readonly height: number
  /** Decimal: the seed that draws it again alone. */
  readonly seed: string
}

/** What the steps took, for estimates; absent where there were too few to tell. */
export interface WorkerTiming {
  /** Of the whole job: pictures that are drawn one after the other have their own. */
  readonly steps: number
  readonly secondsPerStep: number
  readonly otherSeconds: number
}

/** What is told of a job beside its pictures. */
export interface WorkerMeasurements {
  readonly timing?: WorkerTiming
  /** Memory at the worst moment, in bytes; absent where it is not known. */
  readonly peakBytes?: number
  /** Of compared pictures: peak signal-to-noise ratio; null: they were equal. */
  readonly decibels?: number | null
}

export type FromWorker =
  /** The program is loaded and its watchdog watches; models are opened when a job needs them. */
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly id: string; readonly progress: WorkerProgress }
  | { readonly type: 'picture'; readonly id: string; readonly picture: WorkerPicture }
  | ({ readonly type: 'done'; readonly id: string } & WorkerMeasurements)
  | { readonly type: 'cancelled'; readonly id: string }
  | { readonly type: 'paused'; readonly id: string }
  | { readonly type: 'failed'; readonly id: string; readonly problem: ProblemInfo; readonly details: string }
