import { useEffect, useState } from 'react'
import { useDocument } from '../state/document.ts'
import { useTools } from '../state/tools.ts'
import { useCanvas } from './actions/canvas-state.ts'
import { maskEdges } from './actions/mask-edges.ts'
import type { Point } from './viewport.ts'

type Lines = readonly (readonly Point[])[]
const none: Lines = []
/** Milliseconds after a change before the edges are looked for again. */
const AFTER = 80

/** The edges of the visible masks, while masks are worked on or shown as outlines; nothing where the look has edges of its own. */
export function useMaskEdges(): Lines {
  const layers = useDocument(({ document }) => document?.layers)
  const painted = useCanvas(state => state.painted)
  const preview = useCanvas(state => state.preview)
  const shows = useTools(
    ({ tool, maskLook }) => maskLook === 'outline' || (tool === 'mask' && maskLook !== 'black-and-white'),
  )
  const [lines, setLines] = useState(none)
  const isMasked = layers?.some(({ kind, isVisible }) => kind === 'mask' && isVisible) ?? false
  const wanted = shows && isMasked
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was painted or moved since is looked at again
  useEffect(() => {
    if (!wanted) return setLines(none)
    const timer = setTimeout(() => setLines(maskEdges()), AFTER)
    return () => clearTimeout(timer)
  }, [wanted, layers, painted, preview])
  return wanted ? lines : none
}
