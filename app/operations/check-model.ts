import type { ModelDescription } from '../models/description.ts'
import { Problem } from '../problem.ts'
import type { DrawingKind } from '../weights/model-kinds.ts'
import type { Operation } from './operation.ts'

const drawsFrom: Readonly<Record<DrawingKind, string>> = {
  checkpoint: 'from words',
  unconditional: 'from nothing but noise',
  classes: 'one of its classes, by number',
}

/** Refuses a model that an operation cannot use. @throws Problem MODEL_OPERATION */
export function checkModel(
  operation: Operation,
  { name, kind }: Pick<ModelDescription, 'name' | 'kind'>,
  operations: Readonly<Record<string, Operation>>,
): void {
  if (operation.needs.model === kind) return
  const fitting = Object.values(operations).filter(
    ({ needs, makes }) => needs.model === kind && (makes === undefined) === (operation.makes === undefined),
  )
  throw new Problem(
    'MODEL_OPERATION',
    `"${operation.title}" cannot use ${name}: this model draws ${drawsFrom[kind]}.`,
    {
      hint: `Choose another model, or ${fitting.map(({ title }) => `"${title}"`).join(' or ')}.`,
    },
  )
}
