import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { JobRow } from '../../app/library/jobs.ts'
import { additionFiles, modelParameters } from '../../app/operations/additions.ts'
import type { StoredParameters } from '../../app/operations/check-parameters.ts'
import { complete } from '../../app/operations/complete.ts'
import type { Operation } from '../../app/operations/operation.ts'
import { Problem } from '../../app/problem.ts'
import { drawingKinds, modelKinds } from '../../app/weights/model-kinds.ts'
import type { ShelfModel } from '../model-shelf.ts'
import {
  givenOrder,
  givenPictures,
  type JobKind,
  type JobParts,
  operationOf,
  unsuccessful,
  untilAborted,
} from './job-kind.ts'
import { storePictures } from './store-pictures.ts'

/** Jobs that make a model and put it into the library, with the pictures that it was watched by; nothing of it is left when they are stopped. */
export const modelMaking = (parts: JobParts): JobKind => ({
  async run(row, { signal, report, isResumed, wish }) {
    const { models, worker, chooseProvider, emit } = parts
    const model = models.find(row.model)
    const operation = operationOf(parts, row.operation)
    const target = targetOf(parts, operation, model, row.parameters)
    if (target === undefined) throw new Error(`${operation.id} makes no model`)
    // What a crash left of it, right before it was recorded, is its own.
    if (isResumed && !isKnown(parts, target)) removeUnfinished(target)
    if (existsSync(target)) throw nameTaken(target)
    try {
      const provider = await untilAborted(chooseProvider(), signal)
      const hashes = await untilAborted(hashesOf(parts, row, model), signal)
      const pictures = parts.trainingPlan(row.parameters, models.describe(model))
      if (wish() === 'pause') return { state: 'paused' }
      const given = givenPictures(parts, row)
      const order = {
        given,
        ...{ ...givenOrder(parts, row, model), operation: row.operation, parameters: row.parameters, provider },
        making: { target, hashes },
        ...(pictures && { pictures }),
        ...(row.resumes && { resumes: true as const }),
        ...(wish() === 'keep' && { keeps: true as const }),
        precision: { precision: 'as stored', cache: '' } as const,
      }
      const outcome = await worker.run(order, ({ classImages, ...progress }) => {
        if (classImages) parts.keepClassImages(classImages)
        report(progress)
      })
      if (outcome.type !== 'done') {
        removeUnfinished(target)
        return unsuccessful(outcome)
      }
      await models.import([target])
      const { name } = models.describe(model)
      const shared = {
        ...{ operationVersion: operation.version, provider, parents: Object.keys(given) },
        model: { name, hash: hashes[model.path] },
      }
      const images = await storePictures(parts, row, outcome.pictures, shared)
      emit({ type: 'models', models: models.list(drawingKinds) })
      return { state: 'done', images }
    } catch (error) {
      if (signal.aborted) removeUnfinished(target)
      throw error
    }
  },
})

/** Where the model goes that an operation makes; undefined where it makes none. */
export function targetOf(
  { modelsFolder }: Pick<JobParts, 'modelsFolder'>,
  operation: Operation,
  { path }: ShelfModel,
  parameters: StoredParameters,
): string | undefined {
  const place = operation.makes?.(complete(operation, parameters), path)
  return place === undefined ? undefined : join(modelsFolder, place)
}

export const nameTaken = (target: string): Problem =>
  new Problem('MODEL_NAME', `There is a model called "${basename(target)}" in ${dirname(target)} already.`, {
    hint: 'Choose another name.',
    details: { field: 'name' },
  })

/** SHA-256 of the weights of all that goes into a new model, by path. */
async function hashesOf(parts: JobParts, row: JobRow, model: ShelfModel): Promise<Record<string, string>> {
  const { models } = parts
  const { operation, parameters } = row
  const others = modelParameters(operationOf(parts, operation)).flatMap(name => {
    const path = parameters[name]
    return typeof path === 'string' && path !== '' ? [models.find(path)] : []
  })
  const whole = [model, ...others].map(async each => [each.path, await models.hash(each)] as const)
  const beside = additionFiles(parameters).map(async path => [path, await models.additionHash(path)] as const)
  return Object.fromEntries(await Promise.all([...whole, ...beside]))
}

const isKnown = ({ models }: JobParts, target: string): boolean =>
  models.list(modelKinds).some(({ path }) => path === target)

/** What a worker left that was ended while it wrote, under its temporary name. */
function removeUnfinished(target: string): void {
  rmSync(target, { recursive: true, force: true })
  const folder = dirname(target)
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder)) {
    if (name.startsWith(`.${basename(target)}.`) && name.endsWith('.part')) {
      rmSync(join(folder, name), { recursive: true, force: true })
    }
  }
}
