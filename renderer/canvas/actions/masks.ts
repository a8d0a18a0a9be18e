import { type Layer, newLayer } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { say } from '../../state/toasts.ts'
import { type Coverage, combined, inverted, noCoverage, trimmed } from '../painting/coverage.ts'
import { bounds, identity, inverse } from '../raster/affine.ts'
import { intersection, isEmpty, outward, type Rectangle } from '../raster/rectangle.ts'
import { dropSurface, makeSurface } from '../raster/surface.ts'
import { useCanvas } from './canvas-state.ts'
import { drawInto } from './draw-into.ts'
import { keptDocument } from './edits.ts'
import { surfaceOf } from './selection.ts'
import { activeNow, documentNow, stage, withPixels } from './stage.ts'
import { freeName, refusal, targetOf } from './strokes.ts'
import { firstChanges, keepTiles } from './tiles.ts'

/** The mask that is worked on: the chosen one, else the topmost. */
export const maskNow = (): Layer | undefined => targetOf('mask', documentNow().layers, activeNow())

const paper = (): Rectangle => {
  const { width, height } = documentNow()
  return { x: 0, y: 0, width, height }
}

/** What a layer's opacity covers, in document pixels. */
export function coverageOf(layer: Layer): Coverage {
  const tiles = stage().store.get(layer.id)
  if (tiles === undefined) return noCoverage
  const area = intersection(outward(bounds(layer.transform, tiles.bounds())), paper())
  if (isEmpty(area)) return noCoverage
  const surface = makeSurface(area.width, area.height)
  surface.context.translate(-area.x, -area.y)
  surface.context.transform(...layer.transform)
  tiles.draw(surface.context, tiles.bounds(), 0)
  const { data } = surface.context.getImageData(0, 0, area.width, area.height)
  dropSurface(surface)
  return trimmed({
    ...area,
    data: Uint8Array.from({ length: area.width * area.height }, (_, k) => data[k * 4 + 3] ?? 0),
  })
}

/** Makes a mask cover exactly this. */
function setMask(label: string, mask: Layer, coverage: Coverage): void {
  const { store } = stage()
  const tiles = store.begin(mask.id)
  const toLayer = inverse(mask.transform)
  const gone = drawInto(mask, tiles.bounds(), identity, { erases: true }, (context, { x, y, width, height }) =>
    context.fillRect(x, y, width, height),
  )
  const drawn = drawCoverage(mask, coverage, toLayer)
  void keepTiles(label, mask.id, [...new Set([...gone, ...drawn])])
}

const drawCoverage = (mask: Layer, coverage: Coverage, toLayer = inverse(mask.transform)): readonly string[] =>
  isEmpty(coverage)
    ? []
    : drawInto(mask, coverage, toLayer, {}, context =>
        context.drawImage(surfaceOf(coverage).canvas, coverage.x, coverage.y),
      )

function usable(): Layer | undefined {
  const mask = maskNow()
  if (mask === undefined) {
    say(t('There is no mask yet. Paint one with the mask brush.'))
    return undefined
  }
  const why = refusal(mask)
  if (why === undefined) return mask
  say(why)
  return undefined
}

export function invertMask(): void {
  const mask = usable()
  if (mask !== undefined) withPixels([mask], () => setMask('Invert mask', mask, inverted(coverageOf(mask), paper())))
}

export function clearMask(): void {
  const mask = usable()
  if (mask !== undefined) withPixels([mask], () => setMask('Clear mask', mask, noCoverage))
}

/** Adds coverage to the mask that is worked on; makes one where there is none. */
export function addToMask(label: string, coverage: Coverage) {
  if (isEmpty(coverage)) return say(t('Nothing is selected.'))
  const found = maskNow()
  if (found !== undefined) {
    if (usable() === undefined) return
    withPixels([found], () => void keepTiles(label, found.id, drawCoverage(found, coverage)))
    useCanvas.setState({ active: found.id })
    return
  }
  const { layers } = keptDocument()
  const mask = newLayer({ kind: 'mask', name: freeName(t('Mask'), layers) })
  const before = [...firstChanges(), { type: 'add-layer', layer: mask, index: layers.length } as const]
  useCanvas.setState({ pending: { layer: mask, index: layers.length }, active: mask.id })
  void keepTiles(label, mask.id, drawCoverage(mask, coverage), before)
}

/** Coverage added to the mask that is worked on, taken from it, or in its place. */
export function putInMask(label: string, coverage: Coverage, how: 'add' | 'subtract' | 'replace') {
  const mask = maskNow()
  if (how === 'add' || (how === 'replace' && mask === undefined)) return addToMask(label, trimmed(coverage))
  const found = usable()
  if (found === undefined) return
  withPixels([found], () =>
    setMask(label, found, how === 'replace' ? trimmed(coverage) : combined(coverageOf(found), coverage, 'subtract')),
  )
}

export const maskFromSelection = (): void => addToMask('Mask from selection', useCanvas.getState().selection)
/** What a layer shows becomes part of the mask. */
export const maskFromLayer = (layer: Layer): void =>
  withPixels([layer], () => addToMask(`Mask from ${layer.name}`, coverageOf(layer)))

/** The mask becomes the selection. */
export function selectMask(): void {
  const mask = usable()
  if (mask !== undefined) withPixels([mask], () => useCanvas.setState({ selection: coverageOf(mask) }))
}
