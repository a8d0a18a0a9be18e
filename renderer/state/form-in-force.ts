import { useMemo } from 'react'
import { type Language, languageNow } from '../language/language.ts'
import type { ModelInfo, OperationInfo } from './api.ts'
import { frameSize, modelOf, pictureCount } from './draft.ts'
import { type EngineState, useEngine } from './engine.ts'
import { type Field, fieldsOf } from './form.ts'
import { type Mode, modeNow, modeOf, operationOfMode, ownDoing, useMode } from './mode.ts'
import { type StudioState, useStudio } from './studio.ts'

/** Fields carry their titles, so those of another language are made anew. */
const cache = new WeakMap<OperationInfo, { readonly language: Language; readonly fields: Field[] }>()

const fieldsFor = (operation: OperationInfo): Field[] => {
  const language = languageNow()
  const known = cache.get(operation)
  if (known?.language === language) return known.fields
  const fields = fieldsOf(operation)
  cache.set(operation, { language, fields })
  return fields
}

const NO_FIELDS: readonly Field[] = []

export interface Form {
  readonly operation?: OperationInfo
  readonly fields: readonly Field[]
  readonly model?: ModelInfo
}

/** The operation that draws with a model; those that draw from words do so in several ways. */
export function operationFor(
  operations: readonly OperationInfo[],
  model: Pick<ModelInfo, 'kind' | 'beside'> | undefined,
  mode: Mode,
): OperationInfo | undefined {
  const kind = model?.kind ?? 'checkpoint'
  const drawing = operations.filter(({ draws }) => draws === kind)
  return (
    drawing.find(({ id }) => id === (ownDoing(model)?.operation ?? operationOfMode(mode))) ??
    drawing[0] ??
    operations[0]
  )
}

/** The form of an operation that a recipe names; of the one in force where it is not known here. */
export function formFields(id: string): readonly Field[] {
  const operation = useEngine.getState().operations.find(each => each.id === id)
  return operation === undefined ? formNow().fields : fieldsFor(operation)
}

/** The form in force: the model says from what it draws, and so which operation it is. */
export function formOf(
  { operations, models }: Pick<EngineState, 'operations' | 'models'>,
  studio: Pick<StudioState, 'draft'>,
): Form {
  const model = modelOf(studio.draft, models)
  const operation = operationFor(operations, model, modeNow())
  return { operation, fields: operation === undefined ? NO_FIELDS : fieldsFor(operation), model }
}

export const formNow = (): Form => formOf(useEngine.getState(), useStudio.getState())

/** The form in force, for a component. */
export function useForm(): Form {
  const operations = useEngine(state => state.operations)
  const models = useEngine(state => state.models)
  const model = useStudio(state => modelOf(state.draft, models))
  const mode = useMode(modeOf)
  const operation = operationFor(operations, model, mode)
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
