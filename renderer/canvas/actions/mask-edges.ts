import { outlines } from '../painting/outline.ts'
import { dropSurface } from '../raster/surface.ts'
import type { Point } from '../viewport.ts'
import { sizeWithin } from '../viewport.ts'
import { masksOf } from './region.ts'
import { documentNow, stageIfOpen } from './stage.ts'

/** Longest side of what edges are looked for in: finer ones cannot be seen. */
const LONGEST = 1024

/** The closed lines around what the visible masks cover, in document pixels. */
export function maskEdges(): readonly (readonly Point[])[] {
  const { width, height } = documentNow()
  if (stageIfOpen() === undefined || width === 0 || height === 0) return []
  const size = sizeWithin({ width, height }, LONGEST)
  const masks = masksOf({ x: 0, y: 0, width, height }, size)
  const { data } = masks.context.getImageData(0, 0, size.width, size.height)
  dropSurface(masks)
  const covered = Uint8Array.from({ length: size.width * size.height }, (_, k) => data[k * 4 + 3] ?? 0)
  const [across, down] = [width / size.width, height / size.height]
  const lines = outlines({ x: 0, y: 0, ...size, data: covered })
  return lines.map(line => line.map(({ x, y }) => ({ x: x * across, y: y * down })))
}
