import { useMemo } from 'react'
import type { ModelInfo } from '../state/api.ts'
import { useEngine } from '../state/engine.ts'

/** Models of every kind: checkpoints first. */
export function useAllModels(): readonly ModelInfo[] {
  const models = useEngine(state => state.models)
  const others = useEngine(state => state.others)
  return useMemo(() => [...models, ...others], [models, others])
}
