import type { Size } from './viewport.ts'

/** A preview has few pixels. Enlarged in one go they show as facets; doubled again and again, each time with linear filtering,
 *  they become a smooth picture (the limit is a quadratic spline). Returns a canvas at least as large as `size`, or the
 *  image itself when it needs no doubling. */
export function doubled(image: HTMLImageElement, size: Size): HTMLImageElement | HTMLCanvasElement {
  let drawn: HTMLImageElement | HTMLCanvasElement = image
  let { naturalWidth: width, naturalHeight: height } = image
  while (width > 0 && height > 0 && (width < size.width || height < size.height)) {
    width *= 2
    height *= 2
    const canvas = document.createElement('canvas')
    canvas.width = width
    canvas.height = height
    const context = canvas.getContext('2d')
    if (context === null) return drawn
    context.imageSmoothingQuality = 'low'
    context.drawImage(drawn, 0, 0, width, height)
    drawn = canvas
  }
  return drawn
}
