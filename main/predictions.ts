import { type Provider, targets } from '../app/graph/targets.ts'
import type { Choice, Cost } from '../app/library/records.ts'
import type { Timings, Workload } from '../app/library/timings.ts'
import type { ModelDescription } from '../app/models/description.ts'
import { additionsOf } from '../app/operations/additions.ts'
import type { StoredParameters } from '../app/operations/check-parameters.ts'
import { LazyModels } from '../app/operations/lazy-models.ts'
import { type Plan, planOf } from '../app/operations/plan.ts'
import { Problem } from '../app/problem.ts'
import { computingTarget } from '../app/runtime/computing-target.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import type { Precision } from '../app/weights/precision.ts'
import type { WorkerTiming } from './worker-messages.ts'

/** A job that is going to be computed in this way. */
export interface PlannedJob {
  readonly operation: string
  readonly model: {
    readonly id: string
    readonly path: string
    /** Changes when its files do. */
    readonly fingerprint: string
    readonly description: ModelDescription
  }
  /** Complete. */
  readonly parameters: StoredParameters
  readonly provider: Provider
  readonly precision: Precision
}

/** What a job will take, and whether this computer has that. */
export interface Prediction {
  readonly cost: Cost
  readonly workload: Workload
  readonly fits: boolean
  /** Bytes of weights. */
  readonly weights: number
  /** Bytes that count against what models may use: pages of files do not, which the system takes back. */
  readonly held: number
}

export interface PredictionParts {
  readonly timings: Timings
  /** The folder of side-cars. */
  readonly cache: string
  /** Bytes that open models may hold together. */
  readonly memoryBudget: () => number
}

/** Reading headers of a large model takes a tenth of a second; it is done once for each way to compute it. */
const MOST_OPENED = 4
/** Shares of the size that are offered where the whole does not fit. */
const SMALLER = [0.75, 0.5, 0.375, 0.25]

/** Tells what jobs will take: memory from the graphs that will run, time from what others took on this computer. Nothing is opened. */
export class Predictions {
  readonly #parts: PredictionParts
  /** Models whose configs and headers were read, in the order of their last use. */
  readonly #opened = new Map<string, LazyModels>()

  constructor(parts: PredictionParts) {
    this.#parts = parts
  }

  /** Undefined for an operation that does not draw by steps. @throws Problem whatever keeps the model from being opened */
  predict(job: PlannedJob): Prediction | undefined {
    const { runtime, plan } = this.#plan(job)
    if (plan === undefined) return undefined
    const { drawing, others, calls, otherWork } = plan
    const footprints = [drawing, ...others].map(({ footprint }) => footprint)
    const { operation, provider, precision } = job
    const workload = {
      ...{ model: job.model.id, operation, provider, precision },
      ...{ callWork: drawing.work, calls, otherWork },
    }
    const seconds = this.#parts.timings.estimate(workload)
    return {
      cost: { ...(seconds !== undefined && { seconds }), bytes: runtime.peak(footprints) },
      workload,
      fits: footprints.every(footprint => runtime.fits(footprint)),
      weights: footprints.reduce((sum, each) => sum + each.weights, 0),
      held: Math.max(...footprints.map(footprint => runtime.held(footprint))),
    }
  }

  /** Ways to do a job that would fit. @param precisions that may be chosen instead */
  lighter(job: PlannedJob, precisions: readonly Precision[]): Choice[] {
    const others = precisions
      .filter(precision => precision !== job.precision)
      .map(precision => this.#choice(job, { words: precision, precision }))
    const alone = Number(job.parameters.count ?? 1) > 1 && targets[job.provider].picturesAtOnce === 'many'
    return [
      ...others,
      alone ? this.#choice(job, { words: 'one picture', parameters: { count: 1 } }) : undefined,
      this.#smaller(job),
    ].filter(choice => choice !== undefined)
  }

  /** The largest of some smaller sizes that fits. */
  #smaller(job: PlannedJob): Choice | undefined {
    const { width, height } = job.parameters
    if (typeof width !== 'number' || typeof height !== 'number') return undefined
    const { sizeMultiple } = job.model.description
    const fitted = (side: number) => Math.max(1, Math.round(side / sizeMultiple)) * sizeMultiple
    for (const share of SMALLER) {
      const size = { width: fitted(width * share), height: fitted(height * share) }
      const choice = this.#choice(job, { words: `${size.width} × ${size.height}`, parameters: size })
      if (choice !== undefined) return choice
    }
    return undefined
  }

  #choice(job: PlannedJob, choice: Omit<Choice, 'bytes'>): Choice | undefined {
    const { precision = job.precision, parameters } = choice
    const found = this.predict({ ...job, precision, parameters: { ...job.parameters, ...parameters } })
    return found?.fits ? { ...choice, bytes: found.held } : undefined
  }

  /** Keeps what a job took, for the next prediction. */
  learn({ workload }: Prediction, { steps, secondsPerStep, otherSeconds }: WorkerTiming): void {
    this.#parts.timings.add({ ...workload, calls: steps, secondsPerCall: secondsPerStep, otherSeconds })
  }

  #plan({ model, parameters, provider, precision }: PlannedJob): { runtime: Runtime; plan: Plan | undefined } {
    const { cache, memoryBudget } = this.#parts
    const runtime = new Runtime({
      target: computingTarget(provider, precision),
      threads: 1,
      memoryBudget: memoryBudget(),
    })
    const additions = { ...additionsOf(parameters), precision: { precision, cache } }
    const key = JSON.stringify([model.path, model.fingerprint, provider, additions])
    const models = this.#opened.get(key) ?? new LazyModels(model.path, runtime, additions)
    this.#opened.delete(key)
    this.#opened.set(key, models)
    for (const oldest of [...this.#opened.keys()].slice(0, -MOST_OPENED)) this.#opened.delete(oldest)
    return { runtime, plan: planOf(models, model.description.kind, parameters) }
  }
}

/** What is said of a job that does not fit, with the ways that would. @param budget bytes that models may use */
export function tooLarge({ weights, held }: Prediction, budget: number, choices: readonly Choice[]): Problem {
  const ways = choices.map(choice => `${choice.words} (${gigabytes(choice.bytes)})`)
  const hint = [...ways, 'more memory in the settings', 'a smaller model'].join(', or ')
  const message =
    held > budget
      ? `This needs about ${gigabytes(held)} of memory beside the file’s ${gigabytes(weights)} of weights; models may use ${gigabytes(budget)}.`
      : `This needs about ${gigabytes(held)} of memory and ${gigabytes(weights)} of weights, which is more than this computer has.`
  return new Problem('MEMORY', message, { hint: `Choose ${hint}.`, details: { weights, held, budget, choices } })
}

export const gigabytes = (bytes: number): string => `${(bytes / 1e9).toPrecision(2)} GB`
