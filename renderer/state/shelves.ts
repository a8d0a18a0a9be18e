import { create } from 'zustand'
import type { Board, Facets } from './api.ts'
import { engine } from './engine.ts'
import { sayFailure } from './toasts.ts'

/** What stands at the left of the gallery: boards, and what pictures can be narrowed by, with counts. */
export interface ShelvesState {
  readonly boards: readonly Board[]
  readonly facets?: Facets
}

export const useShelves = create<ShelvesState>()(() => ({ boards: [] }))

let asked = 0

/** Reads the boards and the counts again. */
export async function readShelves(): Promise<void> {
  const turn = ++asked
  try {
    const api = await engine()
    const [boards, facets] = await Promise.all([api.boards.list(), api.images.facets()])
    if (turn === asked) useShelves.setState({ boards, facets })
  } catch (error) {
    if (turn === asked) sayFailure(error)
  }
}

/** `tag:night`, `tag:"to print"` */
export const tokenOf = (
  kind: 'tag' | 'rating' | 'model' | 'date' | 'colour' | 'similar',
  value: string | number,
): string => (/^[^\s"]+$/.test(String(value)) ? `${kind}:${value}` : `${kind}:"${String(value).replaceAll('"', '')}"`)
