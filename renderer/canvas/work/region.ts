import { encodePng } from '../raster/encoder.ts'
import { type Branch, treeOf, visible } from '../raster/layer-tree.ts'
import { Painter } from '../raster/painter.ts'
import { outward, type Rectangle, scaled } from '../raster/rectangle.ts'
import { dropSurface, makeSurface, type Surface } from '../raster/surface.ts'
import { LAST_LEVEL } from '../raster/tiled-layer.ts'
import type { Size } from '../viewport.ts'
import { documentNow, stage } from './stage.ts'

/** Draws layers as they lie in a rectangle of the document, at another size. */
function drawn(branches: readonly Branch[], area: Rectangle, size: Size): Surface {
  const shrink = Math.min(area.width / size.width, area.height / size.height)
  const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(Math.log2(shrink) + 1e-9)))
  const atLevel = scaled(area, 1 / 2 ** level)
  const region = outward(atLevel)
  const painter = new Painter(level, region, id => stage().store.get(id))
  const own = painter.surface()
  painter.paint(own, branches, region)
  painter.release()
  const isSame = level === 0 && region.width === size.width && region.height === size.height
  if (isSame) return own
  const result = makeSurface(size.width, size.height)
  result.context.imageSmoothingQuality = 'high'
  result.context.scale(size.width / atLevel.width, size.height / atLevel.height)
  result.context.drawImage(own.canvas, region.x - atLevel.x, region.y - atLevel.y)
  result.context.resetTransform()
  dropSurface(own)
  return result
}

const pictureOf = (area: Rectangle, size: Size): Surface => drawn(visible(treeOf(documentNow().layers)), area, size)

/** The picture in a rectangle of the document: RGBA, row by row. */
export function pixelsOf(area: Rectangle, size: Size): ImageData {
  const surface = pictureOf(area, size)
  const pixels = surface.context.getImageData(0, 0, size.width, size.height)
  dropSurface(surface)
  return pixels
}

export interface Region {
  /** PNG, with what is transparent in the document. */
  readonly picture: Uint8Array<ArrayBuffer>
  /** PNG: white what the visible masks cover, black what they do not; absent where no mask covers anything in it. */
  readonly mask: Uint8Array<ArrayBuffer> | undefined
}

async function encoded(surface: Surface): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await encodePng(surface.canvas.transferToImageBitmap())
  dropSurface(surface)
  return bytes
}

/** A rectangle of the document (usually the frame) as a model reads it: the picture, and what of it is masked.
 *  @param size in pixels of the model  */
export async function renderRegion(area: Rectangle, size: Size): Promise<Region> {
  const { layers } = documentNow()
  await Promise.all(layers.map(({ id }) => stage().store.loaded(id)))
  const masks = layers.filter(({ kind, isVisible }) => kind === 'mask' && isVisible)
  const coverage = drawn(
    masks.map(layer => ({ layer, children: [] })),
    area,
    size,
  )
  const isMasked = hasPixels(coverage)
  coverage.context.globalCompositeOperation = 'destination-over'
  coverage.context.fillStyle = '#000000'
  coverage.context.fillRect(0, 0, size.width, size.height)
  const picture = pictureOf(area, size)
  // An encoder says nothing of a picture that is wholly transparent; here it is one all the same.
  const empty = hasPixels(picture) ? undefined : await transparent(size)
  return {
    picture: empty ?? (await encoded(picture)) ?? (await transparent(size)),
    mask: isMasked ? await encoded(coverage) : undefined,
  }
}

const hasPixels = ({ canvas, context }: Surface): boolean =>
  new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer).some(pixel => pixel !== 0)

async function transparent({ width, height }: Size): Promise<Uint8Array<ArrayBuffer>> {
  const { canvas } = makeSurface(width, height)
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}
