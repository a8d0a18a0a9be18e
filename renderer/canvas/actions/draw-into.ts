import { type Affine, type Layer, tileSize } from '../../../app/api/documents.ts'
import { bounds } from '../raster/affine.ts'
import { operationOf } from '../raster/layer-tree.ts'
import { cells, outward, type Rectangle } from '../raster/rectangle.ts'
import { dropSurface, giveTile, makeSurface, takeTile } from '../raster/surface.ts'
import { keyOf } from '../raster/tiled-layer.ts'
import { stage } from './stage.ts'

type Context = OffscreenCanvasRenderingContext2D

/** Draws something into a layer's tiles, which are the layer's from now on. Returns the keys of the tiles that it touched.
 *  @param area what is drawn, in its own space  @param toLayer from there to the layer's pixels
 *  @param draw draws a part of its own space, at its own place */
export function drawInto(
  layer: Layer,
  area: Rectangle,
  toLayer: Affine,
  how: Partial<Pick<Layer, 'opacity' | 'blend'>> & { readonly erases?: boolean },
  draw: (context: Context, part: Rectangle) => void,
): readonly string[] {
  const own = outward(area)
  if (own.width === 0 || own.height === 0) return []
  const flat = makeSurface(own.width, own.height)
  flat.context.translate(-own.x, -own.y)
  draw(flat.context, own)
  const { store } = stage()
  const tiles = store.begin(layer.id)
  const keys: string[] = []
  for (const [column, row] of cells(outward(bounds(toLayer, own)), tileSize)) {
    const made = takeTile()
    const before = tiles.exchange(column, row, made)
    if (before !== undefined) made.context.drawImage(before.canvas, 0, 0)
    const { context } = made
    context.globalAlpha = how.opacity ?? 1
    context.globalCompositeOperation = how.erases ? 'destination-out' : operationOf(how.blend ?? 'normal')
    context.setTransform(1, 0, 0, 1, -column * tileSize, -row * tileSize)
    context.transform(...toLayer)
    context.imageSmoothingQuality = 'high'
    context.drawImage(flat.canvas, own.x, own.y)
    context.resetTransform()
    context.globalAlpha = 1
    context.globalCompositeOperation = 'source-over'
    if (before !== undefined) giveTile(before)
    tiles.changed(column, row)
    keys.push(keyOf(column, row))
  }
  dropSurface(flat)
  stage().touched(layer.id)
  return keys
}
