import type { Layer } from '../../../app/api/documents.ts'
import { tileSize } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import { say } from '../../state/toasts.ts'
import {
  type Combining,
  type Coverage,
  combined,
  feathered,
  grownBy,
  inRectangle,
  inverted,
  isBlank,
  likeThis,
  noCoverage,
  ofPolygon,
} from '../painting/coverage.ts'
import { inverse } from '../raster/affine.ts'
import { isEmpty, type Rectangle } from '../raster/rectangle.ts'
import { dropSurface, makeSurface, type Surface } from '../raster/surface.ts'
import type { Point } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { pixelsOf, readyToDraw } from './region.ts'
import { documentNow } from './stage.ts'

const paper = (): Rectangle => {
  const { width, height } = documentNow()
  return { x: 0, y: 0, width, height }
}

export const hasSelection = (): boolean => !isEmpty(useCanvas.getState().selection)

function setSelection(selection: Coverage): void {
  const { x, y, width, height } = paper()
  const within = isEmpty(selection)
    ? noCoverage
    : combined(selection, { ...inRectangle(fullOf({ x, y, width, height }), paper()) }, 'intersect')
  useCanvas.setState({ selection: within })
}

const fullOf = (at: Rectangle): Coverage => ({ ...at, data: new Uint8Array(at.width * at.height).fill(255) })

/** Selects what an outline goes around. */
export const selectOutline = (outline: readonly Point[], how: Combining): void => select(ofPolygon(outline), how)

/** The pixels of the picture that look like the one at a point. */
export async function likeAt(at: Point, values: Readonly<Record<string, unknown>>): Promise<Coverage> {
  const { width, height } = paper()
  await readyToDraw(paper(), { width, height })
  const pixels = pixelsOf(paper(), { width, height })
  return likeThis(paper(), pixels.data, at, Number(values.tolerance ?? 0), values.reach !== 'all')
}

/** Selects a coverage. */
export const select = (coverage: Coverage, how: Combining): void =>
  setSelection(combined(useCanvas.getState().selection, coverage, how))

export const deselect = (): void => useCanvas.setState({ selection: noCoverage })
export const selectAll = (): void => setSelection(fullOf(paper()))
export const invertSelection = (): void => setSelection(inverted(useCanvas.getState().selection, paper()))

function changed(next: Coverage) {
  if (isBlank(next)) return say(t('Nothing would be left of the selection.'))
  setSelection(next)
}
export const growSelection = (pixels: number): void => changed(grownBy(useCanvas.getState().selection, pixels))
export const featherSelection = (pixels: number): void => changed(feathered(useCanvas.getState().selection, pixels))

let drawn: { readonly of: Coverage; readonly surface: Surface } | undefined

/** Coverage as a picture whose opacity is the coverage. */
export function surfaceOf(coverage: Coverage): Surface {
  if (drawn?.of === coverage) return drawn.surface
  if (drawn !== undefined) dropSurface(drawn.surface)
  const surface = makeSurface(coverage.width, coverage.height)
  const pixels = surface.context.createImageData(coverage.width, coverage.height)
  const words = new Uint32Array(pixels.data.buffer)
  // White, with the coverage as alpha: the highest byte of a little-endian word.
  for (let k = 0; k < words.length; k++) words[k] = 0x00ffffff | ((coverage.data[k] ?? 0) << 24)
  surface.context.putImageData(pixels, 0, 0)
  drawn = { of: coverage, surface }
  return surface
}

/** What keeps strokes on a layer inside the selection; nothing where nothing is selected. */
export function clipTo(layer: Pick<Layer, 'transform'>) {
  const { selection } = useCanvas.getState()
  if (isEmpty(selection)) return undefined
  const { canvas } = surfaceOf(selection)
  const toLayer = inverse(layer.transform)
  return (context: OffscreenCanvasRenderingContext2D, column: number, row: number): void => {
    context.setTransform(1, 0, 0, 1, -column * tileSize, -row * tileSize)
    context.transform(...toLayer)
    context.drawImage(canvas, selection.x, selection.y)
    context.resetTransform()
  }
}
