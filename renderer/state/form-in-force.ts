import { useMemo } from 'react'
import type { ModelInfo, OperationInfo } from './api.ts'
import { frameSize, modelOf, pictureCount } from './draft.ts'
import { type EngineState, useEngine } from './engine.ts'
import { type Field, fieldsOf } from './form.ts'
import { type StudioState, useStudio } from './studio.ts'

const cache = new WeakMap<OperationInfo, Field[]>()

const fieldsFor = (operation: OperationInfo): Field[] => {
  const known = cache.get(operation)
  if (known !== undefined) return known
  const fields = fieldsOf(operation)
  cache.set(operation, fields)
  return fields
}

const NO_FIELDS: readonly Field[] = []

export interface Form {
  readonly operation?: OperationInfo
  readonly fields: readonly Field[]
  readonly model?: ModelInfo
}

/** The form in force. The frame is empty or holds a picture that nothing reworks yet, so the operation is the first one
 *  that needs no picture. */
export function formOf(
  { operations, models }: Pick<EngineState, 'operations' | 'models'>,
  studio: Pick<StudioState, 'draft'>,
): Form {
  const [operation] = operations
  return {
    operation,
    fields: operation === undefined ? NO_FIELDS : fieldsFor(operation),
    model: modelOf(studio.draft, models),
  }
}

export const formNow = (): Form => formOf(useEngine.getState(), useStudio.getState())

/** The form in force, for a component. */
export function useForm(): Form {
  const operations = useEngine(state => state.operations)
  const models = useEngine(state => state.models)
  const model = useStudio(state => modelOf(state.draft, models))
  const [operation] = operations
  return useMemo(
    () => ({ operation, fields: operation === undefined ? NO_FIELDS : fieldsFor(operation), model }),
    [operation, model],
  )
}

/** Width and height of the next picture; nothing before the engine told. */
export function useFrameSize() {
  const { fields, model } = useForm()
  const draft = useStudio(state => state.draft)
  return frameSize(fields, draft, model)
}

/** How many pictures the next run makes. */
export function useCount(): number {
  const { fields, model } = useForm()
  const draft = useStudio(state => state.draft)
  return pictureCount(fields, draft, model)
}
