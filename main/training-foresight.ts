import { type Provider, targets } from '../app/graph/targets.ts'
import type { TrainingPlan } from '../app/library/datasets/training-plan.ts'
import type { Choice } from '../app/library/records.ts'
import type { StoredParameters } from '../app/operations/check-parameters.ts'
import { complete } from '../app/operations/complete.ts'
import { LazyModels } from '../app/operations/lazy-models.ts'
import type { Operation, TrainingCost } from '../app/operations/operation.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { serveQuestions } from './asked-process.ts'

/** A training that somebody thinks of. */
export interface TrainingQuestion {
  readonly operation: string
  /** The model's files. */
  readonly model: string
  /** Complete. */
  readonly parameters: StoredParameters
  readonly pictures: TrainingPlan['pictures']
  readonly provider: Provider
  /** Bytes that models may use. */
  readonly memoryBudget: number
}

/** What it would take. */
export interface TrainingForesight {
  readonly cost: TrainingCost
  readonly fits: boolean
  /** Bytes of memory at the worst moment. */
  readonly memory: number
  /** Ways that would fit where this does not. */
  readonly choices: readonly Choice[]
}

/** Told from the graphs of the training, which are written for it; nothing is opened. It takes from a part of a second to many seconds.
 *  @throws Problem whatever keeps the model from being trained */
export function foreseeTraining(
  operations: Readonly<Record<string, Operation>>,
  { operation: id, model, parameters, pictures, provider, memoryBudget }: TrainingQuestion,
): TrainingForesight {
  const operation = Object.hasOwn(operations, id) ? operations[id] : undefined
  if (operation?.foresee === undefined) throw new Error(`${id} cannot be foreseen`)
  const runtime = new Runtime({ target: targets[provider], threads: 1, memoryBudget })
  const foresee = (changed: StoredParameters): TrainingCost => {
    const chosen = complete(operation, { ...parameters, ...changed })
    return operation.foresee?.(new LazyModels(model, runtime, {}), chosen, pictures) ?? none
  }
  const cost = foresee({})
  const fits = runtime.fits(cost.footprint)
  const choices = fits ? [] : lighter(parameters, foresee, runtime)
  return { cost, fits, memory: runtime.peak([cost.footprint]), choices }
}

const none: TrainingCost = {
  ...{ footprint: { weights: 0, activations: 0 }, learned: 0, picturesOfStep: 0, heldBack: 0, looks: 0 },
}

/** Smaller ways that fit: fewer pictures at once, no class images, a smaller rank. */
function lighter(
  parameters: StoredParameters,
  foresee: (changed: StoredParameters) => TrainingCost,
  runtime: Runtime,
): Choice[] {
  const { rank, classImages } = parameters
  const alone = { batch: 1 }
  const without = { ...alone, classImages: 0 }
  const ways = [
    ...(Number(parameters.batch) > 1 ? [{ words: 'one picture at once', parameters: alone }] : []),
    ...(Number(classImages) > 0 ? [{ words: 'one picture at once, no class images', parameters: without }] : []),
    ...(Number(rank) > 4
      ? [{ words: 'rank 4, one picture at once', parameters: { ...without, rank: 4, alpha: 4 } }]
      : []),
    ...(parameters.optimiser !== 'AdamW8bit' && 'layers' in parameters
      ? [{ words: 'the optimiser AdamW8bit', parameters: { ...without, optimiser: 'AdamW8bit' } }]
      : []),
  ]
  return ways.flatMap(way => {
    const { footprint } = foresee(way.parameters)
    return runtime.fits(footprint) ? [{ ...way, bytes: runtime.held(footprint) }] : []
  })
}

/** Answers questions that the parent process asks, one after the other. */
export const serveForesight = (operations: Readonly<Record<string, Operation>>): void =>
  serveQuestions((question: TrainingQuestion) => foreseeTraining(operations, question), {
    code: 'ESTIMATE_FAILED',
    message: 'What this training takes could not be told.',
  })
