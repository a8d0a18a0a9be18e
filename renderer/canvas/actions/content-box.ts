import { isOfKind, type Layer } from '../../../app/api/documents.ts'
import { isEmpty, type Rectangle } from '../raster/rectangle.ts'
import { dropSurface, makeSurface } from '../raster/surface.ts'
import { LAST_LEVEL, type TiledLayer } from '../raster/tiled-layer.ts'
import { vectorBounds } from '../raster/vector.ts'
import { stage } from './stage.ts'

/** Longest side of what is looked through. */
const LONGEST = 2048

/** The rectangle that holds all that can be seen of a layer, in its own pixels; without extent where there is nothing. */
export function contentBox(layer: Layer): Rectangle {
  if (isOfKind(layer, 'text') || isOfKind(layer, 'shape')) return vectorBounds(layer)
  const tiles = stage().store.get(layer.id)
  return tiles === undefined ? { x: 0, y: 0, width: 0, height: 0 } : seenOf(tiles)
}

function seenOf(tiles: TiledLayer): Rectangle {
  const all = tiles.bounds()
  if (isEmpty(all)) return all
  const level = Math.min(LAST_LEVEL, Math.max(0, Math.ceil(Math.log2(Math.max(all.width, all.height) / LONGEST))))
  const size = 2 ** level
  const [left, top] = [all.x / size, all.y / size]
  const [width, height] = [Math.ceil(all.width / size), Math.ceil(all.height / size)]
  const flat = makeSurface(width, height)
  flat.context.translate(-left, -top)
  tiles.draw(flat.context, { x: left, y: top, width, height }, level)
  const { data } = flat.context.getImageData(0, 0, width, height)
  dropSurface(flat)
  const [columns, rows] = [new Uint8Array(width), new Uint8Array(height)]
  for (let k = 0; k < width * height; k++) {
    if ((data[k * 4 + 3] ?? 0) === 0) continue
    columns[k % width] = 1
    rows[Math.floor(k / width)] = 1
  }
  const span = (marks: Uint8Array) => [marks.indexOf(1), marks.lastIndexOf(1) + 1] as const
  const [[x, right], [y, bottom]] = [span(columns), span(rows)]
  if (right === 0 || bottom === 0) return { x: 0, y: 0, width: 0, height: 0 }
  return { x: (left + x) * size, y: (top + y) * size, width: (right - x) * size, height: (bottom - y) * size }
}
