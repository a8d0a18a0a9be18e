import { totalmem } from 'node:os'
import type { JobRequest, ModelInfo } from '../app/api/contract.ts'
import type { TrainingStudio } from '../app/api/studio.ts'
import { type Provider, targets } from '../app/graph/targets.ts'
import { withStep } from '../app/library/datasets/buckets.ts'
import type { TrainingPlan } from '../app/library/datasets/training-plan.ts'
import { isOpen } from '../app/library/jobs.ts'
import type { Choice, Job } from '../app/library/records.ts'
import type { TrainingEstimate } from '../app/library/trainings.ts'
import type { ModelDescription } from '../app/models/description.ts'
import type { StoredParameters } from '../app/operations/check-parameters.ts'
import { complete } from '../app/operations/complete.ts'
import { LazyModels } from '../app/operations/lazy-models.ts'
import type { Operation, TrainingCost } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { modelKinds } from '../app/weights/model-kinds.ts'
import type { DatasetShelf } from './dataset-shelf.ts'
import type { JobQueue } from './job-queue.ts'
import type { ModelShelf, ShelfModel } from './model-shelf.ts'
import { TrainingRuns } from './training-runs.ts'

/** States of a run that are kept to go on from, each with the numbers and two of the optimiser's. */
const STATES = 3
const NUMBERS_OF_STATE = 3
const BYTES_OF_NUMBER = 4

/** The pictures of the data set that a training's parameters name, brought to about the model's own size, or to that very size where it works on
 *  pixels; undefined where a folder is named.
 *  @throws Problem DATASET_EMPTY */
export function planned(
  datasets: DatasetShelf,
  { images }: StoredParameters,
  { defaults, kind, sizeMultiple: multiple }: ModelDescription,
): TrainingPlan | undefined {
  if (!datasets.list().some(({ id }) => id === images)) return undefined
  const { width, height } = defaults
  const resolution = Math.round(Math.sqrt(width * height))
  return datasets.trainingPlan(String(images), {
    ...withStep({ resolution, multiple, ...(kind !== 'checkpoint' && { size: { width, height } }) }),
    foldersAreClasses: kind === 'classes',
  })
}

interface TrainingDeskParts {
  readonly home: string
  readonly models: ModelShelf
  readonly operations: Readonly<Record<string, Operation>>
  readonly queue: JobQueue
  /** As `planned`. */
  readonly pictures: (parameters: StoredParameters, model: ModelDescription) => TrainingPlan | undefined
  /** Is told when the library has another model. */
  readonly onModels: () => void
  readonly chooseProvider: () => Promise<Provider>
  readonly memoryShare: () => number
}

/** What can be seen and had of trainings, and what one would take. */
export class TrainingDesk extends TrainingRuns implements TrainingStudio {
  readonly #parts: TrainingDeskParts

  constructor(parts: TrainingDeskParts) {
    super(parts.home)
    this.#parts = parts
  }

  async estimate(request: JobRequest): Promise<TrainingEstimate> {
    const { models, operations, queue, pictures, chooseProvider, memoryShare } = this.#parts
    const { model, parameters } = queue.check(request)
    const operation = operations[request.operation]
    const plan = pictures(parameters, models.describe(model))
    if (plan === undefined || operation.foresee === undefined) {
      throw new Problem('ESTIMATE_NONE', 'What this training takes is told when it begins.')
    }
    const budget = Math.floor(
      Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) * memoryShare(),
    )
    const provider = await chooseProvider()
    const runtime = new Runtime({ target: targets[provider], threads: 1, memoryBudget: budget })
    const foresee = (changed: StoredParameters) =>
      foreseen(operation, model, runtime, { ...parameters, ...changed }, plan)
    const cost = foresee({})
    const fits = runtime.fits(cost.footprint)
    const seconds = this.secondsPerPicture(request.operation)
    const learned = cost.learned * BYTES_OF_NUMBER
    return {
      ...{ pictures: plan.pictures.length - cost.heldBack, heldBack: cost.heldBack },
      ...(seconds !== undefined && { seconds: seconds * cost.picturesOfStep * Number(parameters.steps) }),
      ...{ memory: runtime.peak([cost.footprint]), budget, fits, result: learned },
      kept: learned * (STATES * NUMBERS_OF_STATE + cost.looks),
      choices: fits ? [] : lighter(parameters, foresee, runtime),
    }
  }

  goOnSlower(id: string): Job {
    const { queue } = this.#parts
    const { jobs } = this.get(id)
    if (queue.list().some(job => jobs.includes(job.id) && isOpen(job))) {
      throw new Problem('TRAINING_GOOD', 'This training goes on already.')
    }
    return queue.runAgain(this.slowDown(id) ?? '')
  }

  async use(id: string, step: number): Promise<ModelInfo> {
    const { models, onModels } = this.#parts
    const path = this.result(id, step)
    await models.import([path])
    onModels()
    const found = models.list(modelKinds).find(model => model.path === path)
    if (found) return found
    throw new Problem('TRAINING_STEP', `${path} was written, and is no model.`)
  }
}

function foreseen(
  operation: Operation,
  { path }: ShelfModel,
  runtime: Runtime,
  parameters: StoredParameters,
  { pictures }: TrainingPlan,
): TrainingCost {
  if (operation.foresee === undefined) throw new Error(`${operation.id} cannot be foreseen`)
  return operation.foresee(new LazyModels(path, runtime, {}), complete(operation, parameters), pictures)
}

/** Smaller ways that fit: fewer pictures at once, no class images, a smaller rank. */
function lighter(
  { rank }: StoredParameters,
  foresee: (changed: StoredParameters) => TrainingCost,
  runtime: Runtime,
): Choice[] {
  const ways = [
    { words: 'one picture at once', parameters: { batch: 1 } },
    { words: 'one picture at once, no class images', parameters: { batch: 1, classImages: 0 } },
    ...(Number(rank) > 4
      ? [{ words: 'rank 4, one picture at once', parameters: { batch: 1, classImages: 0, rank: 4, alpha: 4 } }]
      : []),
  ]
  return ways.flatMap(way => {
    const { footprint } = foresee(way.parameters)
    return runtime.fits(footprint) ? [{ ...way, bytes: runtime.held(footprint) }] : []
  })
}
