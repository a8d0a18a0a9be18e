import { useDocument } from '../../state/document.ts'
import { modeFor, useMode } from '../../state/mode.ts'
import { useStudio } from '../../state/studio.ts'
import { useCanvas } from './canvas-state.ts'
import { glanceAt } from './region.ts'
import { documentNow, stageIfOpen } from './stage.ts'

/** Milliseconds that the hand rests until the canvas is looked at. */
const AFTER = 120

/** Looks at what is in the frame whenever the canvas changes: the mode follows. Returns what ends it. */
export function watchMode(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let looked = 0
  const look = async () => {
    const turn = ++looked
    if (stageIfOpen() === undefined) return
    const { frame, layers } = documentNow()
    const found = layers.length === 0 ? 'create' : modeFor(await glanceAt(frame))
    if (turn === looked) useMode.setState({ found })
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(() => void look(), AFTER)
  }
  const ends = [
    useDocument.subscribe((now, before) => {
      if (now.document !== before.document) soon()
    }),
    useCanvas.subscribe((now, before) => {
      if (now.painted !== before.painted || now.frame !== before.frame) soon()
    }),
    useStudio.subscribe((now, before) => {
      if (now.draft.values !== before.draft.values) soon()
    }),
  ]
  soon()
  return () => {
    clearTimeout(timer)
    for (const end of ends) end()
  }
}
