import { fromGray } from '../fit.ts'
import type { RgbImage } from '../images.ts'
import { axesOf, type Body, type BodyShape, dot, NEAREST, placeOn, type Scene, seenAt, type Vector } from './body.ts'

/** A rectangle of the picture's plane. */
interface Rectangle {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}
type Size = Pick<RgbImage, 'width' | 'height'>

/** How far along a ray it meets a body first, beyond `least`; infinite where it does not. The body fills -1 to 1 along all axes; the ray begins at o
 *  and goes on by d for each unit of its way. */
type Meeting = (o: Vector, d: Vector, least: number) => number

const none = Number.POSITIVE_INFINITY

/** The least of two ways that is long enough. */
const first = (a: number, b: number, least: number): number => {
  const [near, far] = a < b ? [a, b] : [b, a]
  return near >= least ? near : far >= least ? far : none
}

/** What rounding may do to a place of a body. */
const ROUNDING = 1e-9

/** Where a t^2 + 2 b t + c is 0: the two ways, or nothing. */
function roots(a: number, b: number, c: number): readonly [number, number] | undefined {
  if (Math.abs(a) < 1e-12) return b === 0 ? undefined : [-c / (2 * b), none]
  const square = b * b - a * c
  // At a tip both are the same, and rounding may make none of them.
  if (square < -ROUNDING * b * b) return undefined
  const root = Math.sqrt(Math.max(0, square))
  return [(-b - root) / a, (-b + root) / a]
}

/** A round of a radius, at a height; where the ray comes through it. */
function disc(o: Vector, d: Vector, height: number, least: number): number {
  const way = (height - o[1]) / d[1]
  if (!(way >= least)) return none
  const [x, z] = [o[0] + way * d[0], o[2] + way * d[2]]
  return x * x + z * z <= 1 ? way : none
}

/** What is round about the upright axis: the ways at which its side is met, of those between -1 and 1 of height the least. */
function side(o: Vector, d: Vector, ways: readonly [number, number] | undefined, least: number): number {
  if (ways === undefined) return none
  const [a, b] = ways.map(way => (Math.abs(o[1] + way * d[1]) <= 1 + ROUNDING ? way : none))
  return first(a, b, least)
}

const meetings: Readonly<Record<BodyShape, Meeting>> = {
  box: (o, d, least) => {
    let [from, to] = [Number.NEGATIVE_INFINITY, none]
    for (let k = 0; k < 3; k++) {
      if (d[k] === 0) {
        if (Math.abs(o[k]) > 1) return none
        continue
      }
      const [a, b] = [(-1 - o[k]) / d[k], (1 - o[k]) / d[k]]
      from = Math.max(from, Math.min(a, b))
      to = Math.min(to, Math.max(a, b))
    }
    return from > to ? none : first(from, to, least)
  },
  ball: (o, d, least) => {
    const ways = roots(dot(d, d), dot(o, d), dot(o, o) - 1)
    return ways === undefined ? none : first(ways[0], ways[1], least)
  },
  cylinder: (o, d, least) => {
    const ways = roots(d[0] * d[0] + d[2] * d[2], o[0] * d[0] + o[2] * d[2], o[0] * o[0] + o[2] * o[2] - 1)
    return Math.min(side(o, d, ways, least), disc(o, d, -1, least), disc(o, d, 1, least))
  },
  // Its radius grows from 0 above, at -1, to 1 below.
  cone: (o, d, least) => {
    const [top, slope] = [(o[1] + 1) / 2, d[1] / 2]
    const ways = roots(
      d[0] * d[0] + d[2] * d[2] - slope * slope,
      o[0] * d[0] + o[2] * d[2] - top * slope,
      o[0] * o[0] + o[2] * o[2] - top * top,
    )
    return Math.min(side(o, d, ways, least), disc(o, d, 1, least))
  },
  floor: (o, d, least) => {
    const way = -o[1] / d[1]
    return way >= least ? way : none
  },
}

/** How far from the eye, along its line of sight, what is seen at each pixel is: infinite where nothing is.
 *  @param area of the picture  @param size in pixels of the result  @returns [height * width] */
export function distancesOf(scene: Scene, area: Rectangle, size: Size): Float64Array {
  const distances = new Float64Array(size.width * size.height).fill(none)
  for (const body of scene.bodies) lay(distances, body, scene, area, size)
  return distances
}

/** Lays one body over the distances, where it is nearer. */
function lay(distances: Float64Array, body: Body, scene: Scene, area: Rectangle, size: Size): void {
  const { eye } = scene
  const meets = meetings[body.shape]
  const axes = axesOf(body)
  const [across, down] = [area.width / size.width, area.height / size.height]
  const least = eye.distance * NEAREST
  /** In the space where the body fills -1 to 1. */
  const own = (x: number, y: number, z: number): Vector => {
    const all: Vector = [x, y, z]
    return [
      (2 * dot(axes[0], all)) / body.size[0],
      (2 * dot(axes[1], all)) / body.size[1],
      (2 * dot(axes[2], all)) / body.size[2],
    ]
  }
  const from = own(eye.x - body.at[0], eye.y - body.at[1], -eye.distance - body.at[2])
  const step = own(across / eye.distance, 0, 0)
  const { left, top, right, bottom } = reachOf(body, scene, area, size)
  /** One unit of its way goes one pixel away from the eye; the same numbers for all rays, for there are many. */
  const ray: [number, number, number] = [0, 0, 0]
  for (let row = top; row < bottom; row++) {
    const y = area.y + (row + 0.5) * down - eye.y
    const begin = own((area.x + across / 2 - eye.x) / eye.distance, y / eye.distance, 1)
    for (let column = left; column < right; column++) {
      for (let k = 0; k < 3; k++) ray[k] = begin[k] + column * step[k]
      const way = meets(from, ray, least)
      const place = row * size.width + column
      if (way < distances[place]) distances[place] = way
    }
  }
}

/** The pixels that a body may be seen at. */
function reachOf(body: Body, scene: Scene, area: Rectangle, { width, height }: Size) {
  const corners = [-1, 1].flatMap(x => [-1, 1].flatMap(y => [-1, 1].map(z => seenAt(placeOn(body, [x, y, z]), scene))))
  const seen = corners.filter(corner => corner !== undefined)
  if (body.shape === 'floor' || seen.length < corners.length) return { left: 0, top: 0, right: width, bottom: height }
  const [xs, ys] = [seen.map(({ x }) => x), seen.map(({ y }) => y)]
  const column = (x: number) => Math.min(width, Math.max(0, ((x - area.x) / area.width) * width))
  const row = (y: number) => Math.min(height, Math.max(0, ((y - area.y) / area.height) * height))
  return {
    ...{ left: Math.floor(column(Math.min(...xs))), top: Math.floor(row(Math.min(...ys))) },
    ...{ right: Math.ceil(column(Math.max(...xs))), bottom: Math.ceil(row(Math.max(...ys))) },
  }
}

/** Distances as ControlNets of depth are shown them, which were trained on what MiDaS says: even in 1 / distance, white at the nearest of all and
 *  black from `far` on. @returns levels from 0 to 255, as many as distances */
export function nearnessOf(distances: Float64Array, { eye, far }: Scene): Float64Array {
  const black = 1 / Math.max(eye.distance + far, eye.distance * NEAREST)
  const white = 1 / distances.reduce((least, each) => Math.min(least, each), none)
  return distances.map(each => (white > black ? 255 * Math.max(0, (1 / each - black) / (white - black)) : 0))
}

/** The depth picture of bodies: near is bright. @param area of the picture  @param size in pixels of the result */
export const drawBodies = (scene: Scene, area: Rectangle, size: Size): RgbImage =>
  fromGray(size, nearnessOf(distancesOf(scene, area, size), scene))
