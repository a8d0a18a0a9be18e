import { firstSettings, isOfKind, type Layer, newLayer, type SettingsByKind } from '../../../app/api/documents.ts'
import { say } from '../../state/toasts.ts'
import { useTools } from '../../state/tools.ts'
import { cornersOfShape, withCorner } from '../painting/shape-corners.ts'
import { applied, inverse, translation } from '../raster/affine.ts'
import { grown } from '../raster/rectangle.ts'
import { vectorBounds } from '../raster/vector.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { change } from './edits.ts'
import { choose, scrubLayer, setLayer } from './layers.ts'
import { activeNow, documentNow } from './stage.ts'
import { freeName, refusal } from './strokes.ts'
import { firstChanges } from './tiles.ts'

/** Drawing and changing shapes, which stay shapes. */

export type ShapeSettings = SettingsByKind['shape']
export type ShapeLayer = Layer & { readonly kind: 'shape'; readonly settings: ShapeSettings }

const NAMES: Readonly<Record<ShapeSettings['shape'], string>> = {
  rectangle: 'Rectangle',
  ellipse: 'Ellipse',
  line: 'Line',
  polygon: 'Polygon',
}

/** How the next shape looks: as the last one that was set. Its fill is the colour that is chosen. */
let nextLook: ShapeSettings = { ...firstSettings.shape, strokeWidth: 4 }

const isShape = (name: unknown): name is ShapeSettings['shape'] =>
  typeof name === 'string' && Object.hasOwn(NAMES, name)

function next(): ShapeSettings {
  const { colour, values } = useTools.getState()
  const { shape: chosen } = values.shape ?? {}
  const shape = isShape(chosen) ? chosen : 'rectangle'
  const look = { ...nextLook, shape, fill: nextLook.fill === null ? null : colour }
  // A line is nothing but its stroke, and a shape that has neither could not be seen.
  const isUnseen = look.stroke === null && (shape === 'line' || look.fill === null)
  return isUnseen ? { ...look, stroke: colour } : look
}

/** The shape that is chosen. */
export function shapeNow(): ShapeLayer | undefined {
  const layer = activeNow()
  return layer !== undefined && isOfKind(layer, 'shape') ? layer : undefined
}

export const shapeLook = (): ShapeSettings => shapeNow()?.settings ?? next()

/** The corners of the chosen shape, in pixels of the document. */
export function cornersNow(): readonly Point[] {
  const layer = shapeNow()
  if (layer === undefined || layer.isLocked || !layer.isVisible) return []
  return cornersOfShape(layer.settings).map(corner => applied(layer.transform, corner))
}

/** Draws a shape through points of the document; it is one edit when it is done, and nothing without points. */
export function drawShape(points: readonly Point[], isDone: boolean): void {
  const { pending } = useCanvas.getState()
  const [first] = points
  const { layers } = documentNow()
  if (first === undefined) {
    if (pending?.layer.kind === 'shape') useCanvas.setState({ pending: undefined })
    return
  }
  const settings = next()
  const index = pending?.index ?? layers.length
  const drawn = {
    settings: { ...settings, points: points.map(({ x, y }) => [x - first.x, y - first.y] as const) },
    transform: translation(first.x, first.y),
  }
  const layer =
    pending?.layer.kind === 'shape'
      ? { ...pending.layer, ...drawn }
      : newLayer({ kind: 'shape', name: freeName(NAMES[settings.shape], layers), ...drawn })
  useCanvas.setState({ pending: { layer, index }, active: layer.id })
  if (!isDone) return
  const added = { type: 'add-layer', layer, index } as const
  void change({ label: NAMES[settings.shape], changes: [...firstChanges(), added] }).finally(() =>
    useCanvas.setState(state => (state.pending?.layer.id === layer.id ? { pending: undefined } : state)),
  )
}

/** The topmost shape under a point of the document. */
function shapeAt(at: Point): ShapeLayer | undefined {
  return documentNow().layers.findLast((layer): layer is ShapeLayer => {
    if (!isOfKind(layer, 'shape') || !layer.isVisible) return false
    const { x, y } = applied(inverse(layer.transform), at)
    const box = grown(vectorBounds(layer), 4)
    return x >= box.x && y >= box.y && x <= box.x + box.width && y <= box.y + box.height
  })
}

/** Chooses the shape at a point to be changed; returns whether there is one. */
export function chooseShape(at: Point): boolean {
  const found = shapeAt(at)
  if (found === undefined) return false
  const why = refusal(found)
  if (why !== undefined) say(why)
  else choose(found.id)
  return true
}

/** Moves a corner of the chosen shape; one that is none takes the move back. */
export function reshape(corner: number, at: Point, isDone: boolean) {
  const layer = shapeNow()
  if (layer === undefined || corner < 0) return useCanvas.setState({ preview: undefined })
  const points = withCorner(layer.settings, corner, applied(inverse(layer.transform), at))
  const settings = { ...layer.settings, points }
  if (!isDone) return useCanvas.setState({ preview: { id: layer.id, fields: { settings } } })
  setLayer(layer.id, { settings }, `Reshape ${layer.name}`)
  // The edit is applied after what waits before it; until then the preview stands.
  void Promise.resolve().then(() => useCanvas.setState({ preview: undefined }))
}

/** Changes the look of the chosen shape, else of the next one. */
export function setShape(changed: Partial<Omit<ShapeSettings, 'shape' | 'points'>>): void {
  const layer = shapeNow()
  const settings = { ...(layer?.settings ?? next()), ...changed }
  nextLook = settings
  if (typeof changed.fill === 'string') useTools.setState({ colour: changed.fill.slice(0, 7) })
  if (layer !== undefined) scrubLayer(layer.id, { settings }, `Change ${layer.name}`)
}
