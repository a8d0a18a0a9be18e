/* Simple bodies in space, whose depth says to a ControlNet where things are. Lengths are pixels of a document: x to the right, y down, z away from
 * the eye; the plane z = 0 is that of the picture, where a pixel is a pixel. So a document that is scaled or cropped takes its bodies along. */

export const bodyShapes = ['box', 'ball', 'cylinder', 'cone', 'floor'] as const
export type BodyShape = (typeof bodyShapes)[number]

/** Along x, y and z. */
export type Vector = readonly [x: number, y: number, z: number]

/** A body: a box, or what touches all sides of one. A cylinder and a cone stand upright, the cone on its base; a floor is level and has no end. */
export interface Body {
  readonly shape: BodyShape
  /** Its middle. */
  readonly at: Vector
  /** Whole lengths along its own axes, more than 0. */
  readonly size: Vector
  /** Degrees, first about its upright axis (y), then about x, then about z, the line of sight. */
  readonly turn: Vector
}

/** Bodies as an eye sees them. */
export interface Scene {
  /** Where the eye stands: above which place of the picture, and how far in front of it; a shorter way is a wider angle. */
  readonly eye: { readonly x: number; readonly y: number; readonly distance: number }
  /** How far behind the picture everything is black. */
  readonly far: number
  readonly bodies: readonly Body[]
}

/** Of the longer side that a new scene's eye sees, in degrees; about that of a lens of 50 mm, seen a little wider. */
export const usualAngle = 50
/** What a new scene reaches behind the picture, in longer sides of it. */
const usualReach = 1.5

/** The way from which a length is seen under an angle in degrees, and the angle for a way. */
export const distanceFor = (length: number, angle: number): number => length / 2 / Math.tan((angle * Math.PI) / 360)
export const angleFor = (length: number, distance: number): number => (Math.atan(length / 2 / distance) * 360) / Math.PI

interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

/** A scene without bodies, seen from before the middle of a rectangle. */
export function emptyScene({ x, y, width, height }: Rectangle): Scene {
  const longer = Math.max(width, height)
  const eye = { x: x + width / 2, y: y + height / 2, distance: distanceFor(longer, usualAngle) }
  return { eye, far: longer * usualReach, bodies: [] }
}

/** A new body in the middle of what is seen; a floor lies under it. */
export function newBody(shape: BodyShape, { x, y, width, height }: Rectangle): Body {
  const side = Math.min(width, height) * 0.4
  const isFloor = shape === 'floor'
  return {
    shape,
    at: [x + width / 2, y + height * (isFloor ? 0.75 : 0.5), 0],
    size: isFloor ? [width, 1, width] : [side, side, side],
    // A box that is seen from the front alone says nothing of its depth.
    turn: shape === 'box' ? [0, 30, 0] : [0, 0, 0],
  }
}

/** A scene that goes with its document. @param move of places  @param larger of lengths */
export function movedScene(
  { eye, far, bodies }: Scene,
  move: (place: { readonly x: number; readonly y: number }) => { readonly x: number; readonly y: number },
  larger: number,
): Scene {
  return {
    eye: { ...move(eye), distance: eye.distance * larger },
    far: far * larger,
    bodies: bodies.map(({ at: [x, y, z], size: [width, height, depth], ...body }) => {
      const place = move({ x, y })
      return {
        ...body,
        at: [place.x, place.y, z * larger],
        size: [width * larger, height * larger, depth * larger],
      }
    }),
  }
}

const radians = Math.PI / 180

/** The directions of a body's own axes, as they are turned: columns of a rotation. */
export function axesOf({ turn }: Pick<Body, 'turn'>): readonly [Vector, Vector, Vector] {
  const [about, around, along] = turn.map(angle => angle * radians)
  const [[cx, sx], [cy, sy], [cz, sz]] = [about, around, along].map(angle => [Math.cos(angle), Math.sin(angle)])
  const turned = ([x, y, z]: Vector): Vector => {
    const [x1, z1] = [cy * x + sy * z, cy * z - sy * x]
    const [y2, z2] = [cx * y - sx * z1, sx * y + cx * z1]
    return [cz * x1 - sz * y2, sz * x1 + cz * y2, z2]
  }
  return [turned([1, 0, 0]), turned([0, 1, 0]), turned([0, 0, 1])]
}

export const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

/** Nearer to the eye than this share of its distance, nothing is seen. */
export const NEAREST = 0.01

/** Where a place in space is seen in the picture; undefined behind the eye. */
export function seenAt([x, y, z]: Vector, { eye }: Scene): { readonly x: number; readonly y: number } | undefined {
  const away = eye.distance + z
  if (away < eye.distance * NEAREST) return undefined
  const scale = eye.distance / away
  return { x: eye.x + (x - eye.x) * scale, y: eye.y + (y - eye.y) * scale }
}

/** A place of a body in space. @param own from -1 to 1 along its own axes */
export function placeOn(body: Body, own: Vector): Vector {
  const axes = axesOf(body)
  const along = (k: 0 | 1 | 2) => axes.reduce((sum, axis, n) => sum + axis[k] * own[n] * (body.size[n] / 2), body.at[k])
  return [along(0), along(1), along(2)]
}
