import { create } from 'zustand'

/** One line of undo over everything that the Studio holds: what was set up (prompt, values, results) and the document. Each part
 *  keeps its own steps; this keeps their order. */

export type Part = 'draft' | 'document'

interface Steps {
  readonly canUndo: () => boolean
  readonly canRedo: () => boolean
  readonly undo: () => void
  readonly redo: () => void
}

export interface HistoryState {
  readonly past: readonly (readonly Part[])[]
  readonly future: readonly (readonly Part[])[]
}

export const useHistory = create<HistoryState>()(() => ({ past: [], future: [] }))

const parts = new Map<Part, Steps>()
export const keepsSteps = (part: Part, steps: Steps): void => void parts.set(part, steps)

const DEPTH = 1000
let joining: Set<Part> | undefined

/** A part has made a step. */
export function note(part: Part): void {
  if (joining !== undefined) joining.add(part)
  else noteAll([part])
}

const noteAll = (step: readonly Part[]): void =>
  useHistory.setState(({ past }) => ({ past: [...past, step].slice(-DEPTH), future: [] }))

/** What parts do meanwhile is one step. */
export function asOneStep(work: () => void): void {
  if (joining !== undefined) {
    work()
    return
  }
  joining = new Set()
  try {
    work()
  } finally {
    const step = [...joining]
    joining = undefined
    if (step.length > 0) noteAll(step)
  }
}

/** What undo would take back. What was done before the window was opened is known to the document alone. */
export function nextUndo(): readonly Part[] {
  const last = useHistory.getState().past.at(-1)
  if (last !== undefined) return last
  return parts.get('document')?.canUndo() ? ['document'] : []
}

export function nextRedo(): readonly Part[] {
  const { past, future } = useHistory.getState()
  const last = future.at(-1)
  if (last !== undefined) return last
  return past.length === 0 && parts.get('document')?.canRedo() ? ['document'] : []
}

export function undo(): void {
  const step = nextUndo()
  for (const part of step) parts.get(part)?.undo()
  useHistory.setState(({ past, future }) => ({ past: past.slice(0, -1), future: [...future, step] }))
}

export function redo(): void {
  const step = nextRedo()
  if (step.length === 0) return
  for (const part of step) parts.get(part)?.redo()
  useHistory.setState(({ past, future }) => ({ past: [...past, step], future: future.slice(0, -1) }))
}
