import { checkSchema, comparedDrawing } from '../precision-check.ts'
import { givenOrder, type JobKind, type JobParts, unsuccessful, untilAborted } from './job-kind.ts'

/** Jobs that measure what a model loses in a precision, on the CPU, which alone has few bits. */
export const precisionChecks = (parts: JobParts): JobKind => ({
  async run(row, { signal, report }) {
    const { library, models, worker, operations, fewBits, choosePrecision } = parts
    const { precision } = checkSchema.parse(row.parameters)
    await untilAborted(fewBits.refuseInexact(precision), signal)
    const model = models.find(row.model)
    const order = {
      ...{ ...givenOrder(parts, row, model), ...comparedDrawing(operations, models.describe(model)) },
      ...{ provider: 'cpu' as const, precision: { ...choosePrecision(), precision }, compared: true as const },
    }
    const outcome = await worker.run(order, report)
    if (outcome.type !== 'done') return unsuccessful(outcome)
    library.losses.set(await untilAborted(models.hash(model), signal), precision, outcome.decibels ?? null)
    library.jobs.end(row.id, 'done')
    return { state: 'done', images: [] }
  },
})
