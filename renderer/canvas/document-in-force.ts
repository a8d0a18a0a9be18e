import { useMemo } from 'react'
import type { Frame, StudioDocument } from '../../app/api/documents.ts'
import { useDocument } from '../state/document.ts'
import { useFrameSize } from '../state/form-in-force.ts'
import { useCanvas } from './actions/canvas-state.ts'
import { noDocument } from './actions/edits.ts'
import type { Size } from './viewport.ts'

/** Whether two sizes have the same proportion, but for a pixel. */
const isAlike = (a: Size, b: Size): boolean =>
  Math.abs(a.width * b.height - a.height * b.width) <= Math.max(a.width, a.height, b.width, b.height)

/** The frame as it holds now. It keeps its place and size while it has the proportion of the next picture, which may be worked
 *  at another size; else it takes that picture's size. */
export function frameInForce(frame: Frame, next: Size): Frame {
  return isAlike(frame, next) ? frame : { x: frame.x, y: frame.y, width: next.width, height: next.height }
}

/** The document as it is shown: one without layers is as large as the next picture.
 *  @param next size that the next picture is worked at; unknown before the model has said it */
export function inForce(document: StudioDocument, next: Size | undefined): StudioDocument {
  if (next === undefined) return document
  if (document.layers.length > 0) {
    const frame = frameInForce(document.frame, next)
    return frame === document.frame ? document : { ...document, frame }
  }
  const { width, height } = next
  return { ...document, width, height, frame: { x: 0, y: 0, width, height } }
}

/** The document as it is shown, with the layer that a stroke is making and the frame under the hand. */
export function useDocumentInForce(): StudioDocument {
  const document = useDocument(state => state.document) ?? noDocument
  const next = useFrameSize()
  const pending = useCanvas(state => state.pending)
  const frame = useCanvas(state => state.frame)
  const preview = useCanvas(state => state.preview)
  const [width, height] = [next?.width, next?.height]
  return useMemo(() => {
    const size = width === undefined || height === undefined ? undefined : { width, height }
    return previewed(inForce(document, size), { pending, frame, preview })
  }, [document, width, height, pending, frame, preview])
}

type Underway = Pick<ReturnType<typeof useCanvas.getState>, 'pending' | 'frame' | 'preview'>

/** The document with what is under the hand and not in it yet. */
export function previewed(document: StudioDocument, { pending, frame, preview }: Underway): StudioDocument {
  if (pending === undefined && frame === undefined && preview === undefined) return document
  const known = pending === undefined || document.layers.some(({ id }) => id === pending.layer.id)
  const layers = known ? document.layers : document.layers.toSpliced(pending.index, 0, pending.layer)
  return {
    ...document,
    frame: frame ?? document.frame,
    layers:
      preview === undefined
        ? layers
        : layers.map(layer => (layer.id === preview.id ? { ...layer, ...preview.fields } : layer)),
  }
}
