import { type Change, type Layer, type LayerKind, newLayer } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { handDown, handUp } from '../../state/live.ts'
import { say, sayFailure } from '../../state/toasts.ts'
import { useTools } from '../../state/tools.ts'
import { type Sample, StrokePath, spacingOf, type Touch } from '../painting/stroke-path.ts'
import { applied, inverse } from '../raster/affine.ts'
import type { Dab } from '../raster/dab.ts'
import { Raster } from '../raster/raster.ts'
import type { StrokeKind, Values } from '../tools/tool.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { clipTo } from './selection.ts'
import { activeNow, documentNow, showNow, stage } from './stage.ts'
import { firstChanges, keepTiles } from './tiles.ts'

interface Underway {
  readonly layer: Layer
  readonly label: string
  readonly before: readonly Change[]
  readonly path: StrokePath
  readonly toDab: (touch: Touch) => Dab
  /** The layer's pixels are all there: dabs may be stamped. */
  isReady: boolean
  readonly waiting: Dab[]
  isOver: boolean
}

let underway: Underway | undefined
let last: Point | undefined

/** Where the last stroke ended. */
export const lastPoint = (): Point | undefined => last

const KINDS: Record<StrokeKind, readonly LayerKind[]> = {
  brush: ['paint', 'image', 'control'],
  eraser: ['paint', 'image', 'control', 'mask', 'region'],
  mask: ['mask', 'region'],
}
const NAMES: Record<StrokeKind, string> = { brush: 'Brush', eraser: 'Eraser', mask: 'Mask' }

/** A name that no layer of the document has yet: "Paint 2". */
export function freeName(stem: string, layers: readonly Pick<Layer, 'name'>[]): string {
  const names = new Set(layers.map(({ name }) => name))
  let number = 1
  while (names.has(`${stem} ${number}`)) number++
  return `${stem} ${number}`
}

/** The layer that a stroke goes to: the chosen one where it suits, else the topmost that does; undefined where one has to be made. */
export function targetOf(kind: StrokeKind, layers: readonly Layer[], active: Layer | undefined): Layer | undefined {
  const suits = (layer: Layer) => KINDS[kind].includes(layer.kind)
  if (active !== undefined && suits(active)) return active
  // Regions and controls are painted on where they were chosen.
  const isPlain = ({ kind: own }: Layer) => own !== 'region' && own !== 'control'
  const usable = layers.filter(layer => suits(layer) && isPlain(layer) && layer.isVisible && !layer.isLocked)
  return usable.findLast(({ kind: own }) => own !== 'image') ?? (kind === 'eraser' ? usable.at(-1) : undefined)
}

/** Why nothing can be painted on a layer. */
export function refusal(layer: Layer): string | undefined {
  if (layer.isLocked) return `“${layer.name}” is locked. Unlock it in Layers to paint on it.`
  if (!layer.isVisible) return `“${layer.name}” is hidden. Show it in Layers to paint on it.`
  return undefined
}

function makeTarget(kind: StrokeKind): { layer: Layer; before: readonly Change[] } {
  const { layers } = documentNow()
  const layer = newLayer({
    kind: kind === 'mask' ? 'mask' : 'paint',
    name: freeName(kind === 'mask' ? t('Mask') : t('Paint'), layers),
  })
  const active = activeNow()
  const index = kind === 'mask' || active === undefined ? layers.length : layers.indexOf(active) + 1
  const parent = kind === 'mask' ? null : (active?.parent ?? null)
  const placed = { ...layer, parent }
  const before: Change[] = [...firstChanges(), { type: 'add-layer', layer: placed, index }]
  useCanvas.setState({ pending: { layer: placed, index }, active: placed.id })
  return { layer: placed, before }
}

/** A stroke begins. @param values the tool's options */
export function beginStroke(kind: StrokeKind, erases: boolean, sample: Sample, values: Values) {
  if (underway !== undefined) endStroke()
  handDown()
  const found = targetOf(kind, documentNow().layers, activeNow())
  const why = found === undefined ? undefined : refusal(found)
  if (why !== undefined) return say(why)
  if (found === undefined && erases) return say(t('There is nothing to erase yet.'))
  const { layer, before } = found === undefined ? makeTarget(kind) : { layer: found, before: [] }
  if (found !== undefined) useCanvas.setState({ active: found.id })
  showNow()
  const { colour } = useTools.getState()
  const hardness = 1 - Number(values.softness ?? 0) / 100
  const toLayer = inverse(layer.transform)
  const scale = Raster.scaleInto(layer)
  const radius = (Number(values.size ?? 1) / 2) * scale
  const driven = values.pressure
  const sized = (pressure: number) => (driven === 'size' ? Math.max(0.3, radius * pressure) : radius)
  const ink = {
    colour: kind === 'brush' ? colour : '#ffffff',
    opacity: Number(values.opacity ?? 100) / 100,
    erases: erases,
    hardness,
    clip: clipTo(layer),
  }
  const stroke: Underway = {
    layer,
    label: kind === 'mask' ? (erases ? 'Remove from mask' : 'Paint mask') : NAMES[kind],
    before,
    path: new StrokePath(Number(values.smoothing ?? 0) / 100, pressure => spacingOf(sized(pressure), hardness) / scale),
    toDab: touch => ({
      ...applied(toLayer, touch),
      radius: sized(touch.pressure),
      flow: driven === 'opacity' ? touch.pressure : 1,
    }),
    isReady: false,
    waiting: [],
    isOver: false,
  }
  underway = stroke
  const start = () => {
    if (stroke.isReady) return
    stroke.isReady = true
    stage().begin(layer, ink)
    stage().dab(stroke.waiting)
    if (stroke.isOver) finish(stroke)
  }
  if (stage().store.isLoaded(layer.id)) start()
  else
    void stage()
      .store.loaded(layer.id)
      .then(start, error => giveUp(stroke, error))
  addToStroke(sample)
}

/** The layer's pixels cannot be read: painting on it would lose them. */
function giveUp(stroke: Underway, error: unknown): void {
  if (underway === stroke) underway = undefined
  sayFailure(error)
  handUp()
}

export function addToStroke(sample: Sample): void {
  if (underway === undefined) return
  last = { x: sample.x, y: sample.y }
  put(underway, underway.path.add(sample))
}

function put(stroke: Underway, touches: readonly Touch[]): void {
  const dabs = touches.map(stroke.toDab)
  if (stroke.isReady) stage().dab(dabs)
  else stroke.waiting.push(...dabs)
}

/** The hand has left. The stroke is one edit. */
export function endStroke(): void {
  const stroke = underway
  if (stroke === undefined) return
  underway = undefined
  put(stroke, stroke.path.end())
  stroke.isOver = true
  if (stroke.isReady) finish(stroke)
}

function finish({ layer, label, before }: Underway): void {
  const keys = stage().end()
  if (keys.length > 0) void keepTiles(label, layer.id, keys, before)
  handUp()
}

/** The stroke under the hand is taken back. */
export function cancelStroke(): void {
  const stroke = underway
  if (stroke === undefined) return
  underway = undefined
  stage().cancel()
  if (useCanvas.getState().pending?.layer.id === stroke.layer.id) useCanvas.setState({ pending: undefined })
  showNow()
}
