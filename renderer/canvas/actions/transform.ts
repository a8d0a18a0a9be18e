import { t } from '../../language/language.ts'
import { say } from '../../state/toasts.ts'
import { takeTool, useTools } from '../../state/tools.ts'
import { isEmpty } from '../raster/rectangle.ts'
import { noParts, type Parts, type Transforming, transformNow } from '../tools/transforming.ts'
import { useCanvas } from './canvas-state.ts'
import { contentBox } from './content-box.ts'
import { setLayer } from './layers.ts'
import { activeNow, documentNow, stage } from './stage.ts'
import { refusal } from './strokes.ts'

/** The transforming of a layer: seen at once, one edit when it is kept. */

export const transformingNow = (): Transforming | undefined => useCanvas.getState().transforming

/** The tool that the transform tool was taken after. */
let toolBefore = 'move'

/** Begins with the chosen layer as it is. */
async function begin() {
  const layer = activeNow()
  if (layer === undefined) return say(t('There is no layer yet that could be transformed.'))
  if (layer.kind === 'group') return say(t('Choose a layer of the group to transform it.'))
  const why = refusal(layer)
  if (why !== undefined) return say(why)
  await stage().store.loaded(layer.id)
  if (useTools.getState().tool !== 'transform' || activeNow()?.id !== layer.id) return
  const box = contentBox(layer)
  if (isEmpty(box)) return say(t('There is nothing on “{name}” yet.', { name: layer.name }))
  useCanvas.setState({ transforming: { id: layer.id, box, before: layer.transform, parts: noParts } })
}

/** Shows the layer with other parts. */
export function setParts(parts: Partial<Parts>): void {
  const now = transformingNow()
  if (now === undefined) return
  const transforming = { ...now, parts: { ...now.parts, ...parts } }
  const transform = transformNow(transforming)
  useCanvas.setState({ transforming, preview: { id: now.id, fields: { transform } } })
}

/** Moves it by the keys. */
export function nudgeTransform(dx: number, dy: number): void {
  const { x = 0, y = 0 } = transformingNow()?.parts ?? {}
  setParts({ x: x + dx, y: y + dy })
}

const isChanged = ({ parts }: Transforming): boolean =>
  (Object.keys(noParts) as (keyof Parts)[]).some(part => parts[part] !== noParts[part])

/** Keeps what is shown as one edit. */
function keep(): void {
  const now = transformingNow()
  if (now === undefined) return
  useCanvas.setState({ transforming: undefined })
  const name = documentNow().layers.find(({ id }) => id === now.id)?.name ?? 'layer'
  if (isChanged(now)) setLayer(now.id, { transform: transformNow(now) }, `Transform ${name}`)
  // The edit is applied after what waits before it; until then the preview stands.
  void Promise.resolve().then(() => useCanvas.setState({ preview: undefined }))
}

/** Enter: keeps it and gives the tool back that was in the hand before. */
export function confirmTransform(): void {
  keep()
  takeTool(toolBefore)
}

/** Esc: takes it back, and gives the tool back. Returns whether there was anything. */
export function cancelTransform(): boolean {
  if (transformingNow() === undefined) return false
  useCanvas.setState({ transforming: undefined, preview: undefined })
  takeTool(toolBefore)
  return true
}

useTools.subscribe(({ tool }, { tool: before }) => {
  if (tool === before) return
  if (before === 'transform') keep()
  if (tool !== 'transform') return
  toolBefore = before
  void begin()
})

useCanvas.subscribe(({ active }, { active: before }) => {
  if (active === before || useTools.getState().tool !== 'transform') return
  if (transformingNow()?.id === active) return
  keep()
  void begin()
})
