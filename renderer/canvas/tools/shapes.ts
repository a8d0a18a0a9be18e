import { cornersOf } from '../painting/coverage.ts'
import type { Rectangle } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'
import type { HandEvent } from './tool.ts'

export const outlineOf = (area: Rectangle): readonly Point[] => cornersOf(area)

/** The rectangle that a drag spans. @param isEven equal sides  @param isCentred around where it began */
export function spanned(
  from: Pick<HandEvent, 'point'>,
  to: Pick<HandEvent, 'point'>,
  isEven = false,
  isCentred = false,
): Rectangle {
  let [dx, dy] = [to.point.x - from.point.x, to.point.y - from.point.y]
  if (isEven) {
    const side = Math.max(Math.abs(dx), Math.abs(dy))
    dx = (dx < 0 ? -1 : 1) * side
    dy = (dy < 0 ? -1 : 1) * side
  }
  const [x, y] = isCentred ? [from.point.x - dx, from.point.y - dy] : [from.point.x, from.point.y]
  const [width, height] = isCentred ? [2 * dx, 2 * dy] : [dx, dy]
  return { x: Math.min(x, x + width), y: Math.min(y, y + height), width: Math.abs(width), height: Math.abs(height) }
}
