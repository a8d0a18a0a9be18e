import type { Numbers } from '../numbers.ts'

/** Everything that an optimiser remembers from step to step; saved with a run, so that it goes on as if it had never stopped. */
export interface OptimiserState {
  /** Steps that were taken. */
  steps: number
  readonly numbers: Map<string, number>
  /** Running averages and the like: `<what>/<parameter>`. */
  readonly tensors: Map<string, Float32Array | Uint8Array>
}

/** One step against the gradients: changes the parameters and the state in place. Numbers are float32 where torch's are; within
 *  one element's formula they are not rounded. Parameters without a gradient stay as they are.
 *  @param learningRate of this step
 *  @param shares what it is multiplied by for some parameters, as torch's parameter groups have rates of their own; absent: 1 */
export type Optimiser = (
  state: OptimiserState,
  parameters: Numbers,
  gradients: Numbers,
  learningRate: number,
  shares?: ReadonlyMap<string, number>,
) => void

/** What an optimiser remembers before its first step. */
export const newState = (): OptimiserState => ({ steps: 0, numbers: new Map(), tensors: new Map() })

/** Makes a state what it was before the first step. */
export function forget(state: OptimiserState): void {
  state.steps = 0
  state.numbers.clear()
  state.tensors.clear()
}

/** A remembered array by name; zeros when it is first asked for. */
export function remembered(state: OptimiserState, name: string, size: number): Float32Array {
  const existing = state.tensors.get(name)
  if (existing instanceof Float32Array) return existing
  const created = new Float32Array(size)
  state.tensors.set(name, created)
  return created
}

/** The parameters that have a gradient, each with it and with its share of the learning rate. */
export function* withGradients(parameters: Numbers, gradients: Numbers, shares?: ReadonlyMap<string, number>) {
  for (const [name, data] of parameters) {
    const gradient = gradients.get(name)
    if (gradient !== undefined) yield { name, data, gradient, share: shares?.get(name) ?? 1 }
  }
}
