import type { Affine } from '../../../app/api/documents.ts'
import { applied, bounds, followed, inverse, rotation, scaling, translation } from '../raster/affine.ts'
import type { Rectangle } from '../raster/rectangle.ts'
import type { Point } from '../viewport.ts'

/** How a layer is changed from what it was when its transforming began. */
export interface Parts {
  /** Pixels of the document. */
  readonly x: number
  readonly y: number
  /** Along the layer's own axes; 1 is unchanged, negative mirrors. */
  readonly across: number
  readonly down: number
  /** Degrees, clockwise. */
  readonly angle: number
  /** Degrees by which the layer's own axes lean. */
  readonly skewAcross: number
  readonly skewDown: number
}

export const noParts: Parts = { x: 0, y: 0, across: 1, down: 1, angle: 0, skewAcross: 0, skewDown: 0 }

/** A layer that is being transformed. */
export interface Transforming {
  readonly id: string
  /** What is drawn on it, in its own pixels. */
  readonly box: Rectangle
  readonly before: Affine
  readonly parts: Parts
}

export const middleOf = ({ x, y, width, height }: Rectangle): Point => ({ x: x + width / 2, y: y + height / 2 })

const tangent = (degrees: number): number => Math.tan((degrees * Math.PI) / 180)
const degrees = (tangent: number): number => (Math.atan(tangent) * 180) / Math.PI

/** All transforms, the first one first. */
const chain = (first: Affine, ...others: readonly Affine[]): Affine => others.reduce(followed, first)

/** What follows scaling and leaning: the layer as it was, turned around its middle, moved. */
function placed({ box, before, parts }: Transforming): Affine {
  const middle = applied(before, middleOf(box))
  return chain(
    before,
    translation(-middle.x, -middle.y),
    rotation(parts.angle),
    translation(middle.x + parts.x, middle.y + parts.y),
  )
}

/** The layer's transform now: scaled and leaned along its own axes around its middle, then as it was, turned, moved. */
export function transformNow(now: Transforming): Affine {
  const { box, parts } = now
  const { x, y } = middleOf(box)
  const lean: Affine = [1, tangent(parts.skewDown), tangent(parts.skewAcross), 1, 0, 0]
  return chain(translation(-x, -y), scaling(parts.across, parts.down), lean, translation(x, y), placed(now))
}

/** The same with other parts, moved so that a point of the layer stays where it was. */
function keeping(now: Transforming, parts: Parts, point: Point): Parts {
  const was = applied(transformNow(now), point)
  const is = applied(transformNow({ ...now, parts }), point)
  return { ...parts, x: parts.x + was.x - is.x, y: parts.y + was.y - is.y }
}

/** -1, 0, 1: which side of the box in each direction. */
export interface Side {
  readonly across: -1 | 0 | 1
  readonly down: -1 | 0 | 1
}

export const sides: readonly Side[] = ([-1, 0, 1] as const).flatMap(down =>
  ([-1, 0, 1] as const).filter(across => across !== 0 || down !== 0).map(across => ({ across, down })),
)

const pointAt = ({ x, y, width, height }: Rectangle, { across, down }: Side): Point => ({
  x: x + (width * (across + 1)) / 2,
  y: y + (height * (down + 1)) / 2,
})

/** Where a handle stands in the document. */
export const handleAt = (now: Transforming, side: Side): Point => applied(transformNow(now), pointAt(now.box, side))

export type Hold = { readonly does: 'move' | 'turn' } | { readonly does: 'pull'; readonly side: Side }

/** Hit margin of a handle, and how far outside of a corner the hand turns, in CSS pixels. */
const REACH = 12
const TURN = 40

/** What of the box is under a point; nothing far from it. @param scale CSS pixels for one of the document */
export function holdAt(now: Transforming, point: Point, scale: number): Hold | undefined {
  const near = (side: Side) => {
    const at = handleAt(now, side)
    return Math.hypot(at.x - point.x, at.y - point.y) * scale
  }
  const [side] = [...sides].sort((a, b) => near(a) - near(b))
  if (side !== undefined && near(side) <= REACH) return { does: 'pull', side }
  const own = applied(inverse(transformNow(now)), point)
  const { x, y, width, height } = now.box
  if (own.x >= x && own.y >= y && own.x <= x + width && own.y <= y + height) return { does: 'move' }
  const all = bounds(transformNow(now), now.box)
  const far = TURN / scale
  const isBeside =
    point.x > all.x - far &&
    point.y > all.y - far &&
    point.x < all.x + all.width + far &&
    point.y < all.y + all.height + far
  return isBeside ? { does: 'turn' } : undefined
}

export interface Modifiers {
  readonly shift: boolean
  readonly alt: boolean
  readonly ctrl: boolean
}

export function moved({ parts }: Transforming, from: Point, to: Point, { shift }: Pick<Modifiers, 'shift'>): Parts {
  let [dx, dy] = [to.x - from.x, to.y - from.y]
  if (shift) [dx, dy] = Math.abs(dx) > Math.abs(dy) ? [dx, 0] : [0, dy]
  return { ...parts, x: parts.x + dx, y: parts.y + dy }
}

const SNAP = 15

/** Turned around the middle; Shift goes in steps of 15 degrees. */
export function turned(now: Transforming, from: Point, to: Point, { shift }: Pick<Modifiers, 'shift'>): Parts {
  const middle = applied(transformNow(now), middleOf(now.box))
  const angleOf = (point: Point) => (Math.atan2(point.y - middle.y, point.x - middle.x) * 180) / Math.PI
  const angle = now.parts.angle + angleOf(to) - angleOf(from)
  const whole = shift ? Math.round(angle / SNAP) * SNAP : angle
  const parts = { ...now.parts, angle: ((((whole + 180) % 360) + 360) % 360) - 180 }
  return keeping(now, parts, middleOf(now.box))
}

/** The smallest scale: a layer that is flat could not be taken hold of again. */
const LEAST = 0.001
const notFlat = (value: number): number => (Math.abs(value) < LEAST ? (value < 0 ? -LEAST : LEAST) : value)

/** A handle pulled: the other side stays (the middle with Alt), Shift keeps the proportion, Ctrl on a side leans the layer. */
export function pulled(now: Transforming, side: Side, from: Point, to: Point, keys: Modifiers): Parts {
  const isEdge = side.across === 0 || side.down === 0
  return keys.ctrl && isEdge ? leaned(now, side, from, to, keys) : scaled(now, side, from, to, keys)
}

const anchorOf = ({ box }: Transforming, { across, down }: Side, fromMiddle: boolean): Point =>
  fromMiddle ? middleOf(box) : pointAt(box, { across: -across as Side['across'], down: -down as Side['down'] })

function scaled(now: Transforming, side: Side, from: Point, to: Point, { shift, alt }: Modifiers): Parts {
  const back = inverse(transformNow(now))
  const [start, end] = [applied(back, from), applied(back, to)]
  const handle = pointAt(now.box, side)
  const anchor = anchorOf(now, side, alt)
  const grown = (moved: number, whole: number) => (whole === 0 ? 1 : (whole + moved) / whole)
  let across = side.across === 0 ? 1 : grown(end.x - start.x, handle.x - anchor.x)
  let down = side.down === 0 ? 1 : grown(end.y - start.y, handle.y - anchor.y)
  if (shift) {
    const most = side.down === 0 || (side.across !== 0 && Math.abs(across) > Math.abs(down)) ? across : down
    ;[across, down] = [most, most]
  }
  const { parts } = now
  return keeping(now, { ...parts, across: notFlat(parts.across * across), down: notFlat(parts.down * down) }, anchor)
}

function leaned(now: Transforming, side: Side, from: Point, to: Point, { alt }: Modifiers): Parts {
  const back = inverse(placed(now))
  const [start, end] = [applied(back, from), applied(back, to)]
  const { parts } = now
  const handle = pointAt(now.box, side)
  const anchor = anchorOf(now, side, alt)
  const next =
    side.across === 0
      ? { skewAcross: degrees(tangent(parts.skewAcross) + (end.x - start.x) / ((handle.y - anchor.y) * parts.down)) }
      : { skewDown: degrees(tangent(parts.skewDown) + (end.y - start.y) / ((handle.x - anchor.x) * parts.across)) }
  return keeping(now, { ...parts, ...next }, anchor)
}
