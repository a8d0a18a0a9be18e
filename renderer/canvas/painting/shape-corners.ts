import type { SettingsByKind } from '../../../app/api/documents.ts'
import type { Point } from '../viewport.ts'

type ShapeSettings = SettingsByKind['shape']
type Place = readonly [number, number]

const isBox = ({ shape }: Pick<ShapeSettings, 'shape'>): boolean => shape === 'rectangle' || shape === 'ellipse'

/** The corners that a hand can take hold of, in the shape's own pixels: the four of a box, else the points in their order. */
export function cornersOfShape(settings: Pick<ShapeSettings, 'shape' | 'points'>): readonly Point[] {
  const { points } = settings
  const [first, second] = points
  if (!isBox(settings) || first === undefined || second === undefined) return points.map(([x, y]) => ({ x, y }))
  const [[left, top], [right, bottom]] = [first, second]
  return [
    { x: left, y: top },
    { x: right, y: top },
    { x: right, y: bottom },
    { x: left, y: bottom },
  ]
}

/** The points of a shape one of whose corners is somewhere else. @param corner its place among `cornersOfShape` */
export function withCorner(
  settings: Pick<ShapeSettings, 'shape' | 'points'>,
  corner: number,
  { x, y }: Point,
): readonly Place[] {
  const { points } = settings
  const [first, second] = points
  if (!isBox(settings) || first === undefined || second === undefined) return points.with(corner, [x, y])
  const [isRight, isBottom] = [corner === 1 || corner === 2, corner >= 2]
  return [
    [isRight ? first[0] : x, isBottom ? first[1] : y],
    [isRight ? x : second[0], isBottom ? y : second[1]],
  ]
}

/** A point in one of 24 directions from another one, as far away. */
export function inDirection(from: Point, to: Point): Point {
  const step = Math.PI / 12
  const angle = Math.round(Math.atan2(to.y - from.y, to.x - from.x) / step) * step
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  return { x: from.x + length * Math.cos(angle), y: from.y + length * Math.sin(angle) }
}
