import type { Beside, ModelDescription } from '../models/description.ts'
import { Problem } from '../problem.ts'
import type { DrawingKind } from '../weights/model-kinds.ts'
import type { Operation } from './operation.ts'

const drawsFrom: Readonly<Record<DrawingKind, string>> = {
  checkpoint: 'from words',
  unconditional: 'from nothing but noise',
  classes: 'one of its classes, by number',
  upscaler: 'nothing, but enlarges pictures',
  masks: 'nothing, but finds in pictures what words say',
}

/** Refuses a model that an operation cannot use. @throws Problem MODEL_OPERATION */
export function checkModel(
  operation: Operation,
  { name, kind, beside }: Pick<ModelDescription, 'name' | 'kind' | 'beside'>,
  operations: Readonly<Record<string, Operation>>,
): void {
  if (operation.needs.model === kind) {
    if (seenBy(operation).includes(beside)) return
    throw besideProblem(operation, name, beside, operations)
  }
  const fitting = Object.values(operations).filter(
    ({ needs, makes }) => needs.model === kind && (makes === undefined) === (operation.makes === undefined),
  )
  throw new Problem(
    'MODEL_OPERATION',
    `"${operation.title}" cannot use ${name}: this model draws ${drawsFrom[kind]}.`,
    {
      hint: `Choose another model, or ${titlesOf(fitting)}.`,
    },
  )
}

/** Operations to take instead; of many the first, which are the plain ones. */
const titlesOf = (operations: readonly Operation[]): string =>
  operations
    .slice(0, MOST_TITLES)
    .map(({ title }) => `"${title}"`)
    .join(' or ')
const MOST_TITLES = 3

const seenBy = ({ needs: { beside = ['nothing'] } }: Operation): readonly Beside[] => beside

/** A model that was trained to see more than the operation gives it. */
function besideProblem(
  operation: Operation,
  name: string,
  beside: Beside,
  operations: Readonly<Record<string, Operation>>,
): Problem {
  const [sees, instead] = wants[beside]
  const fitting = Object.values(operations).filter(
    each => each.needs.model === operation.needs.model && each.makes === undefined && seenBy(each).includes(beside),
  )
  const titles = titlesOf(fitting)
  return new Problem('MODEL_OPERATION', `"${operation.title}" cannot use ${name}: ${sees}.`, {
    hint: titles === '' ? `${instead}: choose another model.` : `Choose another model, or ${titles}.`,
  })
}

const wants: Readonly<Record<Beside, readonly [sees: string, instead: string]>> = {
  nothing: ['it draws from words alone, and sees nothing beside them', 'It is for text to image'],
  mask: ['it was made for in-painting, and wants a mask and a picture', 'It is for in-painting'],
  picture: ['it was made to edit a picture as it is told, and wants one', 'It is for instructions'],
  depth: ['it was made to keep the depth of a picture, and wants that', 'It is for depth to image'],
  'small picture': ['it was made to enlarge pictures, and wants a small one', 'It is for enlarging'],
  'small latents': ['it was made to double the size of pictures, and wants one', 'It is for doubling the size'],
  example: ['it was made to paint what an example shows, and wants one', 'It is for painting by example'],
  shape: ['it was made to draw things into shapes, and wants a mask and a picture', 'It is for the smart brush'],
  'something else': ['it wants more than this Sfumato can give it', 'It is for something that Sfumato does not know'],
}
