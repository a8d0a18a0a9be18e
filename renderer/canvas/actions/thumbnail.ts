import { isOfKind, type Layer, type SettingsByKind } from '../../../app/api/documents.ts'
import { Painter } from '../raster/painter.ts'
import { outward } from '../raster/rectangle.ts'
import { dropSurface } from '../raster/surface.ts'
import { LAST_LEVEL, type TiledLayer } from '../raster/tiled-layer.ts'
import { isVector } from '../raster/vector.ts'
import type { Size } from '../viewport.ts'
import { hasPlaced, placedOnBlack } from './placed-on-layer.ts'
import { documentNow, stageIfOpen } from './stage.ts'

/** Draws a layer as it lies in the document, as large as it goes. */
export function drawThumbnail(canvas: HTMLCanvasElement, layer: Layer): void {
  const context = canvas.getContext('2d')
  const tiles = stageIfOpen()?.store.get(layer.id)
  const { width, height } = documentNow()
  if (context === null) return
  context.clearRect(0, 0, canvas.width, canvas.height)
  if (width === 0 || height === 0) return
  const scale = Math.min(canvas.width / width, canvas.height / height)
  const place = { width: width * scale, height: height * scale }
  context.translate((canvas.width - place.width) / 2, (canvas.height - place.height) / 2)
  if (tiles !== undefined || isVector(layer)) drawPixels(context, layer, tiles, scale)
  if (isOfKind(layer, 'control')) drawPlaced(context, layer.settings, place)
  context.resetTransform()
}

/** What is painted on it. */
function drawPixels(
  context: CanvasRenderingContext2D,
  layer: Layer,
  tiles: TiledLayer | undefined,
  scale: number,
): void {
  const { width, height } = documentNow()
  const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9)))
  const size = 2 ** level
  const region = outward({ x: 0, y: 0, width: width / size, height: height / size })
  const painter = new Painter(level, region, () => tiles)
  const surface = painter.surface()
  painter.layer(surface, { ...layer, opacity: 1, blend: 'normal' }, region)
  context.imageSmoothingQuality = 'high'
  context.drawImage(surface.canvas, 0, 0, region.width * size * scale, region.height * size * scale)
  painter.release()
  dropSurface(surface)
}

/** Times finer than the thumbnail: bones have few pixels at any size, and must not vanish. */
const FINER = 2

/** What is placed on a control layer, as models see it. */
function drawPlaced(
  context: CanvasRenderingContext2D,
  settings: Pick<SettingsByKind['control'], 'figures' | 'scene'>,
  place: Size,
): void {
  if (!hasPlaced(settings)) return
  const { width, height } = documentNow()
  const size = { width: Math.ceil(place.width * FINER), height: Math.ceil(place.height * FINER) }
  const surface = placedOnBlack(settings, { x: 0, y: 0, width, height }, size)
  context.drawImage(surface.canvas, 0, 0, place.width, place.height)
  dropSurface(surface)
}
