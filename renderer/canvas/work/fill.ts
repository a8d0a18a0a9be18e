import { type Change, newLayer } from '../../../app/api/documents.ts'
import { say } from '../../state/toasts.ts'
import { useTools } from '../../state/tools.ts'
import { combined } from '../painting/coverage.ts'
import { inverse } from '../raster/affine.ts'
import { isEmpty } from '../raster/rectangle.ts'
import type { Values } from '../tools/tool.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { drawInto } from './draw-into.ts'
import { pixelsOf } from './region.ts'
import { likeAt, surfaceOf } from './selection.ts'
import { activeNow, documentNow } from './stage.ts'
import { freeName, refusal, targetOf } from './strokes.ts'
import { firstChanges, keepTiles } from './tiles.ts'

/** Fills what looks like the pixel at a point, inside the selection, with the colour that is chosen. */
export function fillAt(at: Point, values: Values) {
  const { selection } = useCanvas.getState()
  const like = likeAt(at, values)
  const area = isEmpty(selection) ? like : combined(like, selection, 'intersect')
  if (isEmpty(area)) return say('Nothing there can be filled.')
  const { layers } = documentNow()
  const active = activeNow()
  const found = targetOf('brush', layers, active)
  const why = found && refusal(found)
  if (why !== undefined) return say(why)
  const layer = found ?? newLayer({ kind: 'paint', name: freeName('Paint', layers) })
  const before: Change[] =
    found === undefined ? [...firstChanges(), { type: 'add-layer', layer, index: layers.length }] : []
  useCanvas.setState({
    active: layer.id,
    ...(found === undefined && { pending: { layer, index: layers.length } }),
  })
  const keys = drawInto(
    layer,
    area,
    inverse(layer.transform),
    { opacity: Number(values.opacity ?? 100) / 100 },
    context => {
      context.drawImage(surfaceOf(area).canvas, area.x, area.y)
      context.globalCompositeOperation = 'source-in'
      context.fillStyle = useTools.getState().colour
      context.fillRect(area.x, area.y, area.width, area.height)
    },
  )
  void keepTiles('Fill', layer.id, keys, before)
}

const hexadecimal = (value: number | undefined): string => (value ?? 0).toString(16).padStart(2, '0')

/** Takes the colour of the picture at a point; where it is transparent nothing is taken. */
export function pickAt({ x, y }: Point): void {
  const { data } = pixelsOf({ x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }, { width: 1, height: 1 })
  if ((data[3] ?? 0) === 0) return
  useTools.setState({ colour: `#${[data[0], data[1], data[2]].map(hexadecimal).join('')}` })
}
