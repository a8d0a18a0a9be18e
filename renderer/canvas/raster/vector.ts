import { isOfKind, type Layer, type SettingsByKind } from '../../../app/api/documents.ts'
import { grown, type Rectangle } from './rectangle.ts'
import { makeSurface, type Surface } from './surface.ts'

/** Layers that are drawn from their settings: text and shapes. A text's lines begin at the origin of its own pixels; there is its
 *  left edge, its middle or its right edge, as it is aligned. */

type Context = OffscreenCanvasRenderingContext2D
type TextSettings = SettingsByKind['text']
type ShapeSettings = SettingsByKind['shape']

/** Whether a layer is drawn from its settings. */
export const isVector = ({ kind }: Pick<Layer, 'kind'>): boolean => kind === 'text' || kind === 'shape'

/** Families that every system has, beside the one that the app brings. */
export const fontFamilies = ['Inter', 'sans-serif', 'serif', 'monospace', 'cursive', 'system-ui'] as const
const GENERIC: readonly string[] = fontFamilies.slice(1)

/** A family as CSS names it; a font that is not there is replaced by a plain one. */
export function familyOf(font: string): string {
  if (GENERIC.includes(font)) return font
  const name = JSON.stringify(font)
  return font === 'Inter' ? `"Inter Variable", ${name}, sans-serif` : `${name}, sans-serif`
}

/** The `font` of a canvas. */
export const fontOf = ({ font, size, weight, isItalic }: TextSettings): string =>
  `${isItalic ? 'italic ' : ''}${weight} ${size}px ${familyOf(font)}`

let ruler: Surface | undefined

function measuring(settings: TextSettings): Context {
  ruler ??= makeSurface(1, 1)
  ruler.context.font = fontOf(settings)
  return ruler.context
}

interface Line {
  readonly words: string
  readonly baseline: number
}

/** Lines with their baselines; the room between lines is above and below each, as pages lay them out. */
function linesOf(settings: TextSettings, context: Context): readonly Line[] {
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = context.measureText('Mg')
  const step = settings.size * settings.lineHeight
  const first = (step - ascent - descent) / 2 + ascent
  return settings.text.split('\n').map((words, k) => ({ words, baseline: first + k * step }))
}

function textBounds(settings: TextSettings): Rectangle {
  const context = measuring(settings)
  const lines = linesOf(settings, context)
  const width = Math.max(0, ...lines.map(({ words }) => context.measureText(words).width))
  const left = settings.align === 'left' ? 0 : settings.align === 'center' ? -width / 2 : -width
  return { x: left, y: 0, width, height: lines.length * settings.size * settings.lineHeight }
}

function shapeBounds({ points, strokeWidth, stroke }: ShapeSettings): Rectangle {
  if (points.length === 0) return { x: 0, y: 0, width: 0, height: 0 }
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)]
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  const box = { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
  return grown(box, stroke === null ? 0 : strokeWidth / 2)
}

/** The rectangle that a text or a shape takes, in its own pixels. */
export function vectorBounds(layer: Layer): Rectangle {
  if (isOfKind(layer, 'text')) return textBounds(layer.settings)
  if (isOfKind(layer, 'shape')) return shapeBounds(layer.settings)
  return { x: 0, y: 0, width: 0, height: 0 }
}

function drawText(context: Context, settings: TextSettings): void {
  context.font = fontOf(settings)
  context.fillStyle = settings.colour
  context.textAlign = settings.align
  context.textBaseline = 'alphabetic'
  for (const { words, baseline } of linesOf(settings, context)) context.fillText(words, 0, baseline)
}

function trace(context: Context, { shape, points, cornerRadius = 0 }: ShapeSettings): void {
  const [first, second] = points
  context.beginPath()
  if (first === undefined || second === undefined) return
  const [x, y, width, height] = [first[0], first[1], second[0] - first[0], second[1] - first[1]]
  // More than half a side, and the arcs of two corners would be too large for it: the canvas makes all of them smaller.
  if (shape === 'rectangle') context.roundRect(x, y, width, height, cornerRadius)
  else if (shape === 'ellipse') {
    context.ellipse(x + width / 2, y + height / 2, Math.abs(width / 2), Math.abs(height / 2), 0, 0, 2 * Math.PI)
  } else for (const [px, py] of points) context.lineTo(px, py)
  if (shape === 'polygon') context.closePath()
}

function drawShape(context: Context, settings: ShapeSettings): void {
  trace(context, settings)
  if (settings.fill !== null && settings.shape !== 'line') {
    context.fillStyle = settings.fill
    context.fill()
  }
  if (settings.stroke === null || settings.strokeWidth === 0) return
  context.strokeStyle = settings.stroke
  context.lineWidth = settings.strokeWidth
  context.lineJoin = settings.shape === 'polygon' ? 'round' : 'miter'
  context.lineCap = 'round'
  context.stroke()
}

/** Draws a text or a shape in its own pixels. */
export function drawVector(context: Context, layer: Layer): void {
  if (isOfKind(layer, 'text')) drawText(context, layer.settings)
  else if (isOfKind(layer, 'shape')) drawShape(context, layer.settings)
}

/** Resolves when the letters of all texts can be drawn: a page loads its fonts when they are first used. */
export async function fontsReady(layers: readonly Layer[]): Promise<void> {
  const texts = layers.filter(layer => isOfKind(layer, 'text'))
  await Promise.all(texts.map(({ settings }) => document.fonts.load(fontOf(settings), settings.text).catch(() => [])))
}

/** Whether the letters of all texts can be drawn now. */
export const hasFonts = (layers: readonly Layer[]): boolean =>
  layers.every(layer => !isOfKind(layer, 'text') || document.fonts.check(fontOf(layer.settings), layer.settings.text))
