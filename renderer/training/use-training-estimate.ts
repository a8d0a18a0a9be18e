import { useMemo } from 'react'
import type { Dataset, ModelInfo, OperationInfo, TrainingEstimate } from '../state/api.ts'
import { useAnswer } from '../state/asking.ts'
import { engine, useEngine } from '../state/engine.ts'
import { fieldsOf } from '../state/form.ts'
import { parametersOf, useTrainings } from '../state/trainings.ts'

/** Writing the graphs of a training takes the engine a while; it is asked when a hand has been still for this long, in milliseconds. */
const STILL = 600

/** What the training that is set up would take. */
export function useTrainingEstimate(
  dataset: Dataset | undefined,
  operation: OperationInfo | undefined,
  model: ModelInfo | undefined,
): TrainingEstimate | undefined {
  const values = useTrainings(state => state.values)
  const memoryShare = useEngine(state => state.settings?.memoryShare)
  const isHere = useEngine(state => state.presence === 'here')
  // Words change nothing of what it takes.
  const { identifier: _, class: __, name: ___, ...numbers } = values
  const key = JSON.stringify([numbers, memoryShare, dataset?.pictures, dataset?.leftOut])
  const id = dataset?.progress === undefined && dataset?.pictures !== 0 ? dataset?.id : undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says what the answer depends on
  const question = useMemo(() => {
    if (id === undefined || operation === undefined || model === undefined || !isHere) return undefined
    const parameters = parametersOf(fieldsOf(operation), values, id)
    return async () => (await engine()).trainings.estimate({ operation: operation.id, model: model.id, parameters })
  }, [id, operation, model, isHere, key])
  return useAnswer(question, STILL)
}
