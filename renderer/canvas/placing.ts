import type { CSSProperties } from 'react'
import { useView } from './view.ts'
import type { Insets } from './viewport.ts'

export interface Box {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

const ROW = 30
const EDGE = 12
const NARROWEST = 260

/** Where a row of words under the frame stands: under it, and at the nearest edge when that is out of sight. */
export function useRowUnder(frame: Box, insets: Insets): CSSProperties {
  const stage = useView(state => state.stage)
  const width = Math.min(Math.max(frame.width, NARROWEST), stage.width - 2 * EDGE)
  const left = frame.left + (frame.width - width) / 2
  const top = frame.top + frame.height + 1
  return {
    left: Math.min(Math.max(left, EDGE), stage.width - EDGE - width),
    top: Math.min(Math.max(top, EDGE), stage.height - insets.bottom + 8),
    width,
    height: ROW,
  }
}

/** Where a card stands: on the frame's middle, but always wholly in sight. */
export function useCardOn(frame: Box, insets: Insets, width: number): CSSProperties {
  const stage = useView(state => state.stage)
  const middle = frame.left + frame.width / 2
  const half = width / 2 + EDGE
  const centre = Math.min(Math.max(middle, half), Math.max(half, stage.width - half))
  const low = stage.height - insets.bottom + 24
  return {
    left: centre,
    top: Math.min(Math.max(frame.top + frame.height / 2, 140), low - 120),
    width: Math.min(width, stage.width - 2 * EDGE),
  }
}
