import { z } from 'zod'
import type { ModelDescription } from '../app/models/description.ts'
import { checkParameters, type StoredParameters } from '../app/operations/check-parameters.ts'
import type { Operation } from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import { fewBitPrecisions } from '../app/weights/precision.ts'

/** What a job is called in the queue that measures what a model loses in a precision; its pictures are compared and thrown away. */
export const PRECISION_CHECK = 'check-precision'

/** Parameters of such a job. */
export const checkSchema = z.object({ precision: z.enum(fewBitPrecisions) })

const STEPS = 8
/** Pixels on a side up to which the model's own size is small enough. */
const SMALL = 256
const SEED = '7'

/** How a model is drawn with for the comparison: its own values, but few steps, at half its size where that is large, the same noise each time.
 *  @throws Problem OPERATION_UNKNOWN where nothing draws with it */
export function comparedDrawing(
  operations: Readonly<Record<string, Operation>>,
  model: ModelDescription,
): { readonly operation: string; readonly parameters: StoredParameters } {
  const operation = Object.values(operations).find(({ needs }) => needs.model === model.kind)
  if (operation === undefined)
    throw new Problem('OPERATION_UNKNOWN', `This Sfumato cannot draw with ${model.name}, so nothing can be compared.`)
  const { defaults, sizeMultiple, examples } = model
  const half = (side: number) => Math.max(1, Math.round(side / 2 / sizeMultiple)) * sizeMultiple
  const small = (side: number) => (side <= SMALL ? side : half(side))
  const wanted = {
    prompt: examples[0] ?? '',
    classLabel: 0,
    seed: SEED,
    steps: STEPS,
    width: small(defaults.width),
    height: small(defaults.height),
  }
  const taken = Object.entries(wanted).filter(([name]) => Object.hasOwn(operation.parameters.shape, name))
  const parameters = checkParameters(operation, Object.fromEntries(taken), model, () => BigInt(SEED))
  return { operation: operation.id, parameters }
}
