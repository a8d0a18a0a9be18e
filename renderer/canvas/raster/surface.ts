import { tileSize } from '../../../app/api/documents.ts'

/** Pixels that can be drawn on. They lie in main memory: tiles are read back to be encoded, and small pieces of them are drawn
 *  again and again, which was the same speed without a graphics card and kept the memory of one free where there is one. */
export interface Surface {
  readonly canvas: OffscreenCanvas
  readonly context: OffscreenCanvasRenderingContext2D
}

export function makeSurface(width: number, height: number): Surface {
  const canvas = new OffscreenCanvas(width, height)
  const context = canvas.getContext('2d', { willReadFrequently: true })
  if (context === null) throw new Error('This window cannot draw: the browser gives no canvas.')
  return { canvas, context }
}

/** Frees the pixels at once, not when the garbage is collected. */
export function dropSurface({ canvas }: Surface): void {
  canvas.width = 0
  canvas.height = 0
}

const free: Surface[] = []
const KEPT = 64

/** An empty tile. */
export function takeTile(): Surface {
  const surface = free.pop()
  if (surface === undefined) return makeSurface(tileSize, tileSize)
  surface.context.clearRect(0, 0, tileSize, tileSize)
  return surface
}

/** Takes back a tile that nobody draws any more. */
export function giveTile(surface: Surface): void {
  const { context } = surface
  context.globalAlpha = 1
  context.globalCompositeOperation = 'source-over'
  if (free.length < KEPT) free.push(surface)
  else dropSurface(surface)
}
