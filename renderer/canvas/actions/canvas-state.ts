import { create } from 'zustand'
import type { Frame, Layer, LayerFields } from '../../../app/api/documents.ts'
import { type Coverage, noCoverage } from '../painting/coverage.ts'
import type { Draft } from '../tools/tool.ts'
import type { Transforming } from '../tools/transforming.ts'

/** What is going on at the canvas and is not part of the document. */
export interface CanvasState {
  /** The layer that is worked on; the topmost while none was chosen. */
  readonly active: string | undefined
  readonly selection: Coverage
  /** What was found and is not part of the mask yet. */
  readonly found: Coverage | undefined
  /** What a tool draws over the picture while the hand is down. */
  readonly draft: Draft | undefined
  /** A layer that a stroke makes, until its edit is in the document. */
  readonly pending: { readonly layer: Layer; readonly index: number } | undefined
  /** The frame while it is dragged. */
  readonly frame: Frame | undefined
  /** How a layer looks while it is changed by the hand. */
  readonly preview: { readonly id: string; readonly fields: LayerFields } | undefined
  readonly transforming: Transforming | undefined
  /** A network looks for what was clicked. */
  readonly isLooking: boolean
  /** The text layer that is written. */
  readonly writing: string | undefined
  /** Counts changes of pixels, by layer: thumbnails follow. */
  readonly painted: Readonly<Record<string, number>>
}

export const useCanvas = create<CanvasState>()(() => ({
  active: undefined,
  selection: noCoverage,
  found: undefined,
  draft: undefined,
  pending: undefined,
  frame: undefined,
  preview: undefined,
  transforming: undefined,
  isLooking: false,
  writing: undefined,
  painted: {},
}))

/** The layer that is worked on: the chosen one, else the topmost. */
export const activeOf = (layers: readonly Layer[], chosen: string | undefined): Layer | undefined =>
  layers.find(({ id }) => id === chosen) ?? layers.at(-1)
