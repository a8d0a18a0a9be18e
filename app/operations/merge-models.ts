import { z } from 'zod'
import { besides } from '../models/description.ts'
import { Problem } from '../problem.ts'
import { identify } from '../weights/identify.ts'
import { addedDifference, type ChangedTensor, type WeightSum, weightedSum } from '../weights/merge.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { openModel } from '../weights/open-model.ts'
import { mergedModel, mergeMethod, mergeWeight, modelName } from './merge-parameters.ts'
import { mergedParts, mergedPlace, partOfRecord, writeMerged } from './merging.ts'
import type { Operation } from './operation.ts'

const parameters = z.object({
  method: mergeMethod,
  second: mergedModel('Second model', 'The model that is merged into the first.'),
  third: mergedModel('Third model', 'Of add difference: what both the first and the second came from.'),
  weight: mergeWeight,
  name: modelName,
})

/** Models become one: (1 - w) A + w B, or A + w (B - C), parameter by parameter, in all their networks. */
export const mergeModels: Operation<typeof parameters, 'checkpoint', 'making'> = {
  id: 'merge-models',
  version: 1,
  title: 'Merge models',
  description: 'Makes a new model of two, or puts on one what another learned beyond a third.',
  needs: { model: 'checkpoint', beside: besides },
  makes: mergedPlace,
  parameters,
  async *run(context, { method, second, third, weight, name }) {
    const { making } = context
    const isSum = method === 'weighted sum'
    refuseMissing(isSum, second, third, weight)
    yield { phase: 'Comparing the models', step: 0, total: 1 }
    const paths = isSum ? [making.source, second] : [making.source, second, third]
    refuseOtherFamilies(paths)
    const [a, ...others] = paths.map(openModel)
    const changed = mergedParts(a).flatMap(part => changedIn(part, a, others, weight))
    const factors = isSum ? [1 - weight, weight] : [1, weight, -weight]
    const record = { method, parts: paths.map((path, k) => partOfRecord(path, factors[k], making)) }
    return yield* writeMerged({ source: a, changed, record, name }, context, making)
  },
}

function refuseMissing(isSum: boolean, second: string, third: string, weight: number): void {
  const problem = (message: string, field: string) =>
    new Problem('PARAMETER_INVALID', message, { details: { field }, hint: 'Choose it, or another method.' })
  if (second === '') throw problem('The second model is missing.', 'second')
  if (!isSum && third === '') throw problem('Add difference needs a third model.', 'third')
  if (isSum && weight > 1) {
    throw new Problem('PARAMETER_INVALID', `The weight of a weighted sum must be from 0 to 1; ${weight} was given.`, {
      details: { field: 'weight' },
    })
  }
}

/** Keys and shapes would tell too, but in words that say little. @throws Problem MERGE_FAMILY */
function refuseOtherFamilies([first, ...others]: readonly string[]): void {
  const { family } = identify(first)
  for (const path of others) {
    const { family: other } = identify(path)
    if (family === other || family === 'unknown' || other === 'unknown') continue
    throw new Problem('MERGE_FAMILY', `${first} is of the kind ${family}, but ${path} is of the kind ${other}.`, {
      hint: 'Merge models of one kind.',
    })
  }
}

function changedIn(
  part: string,
  a: ModelSource,
  [b, c]: readonly ModelSource[],
  weight: number,
): readonly ChangedTensor[] {
  const [own, second] = [a, b].map(model => model.component(part).weights)
  const third = c?.component(part).weights
  const sum = third ? addedDifference(own, second, third, weight) : weightedSum(own, second, weight)
  refuseKept(part, a, sum)
  return sum.changed
}

/** A model that is half merged draws nothing. @throws Problem MERGE_MISSING */
function refuseKept(part: string, { path }: ModelSource, { kept }: WeightSum): void {
  const [first] = kept
  if (first === undefined) return
  const more = kept.length === 1 ? '' : ` and ${kept.length - 1} more weights`
  throw new Problem('MERGE_MISSING', `The ${part} of ${path} has "${first}"${more}, which the others lack.`, {
    hint: 'Merge models of one kind; parts of a model cannot be merged into a whole one.',
  })
}
