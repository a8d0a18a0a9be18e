import type { Affine } from '../../../app/api/documents.ts'
import type { Point } from '../viewport.ts'
import type { Rectangle } from './rectangle.ts'

export const identity: Affine = [1, 0, 0, 1, 0, 0]

export const translation = (x: number, y: number): Affine => [1, 0, 0, 1, x, y]
export const scaling = (x: number, y = x): Affine => [x, 0, 0, y, 0, 0]
/** @param angle in degrees, clockwise on the screen */
export function rotation(angle: number): Affine {
  const [sine, cosine] = [Math.sin((angle * Math.PI) / 180), Math.cos((angle * Math.PI) / 180)]
  return [cosine, sine, -sine, cosine, 0, 0]
}

/** First `first`, then `then`. */
export const followed = (first: Affine, then: Affine): Affine => [
  then[0] * first[0] + then[2] * first[1],
  then[1] * first[0] + then[3] * first[1],
  then[0] * first[2] + then[2] * first[3],
  then[1] * first[2] + then[3] * first[3],
  then[0] * first[4] + then[2] * first[5] + then[4],
  then[1] * first[4] + then[3] * first[5] + then[5],
]

/** How much larger areas become; negative where it mirrors. */
export const determinant = ([a, b, c, d]: Affine): number => a * d - b * c

/** The way back. A transform that flattens everything has none: RangeError. */
export function inverse(transform: Affine): Affine {
  const [a, b, c, d, e, f] = transform
  const size = determinant(transform)
  if (Math.abs(size) < 1e-12) throw new RangeError('A layer without extent cannot be painted on.')
  return [d / size, -b / size, -c / size, a / size, (c * f - d * e) / size, (b * e - a * f) / size]
}

export const applied = ([a, b, c, d, e, f]: Affine, { x, y }: Point): Point => ({
  x: a * x + c * y + e,
  y: b * x + d * y + f,
})

/** The smallest rectangle that holds the transformed one. */
export function bounds(transform: Affine, { x, y, width, height }: Rectangle): Rectangle {
  const corners = [
    applied(transform, { x, y }),
    applied(transform, { x: x + width, y }),
    applied(transform, { x, y: y + height }),
    applied(transform, { x: x + width, y: y + height }),
  ]
  const left = Math.min(...corners.map(corner => corner.x))
  const top = Math.min(...corners.map(corner => corner.y))
  return {
    x: left,
    y: top,
    width: Math.max(...corners.map(corner => corner.x)) - left,
    height: Math.max(...corners.map(corner => corner.y)) - top,
  }
}

/** Whether it moves by whole pixels and does nothing else: pixels stay as they are. */
export const isWhole = ([a, b, c, d, e, f]: Affine): boolean =>
  a === 1 && b === 0 && c === 0 && d === 1 && Number.isInteger(e) && Number.isInteger(f)
