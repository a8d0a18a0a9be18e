import { type Change, newLayer } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { say } from '../../state/toasts.ts'
import { useTools } from '../../state/tools.ts'
import { type Coverage, combined, ofRectangle } from '../painting/coverage.ts'
import { inverse } from '../raster/affine.ts'
import { isEmpty } from '../raster/rectangle.ts'
import type { Values } from '../tools/tool.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { drawInto } from './draw-into.ts'
import { pixelsOf, readyToDraw } from './region.ts'
import { likeAt, surfaceOf } from './selection.ts'
import { activeNow, documentNow, showNow, withPixels } from './stage.ts'
import { freeName, refusal, targetOf } from './strokes.ts'
import { firstChanges, keepTiles } from './tiles.ts'

/** Fills what looks like the pixel at a point, inside the selection, with the colour that is chosen. */
export async function fillAt(at: Point, values: Values) {
  const like = await likeAt(at, values)
  const { selection } = useCanvas.getState()
  const area = isEmpty(selection) ? like : combined(like, selection, 'intersect')
  if (isEmpty(area)) return say(t('Nothing there can be filled.'))
  fillCoverage('Fill', area, values, () => useTools.getState().colour)
}

/** A gradient from the colour at one point to the other colour, or nothing, at another; inside the selection where there is one. */
export function gradientBetween(from: Point, to: Point, values: Values) {
  const { selection } = useCanvas.getState()
  const { width, height } = documentNow()
  const area = isEmpty(selection) ? ofRectangle({ x: 0, y: 0, width, height }) : selection
  const { colour, background } = useTools.getState()
  fillCoverage('Gradient', area, values, context => {
    const fall =
      values.shape === 'radial'
        ? context.createRadialGradient(from.x, from.y, 0, from.x, from.y, Math.hypot(to.x - from.x, to.y - from.y))
        : context.createLinearGradient(from.x, from.y, to.x, to.y)
    fall.addColorStop(0, colour)
    fall.addColorStop(1, values.end === 'background' ? background : `${colour}00`)
    return fall
  })
}

/** Fills coverage on the layer that a brush would paint on. */
function fillCoverage(
  label: string,
  area: Coverage,
  values: Values,
  styleOf: (context: OffscreenCanvasRenderingContext2D) => string | CanvasGradient,
) {
  const { layers } = documentNow()
  const found = targetOf('brush', layers, activeNow())
  const why = found && refusal(found)
  if (why !== undefined) return say(why)
  const layer = found ?? newLayer({ kind: 'paint', name: freeName('Paint', layers) })
  const index = layers.length
  const before: Change[] = found === undefined ? [...firstChanges(), { type: 'add-layer', layer, index }] : []
  useCanvas.setState({ active: layer.id, ...(found === undefined && { pending: { layer, index } }) })
  showNow()
  const opacity = Number(values.opacity ?? 100) / 100
  withPixels([found], () => {
    const keys = drawInto(layer, area, inverse(layer.transform), { opacity }, context => {
      context.drawImage(surfaceOf(area).canvas, area.x, area.y)
      context.globalCompositeOperation = 'source-in'
      context.fillStyle = styleOf(context)
      context.fillRect(area.x, area.y, area.width, area.height)
    })
    void keepTiles(label, layer.id, keys, before)
  })
}

const hexadecimal = (value: number | undefined): string => (value ?? 0).toString(16).padStart(2, '0')

/** Takes the colour of the picture at a point; where it is transparent nothing is taken. */
export async function pickAt({ x, y }: Point): Promise<void> {
  const pixel = { x: Math.floor(x), y: Math.floor(y), width: 1, height: 1 }
  await readyToDraw(pixel, pixel)
  const { data } = pixelsOf(pixel, pixel)
  if ((data[3] ?? 0) === 0) return
  useTools.setState({ colour: `#${[data[0], data[1], data[2]].map(hexadecimal).join('')}` })
}
