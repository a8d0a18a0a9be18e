import { useEffect, useLayoutEffect, useRef } from 'react'
import type { StudioDocument } from '../../app/api/documents.ts'
import { useTools } from '../state/tools.ts'
import { begin } from './actions/accept.ts'
import { activeOf, useCanvas } from './actions/canvas-state.ts'
import { openStage, stageIfOpen } from './actions/stage.ts'
import { toolOf } from './tools/index.ts'
import { onScreen, type Size, type View } from './viewport.ts'

interface Props {
  readonly stage: Size
  readonly view: View
  readonly document: StudioDocument
}

/** The document's pixels, on a canvas of their own below all that Konva draws: Konva draws a whole layer anew for any change, a
 *  stroke changes a small part of the picture. */
export function Paper({ stage, view, document }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null)
  const active = useCanvas(state => activeOf(document.layers, state.active)?.id)
  const maskLook = useTools(state => state.maskLook)
  const isSharp = useTools(state => toolOf(state.tool).cursor === 'brush')
  useLayoutEffect(() => {
    if (canvas.current === null) return
    const close = openStage(canvas.current)
    void begin()
    return close
  }, [])
  useLayoutEffect(() => {
    if (stage.width > 0) stageIfOpen()?.look(view, stage, devicePixelRatio)
  }, [stage, view])
  useEffect(() => stageIfOpen()?.show(document, active), [document, active])
  useEffect(() => stageIfOpen()?.style({ isSharp, maskLook }), [isSharp, maskLook])
  const paper = onScreen({ x: 0, y: 0, width: document.width, height: document.height }, view)
  return (
    <>
      {document.layers.length > 0 && <div className="paper" style={paper} />}
      <canvas ref={canvas} className="pixels" style={stage} data-testid="pixels" />
    </>
  )
}
