import { drawBodies } from '../../../app/api/bodies.ts'
import type { SettingsByKind } from '../../../app/api/documents.ts'
import { drawSkeletons, isFigureVisible, type RgbImage } from '../../../app/api/pose.ts'
import type { Rectangle } from '../raster/rectangle.ts'
import { makeSurface, type Surface } from '../raster/surface.ts'
import type { Size } from '../viewport.ts'

/** What is placed on a control layer as data: figures and bodies. */
type Placed = Pick<SettingsByKind['control'], 'figures' | 'scene'>

/** Whether anything is placed on a layer that a model would see. */
export const hasPlaced = ({ figures = [], scene }: Placed): boolean =>
  figures.some(isFigureVisible) || (scene?.bodies.length ?? 0) > 0

/** Whether a layer is for something that nobody has placed yet. */
export const waitsForPlaced = (settings: Placed): boolean =>
  (settings.figures !== undefined || settings.scene !== undefined) && !hasPlaced(settings)

/** What is placed on a layer in a rectangle of the document, on black, as models see it. @returns a surface that is the caller's */
export function placedOnBlack(settings: Placed, area: Rectangle, { width, height }: Size): Surface {
  const surface = makeSurface(width, height)
  surface.context.fillStyle = '#000000'
  surface.context.fillRect(0, 0, width, height)
  layPlaced(surface, settings, area)
  return surface
}

/** Lays what is placed on a layer over a picture of a rectangle of the document. */
export function layPlaced({ context, canvas }: Surface, { figures = [], scene }: Placed, area: Rectangle): void {
  const size = { width: canvas.width, height: canvas.height }
  if (figures.length === 0 && scene === undefined) return
  const pixels = context.getImageData(0, 0, size.width, size.height)
  if (scene !== undefined) layNearest(pixels, drawBodies(scene, area, size))
  if (figures.length > 0) {
    const [across, down] = [size.width / area.width, size.height / area.height]
    const placed = figures.map(figure =>
      figure.map(joint => joint && { x: (joint.x - area.x) * across, y: (joint.y - area.y) * down }),
    )
    layLit(pixels, drawSkeletons(placed, size))
  }
  context.putImageData(pixels, 0, 0)
}

/** What is nearer, and so brighter, hides what is behind it. */
function layNearest({ data }: ImageData, depth: RgbImage): void {
  for (let k = 0; k < depth.width * depth.height; k++)
    for (let at = 0; at < 3; at++) data[k * 4 + at] = Math.max(data[k * 4 + at] ?? 0, depth.data[k * 3 + at] ?? 0)
}

/** Black is where no skeleton is; at its edges its colours lie over what is there. */
function layLit(pixels: ImageData, { width, height, data }: RgbImage): void {
  for (let k = 0; k < width * height; k++) {
    const [red = 0, green = 0, blue = 0] = data.subarray(k * 3, k * 3 + 3)
    const share = Math.max(red, green, blue) / 255
    if (share === 0) continue
    for (const [at, part] of [red, green, blue].entries()) {
      const below = pixels.data[k * 4 + at] ?? 0
      pixels.data[k * 4 + at] = Math.min(255, part + below * (1 - Math.min(1, share * 1.25)))
    }
  }
}
