import { createHash } from 'node:crypto'
import { totalmem } from 'node:os'
import type { JobRequest, ModelInfo } from '../app/api/contract.ts'
import type { TrainingStudio } from '../app/api/studio.ts'
import type { Provider } from '../app/graph/targets.ts'
import { withStep } from '../app/library/datasets/buckets.ts'
import type { TrainingPlan } from '../app/library/datasets/training-plan.ts'
import { isOpen } from '../app/library/jobs.ts'
import type { Job } from '../app/library/records.ts'
import type { TrainingEstimate } from '../app/library/trainings.ts'
import type { ModelDescription } from '../app/models/description.ts'
import type { StoredParameters } from '../app/operations/check-parameters.ts'
import type { Operation } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { modelKinds } from '../app/weights/model-kinds.ts'
import type { DatasetShelf } from './dataset-shelf.ts'
import type { JobQueue } from './job-queue.ts'
import type { ModelShelf } from './model-shelf.ts'
import type { TrainingForesightProcess } from './training-foresight-process.ts'
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
  readonly foresight: TrainingForesightProcess
}

/** What can be seen and had of trainings, and what one would take. */
export class TrainingDesk extends TrainingRuns implements TrainingStudio {
  readonly #parts: TrainingDeskParts
  /** Jobs that let runs go on slower, by run: their histories name them once they work. */
  readonly #slower = new Map<string, string>()

  constructor(parts: TrainingDeskParts) {
    super(parts.home)
    this.#parts = parts
  }

  async estimate(request: JobRequest): Promise<TrainingEstimate> {
    const { models, operations, queue, pictures, chooseProvider, memoryShare, foresight } = this.#parts
    const { model, parameters } = queue.check(request)
    const operation = operations[request.operation]
    const plan = pictures(parameters, models.describe(model))
    const learnsPictures = 'images' in operation.parameters.shape
    if ((plan === undefined && learnsPictures) || operation.foresee === undefined) {
      throw new Problem('ESTIMATE_NONE', 'What this training takes is told when it begins.')
    }
    const budget = Math.floor(
      Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY) * memoryShare(),
    )
    const provider = await chooseProvider()
    const { path } = model
    const pictured = plan?.pictures ?? []
    const { cost, fits, memory, choices } = await foresight.ask(
      keyOf([path, models.fingerprint(model), operation.id, provider, budget], request, parameters, pictured),
      {
        ...{ operation: operation.id, model: path, pictures: pictured, provider, memoryBudget: budget },
        parameters: { ...parameters, seed: seedOf(request) },
      },
    )
    const seconds = this.secondsPerPicture(request.operation)
    const learned = cost.learned * BYTES_OF_NUMBER
    return {
      ...{ pictures: Math.max(pictured.length, 1) - cost.heldBack, heldBack: cost.heldBack },
      ...(seconds !== undefined && {
        seconds: seconds * cost.picturesOfStep * (cost.steps ?? Number(parameters.steps)),
      }),
      ...{ memory, budget, fits, result: cost.result ?? learned },
      kept: learned * (STATES * NUMBERS_OF_STATE + cost.looks),
      choices: [...choices],
    }
  }

  goOnSlower(id: string): Job {
    const { queue } = this.#parts
    const jobs = [...this.get(id).jobs, this.#slower.get(id)]
    if (queue.list().some(job => jobs.includes(job.id) && isOpen(job))) {
      throw new Problem('TRAINING_GOOD', 'This training goes on already.')
    }
    const job = queue.runAgain(this.slowDown(id) ?? '')
    this.#slower.set(id, job.id)
    return job
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

/** A seed that nobody chose is another one each time, and what a training takes is about the same. */
const seedOf = ({ parameters: { seed = '0' } }: JobRequest): unknown => seed

/** What an estimate depends on: neither words nor names, and of the pictures all that is known of them. */
function keyOf(
  place: readonly unknown[],
  request: JobRequest,
  { identifier: _, class: __, name: ___, ...numbers }: StoredParameters,
  pictures: TrainingPlan['pictures'],
): string {
  const known = [place, { ...numbers, seed: seedOf(request) }, pictures]
  const text = JSON.stringify(known, (_, value) => (typeof value === 'bigint' ? `${value}` : value))
  return createHash('sha256').update(text).digest('hex')
}
