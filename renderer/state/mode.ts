import { create } from 'zustand'
import type { ModelInfo } from './api.ts'

/** What the next run does with the frame: draws from words alone, reworks the picture in it, fills a mask, draws detail into what is
 *  masked, or extends the picture into what is empty. */
export const MODES = ['create', 'rework', 'fill', 'detail', 'extend'] as const
export type Mode = (typeof MODES)[number]

/** What each is called, what the button says, and what it does. */
export const MODE_WORDS: Readonly<
  Record<Mode, { readonly title: string; readonly does: string; readonly about: string }>
> = {
  create: { title: 'Create', does: 'Generate', about: 'Draws from the prompt alone.' },
  rework: { title: 'Rework', does: 'Rework', about: 'Begins with the picture in the frame.' },
  fill: { title: 'Fill mask', does: 'Fill mask', about: 'Draws what the mask covers; nothing else changes.' },
  detail: {
    ...{ title: 'Detail', does: 'Draw detail' },
    about:
      'Draws what the mask covers again at the full size of the model, each place for itself: small things get detail.',
  },
  extend: { title: 'Extend', does: 'Extend', about: 'Draws what is empty in the frame, and what the mask covers.' },
}

/** The operation of each, by id. */
const OPERATIONS: Readonly<Record<Mode, string>> = {
  create: 'text-to-image',
  rework: 'image-to-image',
  fill: 'inpaint',
  detail: 'detailer',
  extend: 'inpaint',
}

/** What a model does that sees a picture beside what it draws, or enlarges pictures alone: the mode does not matter to it. */
interface OwnDoing {
  readonly operation: string
  readonly title: string
  readonly does: string
  readonly about: string
  /** Absent: the result is as large as the picture makes it. */
  readonly isOfFrame?: true
  /** Only what a mask covers is made. */
  readonly isMasked?: true
}

const UPSCALE = { title: 'Upscale', does: 'Upscale', about: 'This model makes the picture in the frame larger.' }
const OWN: Readonly<Partial<Record<ModelInfo['beside'], OwnDoing>>> = {
  picture: {
    ...{ operation: 'instruct', title: 'Instruct', does: 'Instruct', isOfFrame: true },
    about: 'This model edits the picture in the frame as the prompt tells: “make it snowy”.',
  },
  example: {
    ...{ operation: 'paint-by-example', title: 'Paint by example', does: 'Paint by example' },
    ...{ isOfFrame: true, isMasked: true },
    about: 'This model paints into the mask what the topmost control layer shows.',
  },
  shape: {
    ...{ operation: 'smart-brush', title: 'Smart brush', does: 'Fill shape' },
    ...{ isOfFrame: true, isMasked: true },
    about: 'This model draws what the prompt says into the painted shape, as closely as is wanted.',
  },
  depth: {
    ...{ operation: 'depth-to-image', title: 'Keep depth', does: 'Keep depth', isOfFrame: true },
    about:
      'This model draws the picture in the frame anew, as near and far as the topmost control layer shows; without one, as a network of yours finds it.',
  },
  'small picture': { operation: 'upscale-with-words', ...UPSCALE },
  'small latents': { operation: 'double-size', ...UPSCALE },
}

/** What a model does by itself; undefined where the mode says what is done. */
export const ownDoing = (model: Pick<ModelInfo, 'kind' | 'beside'> | undefined): OwnDoing | undefined => {
  if (model?.kind === 'upscaler') return { operation: 'enlarge', ...UPSCALE }
  return model?.kind === 'checkpoint' ? OWN[model.beside] : undefined
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
