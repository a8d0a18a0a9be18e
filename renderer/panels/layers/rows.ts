import type { DragEvent } from 'react'
import type { Layer } from '../../../app/api/documents.ts'
import type { Branch } from '../../canvas/raster/layer-tree.ts'

export interface Row {
  readonly layer: Layer
  readonly depth: number
}

/** The rows of the list, topmost first; what a group holds stands under it. */
export const rowsOf = (branches: readonly Branch[], depth = 0): readonly Row[] =>
  branches.toReversed().flatMap(({ layer, children }) => [{ layer, depth }, ...rowsOf(children, depth + 1)])

export interface Place {
  readonly id: string
  readonly where: 'above' | 'below' | 'into'
}

/** Where a layer would go that is let go at a row: its upper part means above, its lower part below, the middle of a group into it. */
export function placeIn(share: number, isGroup: boolean): Place['where'] {
  if (isGroup && share > 0.3 && share < 0.7) return 'into'
  return share < 0.5 ? 'above' : 'below'
}

export function placeOfDrop(event: DragEvent): Place | undefined {
  const row = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-layer]') : null
  const id = row?.dataset.layer
  if (row === null || id === undefined) return undefined
  const { top, height } = row.getBoundingClientRect()
  return { id, where: placeIn((event.clientY - top) / height, row.dataset.kind === 'group') }
}
