import type { Layer } from '../../../app/api/documents.ts'
import { Painter } from '../raster/painter.ts'
import { outward } from '../raster/rectangle.ts'
import { dropSurface } from '../raster/surface.ts'
import { LAST_LEVEL } from '../raster/tiled-layer.ts'
import { isVector } from '../raster/vector.ts'
import { documentNow, stageIfOpen } from './stage.ts'

/** Draws a layer as it lies in the document, as large as it goes. */
export function drawThumbnail(canvas: HTMLCanvasElement, layer: Layer): void {
  const context = canvas.getContext('2d')
  const tiles = stageIfOpen()?.store.get(layer.id)
  const { width, height } = documentNow()
  if (context === null) return
  context.clearRect(0, 0, canvas.width, canvas.height)
  if ((tiles === undefined && !isVector(layer)) || width === 0 || height === 0) return
  const scale = Math.min(canvas.width / width, canvas.height / height)
  const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(Math.log2(1 / scale) + 1e-9)))
  const size = 2 ** level
  const region = outward({ x: 0, y: 0, width: width / size, height: height / size })
  const painter = new Painter(level, region, () => tiles)
  const surface = painter.surface()
  painter.layer(surface, { ...layer, opacity: 1, blend: 'normal' }, region)
  context.imageSmoothingQuality = 'high'
  const [wide, high] = [width * scale, height * scale]
  context.drawImage(
    surface.canvas,
    (canvas.width - wide) / 2,
    (canvas.height - high) / 2,
    region.width * size * scale,
    region.height * size * scale,
  )
  painter.release()
  dropSurface(surface)
}
