import type { JobRow } from '../../app/library/jobs.ts'
import { additionFiles } from '../../app/operations/additions.ts'
import { aboutLearnedPicture } from '../../app/weights/learned-picture.ts'
import { openSafetensors } from '../../app/weights/safetensors.ts'
import type { JobCosts } from './job-costs.ts'
import {
  type End,
  givenOrder,
  givenPictures,
  type JobKind,
  type JobParts,
  operationOf,
  type RunningJob,
  unsuccessful,
  untilAborted,
} from './job-kind.ts'
import { keepAnswer, type SharedRecipe, storePictures } from './store-pictures.ts'

/** Jobs that draw: pictures come into the library together with the end of their job. */
export const drawJobs = (parts: JobParts, costs: JobCosts): JobKind => ({
  async run(row: JobRow, { signal, report, changed, makeRoom }: RunningJob): Promise<End> {
    const { library, models, worker, chooseProvider, precisionOn, fewBits } = parts
    const model = models.find(row.model)
    const hash = models.hash(model)
    hash.catch(() => {}) // looked at below
    const additions = Promise.all(
      additionFiles(row.parameters).map(async path => ({ model: path, hash: await models.additionHash(path) })),
    )
    additions.catch(() => {}) // looked at below
    const provider = await untilAborted(chooseProvider(), signal)
    const choice = await untilAborted(precisionOn(provider), signal)
    await untilAborted(fewBits.refuseInexact(choice.precision), signal)
    const prediction = await untilAborted(costs.foresee(row, model, { provider, ...choice }), signal)
    if (prediction) {
      library.jobs.setCost(row.id, { predicted: prediction.cost })
      changed()
      await untilAborted(makeRoom(prediction), signal)
    }
    const began = performance.now()
    const { operation, parameters } = row
    const given = givenPictures(parts, row)
    const order = {
      given,
      ...{ ...givenOrder(parts, row, model), operation, parameters, provider, precision: choice },
    }
    const outcome = await worker.run(order, report)
    if (outcome.type !== 'done') return unsuccessful(outcome)
    const added = await untilAborted(additions, signal)
    const shared: SharedRecipe = {
      ...{ operationVersion: operationOf(parts, operation).version, provider },
      ...(choice.precision !== 'as stored' && { precision: choice.precision }),
      model: { name: models.describe(model).name, hash: await untilAborted(hash, signal) },
      ...(added.length > 0 && { additions: added }),
      parents: [...new Set([...Object.keys(given), ...learnedFrom(parameters)])],
    }
    const { timing, peakBytes: bytes } = outcome
    const took = { seconds: (performance.now() - began) / 1000, ...(bytes !== undefined && { bytes }) }
    const cost = prediction && { predicted: prediction.cost, took }
    const end = operationOf(parts, operation).answers
      ? { images: [], answer: await keepAnswer(parts, row, outcome.pictures) }
      : { images: await storePictures(parts, row, outcome.pictures, shared, cost) }
    return { state: 'done', ...end, ...(timing && prediction && { learned: { timing, prediction } }) }
  },
})

/** The picture that a model learned, where that is drawn with: what comes of it descends from it. */
function learnedFrom({ learned }: JobRow['parameters']): string[] {
  return typeof learned === 'string' ? [aboutLearnedPicture(openSafetensors(learned)).picture] : []
}
