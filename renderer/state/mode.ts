import { create } from 'zustand'

/** What the next run does with the frame: draws from words alone, reworks the picture in it, fills a mask, or extends the picture into
 *  what is empty. */
export const MODES = ['create', 'rework', 'fill', 'extend'] as const
export type Mode = (typeof MODES)[number]

/** What each is called, what the button says, and what it does. */
export const MODE_WORDS: Readonly<
  Record<Mode, { readonly title: string; readonly does: string; readonly about: string }>
> = {
  create: { title: 'Create', does: 'Generate', about: 'Draws from the prompt alone.' },
  rework: { title: 'Rework', does: 'Rework', about: 'Begins with the picture in the frame.' },
  fill: { title: 'Fill mask', does: 'Fill mask', about: 'Draws what the mask covers; nothing else changes.' },
  extend: { title: 'Extend', does: 'Extend', about: 'Draws what is empty in the frame, and what the mask covers.' },
}

/** The operation of each, by id. */
const OPERATIONS: Readonly<Record<Mode, string>> = {
  create: 'text-to-image',
  rework: 'image-to-image',
  fill: 'inpaint',
  extend: 'inpaint',
}

export const useMode = create<{
  /** What the canvas asks for. */
  readonly found: Mode
  /** What the person chose instead. */
  readonly chosen: Mode | undefined
}>()(() => ({ found: 'create', chosen: undefined }))

/** The mode in force. */
export const modeNow = (): Mode => modeOf(useMode.getState())
export const modeOf = ({ found, chosen }: { found: Mode; chosen: Mode | undefined }): Mode => chosen ?? found

export const operationOfMode = (mode: Mode): string => OPERATIONS[mode]

/** Chooses a mode; the one that the canvas asks for gives the choice back. */
export const chooseMode = (mode: Mode): void =>
  useMode.setState(({ found }) => ({ chosen: mode === found ? undefined : mode }))

/** Of the modes, those that a canvas can do: a mask must be there to be filled, a picture to be reworked. */
export const modeFor = (glance: { readonly picture: 'none' | 'some' | 'all'; readonly isMasked: boolean }): Mode => {
  if (glance.picture === 'none') return 'create'
  if (glance.picture === 'some') return 'extend'
  return glance.isMasked ? 'fill' : 'rework'
}
