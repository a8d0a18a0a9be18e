import { branchOf, type Figure, type Joint, jointAt, otherSides, parents } from './figure.ts'

/** How joints may be moved. */
export interface MovingRules {
  /** Whether bones keep their lengths. */
  readonly keepsLengths: boolean
  /** Whether the other side follows, mirrored at the line from the neck to the middle of the hips. */
  readonly mirrors: boolean
}

/** Joints that fold no further than this: degrees between both bones at elbows and knees. */
const LEAST_FOLD = 18
const folding = [3, 6, 9, 12]
/** How far the head leans from the line of the back, in degrees. */
const MOST_LEAN = 80

/** A figure with one joint taken to a place, as far as it goes there; what hangs on the joint comes along, and the neck takes the whole figure. */
export function moveJoint(figure: Figure, joint: number, to: Joint, rules: MovingRules): Figure {
  const moved = movedAlone(figure, joint, to, rules.keepsLengths)
  const other = otherSides[joint]
  const axis = rules.mirrors && other !== joint ? axisOf(moved) : undefined
  const place = jointAt(moved, joint)
  if (axis === undefined || place === undefined || jointAt(moved, other) === undefined) return moved
  return movedAlone(moved, other, reflected(place, axis), rules.keepsLengths)
}

function movedAlone(figure: Figure, joint: number, wanted: Joint, keepsLengths: boolean): Figure {
  const from = jointAt(figure, joint)
  if (from === undefined) return figure.map((each, k) => (k === joint ? wanted : each))
  const to = limited(figure, joint, from, wanted, keepsLengths)
  return shifted(figure, branchOf(joint), to.x - from.x, to.y - from.y)
}

/** Joints moved by so much. */
export const shifted = (figure: Figure, joints: readonly number[], dx: number, dy: number): Figure =>
  figure.map((each, k) => (each !== null && joints.includes(k) ? { x: each.x + dx, y: each.y + dy } : each))

function limited(figure: Figure, joint: number, from: Joint, to: Joint, keepsLengths: boolean): Joint {
  const parent = parents[joint]
  const anchor = parent === undefined ? undefined : jointAt(figure, parent)
  if (parent === undefined || anchor === undefined) return to
  const length = distance(anchor, keepsLengths ? from : to)
  const angle = Math.atan2(to.y - anchor.y, to.x - anchor.x)
  const within = withinLimits(figure, joint, parent, anchor, angle)
  return { x: anchor.x + length * Math.cos(within), y: anchor.y + length * Math.sin(within) }
}

/** The nearest angle that a bone may take, in radians. */
function withinLimits(figure: Figure, joint: number, parent: number, anchor: Joint, angle: number): number {
  const grandparent = parents[parent]
  const above = grandparent === undefined ? undefined : jointAt(figure, grandparent)
  if (folding.includes(parent) && above !== undefined) {
    const back = Math.atan2(above.y - anchor.y, above.x - anchor.x)
    return atLeastFrom(back, angle, radians(LEAST_FOLD))
  }
  const axis = joint === 0 ? axisOf(figure) : undefined
  if (axis === undefined) return angle
  const up = Math.atan2(axis.from.y - axis.to.y, axis.from.x - axis.to.x)
  const lean = turned(angle - up)
  const most = radians(MOST_LEAN)
  return up + Math.min(most, Math.max(-most, lean))
}

function atLeastFrom(centre: number, angle: number, least: number): number {
  const off = turned(angle - centre)
  return Math.abs(off) >= least ? angle : centre + (off < 0 ? -least : least)
}

interface Axis {
  readonly from: Joint
  readonly to: Joint
}

/** From the neck to the middle of the hips. */
function axisOf(figure: Figure): Axis | undefined {
  const [neck, right, left] = [1, 8, 11].map(joint => jointAt(figure, joint))
  if (neck === undefined || right === undefined || left === undefined) return undefined
  return { from: neck, to: { x: (right.x + left.x) / 2, y: (right.y + left.y) / 2 } }
}

function reflected(point: Joint, { from, to }: Axis): Joint {
  const [dx, dy] = [to.x - from.x, to.y - from.y]
  const squared = dx * dx + dy * dy
  if (squared === 0) return point
  const along = ((point.x - from.x) * dx + (point.y - from.y) * dy) / squared
  const foot = { x: from.x + along * dx, y: from.y + along * dy }
  return { x: 2 * foot.x - point.x, y: 2 * foot.y - point.y }
}

/** A figure seen in a mirror: its sides exchanged, at its own middle. */
export function mirroredFigure(figure: Figure): Figure {
  const axis = axisOf(figure)
  const seen = figure.filter(joint => joint !== null)
  const middle = axis?.from.x ?? seen.reduce((sum, { x }) => sum + x, 0) / Math.max(seen.length, 1)
  return otherSides.map(other => {
    const joint = jointAt(figure, other)
    return joint === undefined ? null : { x: 2 * middle - joint.x, y: joint.y }
  })
}

const radians = (degrees: number): number => (degrees * Math.PI) / 180
const distance = (a: Joint, b: Joint): number => Math.hypot(a.x - b.x, a.y - b.y)
/** An angle in [-pi, pi]. */
const turned = (angle: number): number => Math.atan2(Math.sin(angle), Math.cos(angle))
