import { create } from 'zustand'
import type { Image } from './api.ts'
import { type Draft, loadKept, saveKept } from './draft.ts'
import { keepsSteps, note } from './history.ts'
import type { Failure } from './problem.ts'

export type Compare = 'single' | 'split' | 'side' | 'difference'
export const COMPARES: readonly Compare[] = ['single', 'split', 'side', 'difference']

export interface StudioState {
  readonly draft: Draft
  readonly past: readonly Draft[]
  readonly future: readonly Draft[]
  /** Which control made the latest change; changes of one control are one step of undo. */
  readonly lastEdit?: string
  /** Index of the staged result in the frame, and of the one that it is compared with (-1: the accepted picture). */
  readonly shown: number
  readonly compared: number
  readonly compare: Compare
  /** Where the line of a split comparison is, 0 to 1, and how much a difference is strengthened. */
  readonly split: number
  readonly gain: number
  /** Whether the frame shows what is being made, or results. */
  readonly watching: boolean
  /** Which picture of the batch is shown while it is made; undefined: the one that is being drawn. */
  readonly watched: number | undefined
  /** Runs that were asked for and that the engine has not confirmed yet, by a number of their own. */
  readonly asks: readonly number[]
  /** Jobs whose results were not staged yet. */
  readonly pending: readonly string[]
  /** The job whose end without result is shown on the frame. */
  readonly stopped?: string
  /** What the engine said to a request that it did not take. */
  readonly refused?: Failure
  /** The job that was asked to stop and has not yet. */
  readonly cancelling?: string
  /** Another run follows each run, until Esc. */
  readonly goingOn: boolean
  /** The picture from before is shown for as long as a key is held. */
  readonly seeingBefore: boolean
}

const kept = loadKept()

export const useStudio = create<StudioState>()(() => ({
  draft: kept.draft,
  past: [],
  future: [],
  shown: Math.max(0, kept.draft.staged.length - 1),
  compared: kept.draft.staged.length > 1 ? kept.draft.staged.length - 2 : -1,
  compare: 'single',
  split: 0.5,
  gain: 4,
  watching: true,
  watched: undefined,
  asks: [],
  pending: kept.pending,
  goingOn: false,
  seeingBefore: false,
}))

const SAVE_AFTER = 150
let saving: ReturnType<typeof setTimeout> | undefined

const save = () => {
  clearTimeout(saving)
  saving = undefined
  saveKept(useStudio.getState())
}

useStudio.subscribe((now, before) => {
  if (now.draft !== before.draft || now.pending !== before.pending) saving ??= setTimeout(save, SAVE_AFTER)
})
globalThis.addEventListener?.('pagehide', save)

// ---- Changing the draft, with undo -------------------------------------------------------------------------------------

const DEPTH = 200

/** Changes the draft. Successive changes under the same name become one step of undo. */
export function edited(state: StudioState, name: string, change: Partial<Draft>): StudioState {
  const draft = { ...state.draft, ...change }
  const same = state.lastEdit === name && state.past.length > 0
  const past = same ? state.past : [...state.past, state.draft].slice(-DEPTH)
  return { ...state, draft, past, future: [], lastEdit: name }
}

const held = (state: StudioState): StudioState => {
  const last = state.draft.staged.length - 1
  return {
    ...state,
    shown: Math.min(Math.max(0, state.shown), Math.max(0, last)),
    compared: Math.min(state.compared, last),
  }
}

export function undone(state: StudioState): StudioState {
  const draft = state.past.at(-1)
  if (draft === undefined) return state
  const past = state.past.slice(0, -1)
  return held({ ...state, draft, past, future: [...state.future, state.draft], lastEdit: undefined })
}

export function redone(state: StudioState): StudioState {
  const draft = state.future.at(-1)
  if (draft === undefined) return state
  const future = state.future.slice(0, -1)
  return held({ ...state, draft, past: [...state.past, state.draft], future, lastEdit: undefined })
}

export function edit(name: string, change: Partial<Draft>): void {
  const { past } = useStudio.getState()
  useStudio.setState(state => edited(state, name, change))
  if (useStudio.getState().past !== past) note('draft')
}
/** Ends the step of undo that is being made: the next change is a new one. */
export const endEdit = (): void => useStudio.setState({ lastEdit: undefined })

keepsSteps('draft', {
  canUndo: () => useStudio.getState().past.length > 0,
  canRedo: () => useStudio.getState().future.length > 0,
  undo: () => useStudio.setState(undone),
  redo: () => useStudio.setState(redone),
})

/** Sets a parameter by hand; nothing gives it back to the model. */
export function setValue(name: string, value: unknown): void {
  const { [name]: _, ...others } = useStudio.getState().draft.values
  edit(`value:${name}`, { values: value === undefined ? others : { ...others, [name]: value } })
}

/** Whether a parameter was set by hand. */
export const isSet = (name: string): boolean => useStudio.getState().draft.values[name] !== undefined

// ---- Results -------------------------------------------------------------------------------------------------------------

/** New results stand at the end of the strip; the first of them is shown, next to what was shown before. */
export function staged(state: StudioState, images: readonly Image[]): StudioState {
  const known = new Set(state.draft.staged.map(image => image.id))
  const added = images.filter(image => !known.has(image.id))
  if (added.length === 0) return state
  const before = state.draft.staged.length
  return {
    ...state,
    draft: { ...state.draft, staged: [...state.draft.staged, ...added] },
    shown: before,
    compared: partnerOf(before + added.length, before, before > 0 ? state.shown : 1, state.draft.accepted),
    watching: false,
    stopped: undefined,
    refused: undefined,
  }
}

/** With which result the shown one is compared: the wished one if it is another, else a neighbour, else what was accepted. */
function partnerOf(count: number, shown: number, wished: number, accepted: Image | undefined): number {
  if (wished !== shown && wished >= 0 && wished < count) return wished
  if (wished === -1 && accepted !== undefined) return -1
  if (shown > 0) return shown - 1
  return count > 1 ? 1 : -1
}

/** Puts a result into the frame; the one that was there is compared with. */
export function shownAs(state: StudioState, index: number): StudioState {
  const count = state.draft.staged.length
  if (index < 0 || index >= count) return state
  const compared = index === state.shown ? state.compared : partnerOf(count, index, state.shown, state.draft.accepted)
  return { ...state, shown: index, compared, watching: false, stopped: undefined, refused: undefined }
}

/** The two pictures that a comparison shows: [shown, compared with]. */
export function pairOf({ draft, shown, compared }: StudioState): { picture?: Image; other?: Image } {
  const other = compared === -1 ? draft.accepted : draft.staged[compared]
  const picture = draft.staged[shown] ?? draft.accepted
  return { picture, other: other?.id === picture?.id ? undefined : other }
}

export function accept(): void {
  const { draft, shown } = useStudio.getState()
  const picture = draft.staged[shown]
  if (picture === undefined) return
  endEdit()
  edit('accept', { accepted: picture, staged: [] })
  useStudio.setState({ lastEdit: undefined, shown: 0, compared: -1, watching: true })
}

/** Takes the results out of the strip; they stay in the Gallery. Returns how many there were. */
export function discard(): number {
  const count = useStudio.getState().draft.staged.length
  if (count === 0) return 0
  endEdit()
  edit('discard', { staged: [] })
  useStudio.setState({ lastEdit: undefined, shown: 0, compared: -1, watching: true })
  return count
}

/** Forgets pictures that are no longer there. */
export function withoutImages(state: StudioState, ids: ReadonlySet<string>): StudioState {
  const { draft } = state
  const rest = draft.staged.filter(image => !ids.has(image.id))
  const gone = draft.accepted !== undefined && ids.has(draft.accepted.id)
  if (rest.length === draft.staged.length && !gone) return state
  return held({ ...state, draft: { ...draft, staged: rest, accepted: gone ? undefined : draft.accepted } })
}
