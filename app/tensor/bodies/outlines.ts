import { type Body, type BodyShape, placeOn, type Scene, seenAt, type Vector } from './body.ts'

interface Place {
  readonly x: number
  readonly y: number
}

/** Points of a round about the upright axis. */
const ROUND = 32
const round = (height: number): Vector[] =>
  Array.from({ length: ROUND + 1 }, (_, k) => {
    const angle = (2 * Math.PI * k) / ROUND
    return [Math.cos(angle), height, Math.sin(angle)]
  })
const square = (height: number): Vector[] => [
  ...([
    [-1, height, -1],
    [1, height, -1],
    [1, height, 1],
  ] as const),
  ...([
    [-1, height, 1],
    [-1, height, -1],
  ] as const),
]
const quarters = [0, 1, 2, 3].map(k => (k * Math.PI) / 2).map(angle => [Math.cos(angle), Math.sin(angle)] as const)
const corners = [-1, 1].flatMap(x => [-1, 1].map(z => [x, z] as const))
const steps = [-1, -0.5, 0, 0.5, 1]

/** Lines that show where a body stands, from -1 to 1 along its own axes. */
const lines: Readonly<Record<BodyShape, readonly (readonly Vector[])[]>> = {
  box: [
    square(-1),
    square(1),
    ...corners.map(([x, z]): Vector[] => [
      [x, -1, z],
      [x, 1, z],
    ]),
  ],
  ball: [round(0), round(0).map(([x, y, z]): Vector => [x, z, y]), round(0).map(([x, y, z]): Vector => [y, x, z])],
  cylinder: [
    round(-1),
    round(1),
    ...quarters.map(([x, z]): Vector[] => [
      [x, -1, z],
      [x, 1, z],
    ]),
  ],
  cone: [
    round(1),
    ...quarters.map(([x, z]): Vector[] => [
      [0, -1, 0],
      [x, 1, z],
    ]),
  ],
  floor: [
    ...steps.map((x): Vector[] => [
      [x, 0, -1],
      [x, 0, 1],
    ]),
    ...steps.map((z): Vector[] => [
      [-1, 0, z],
      [1, 0, z],
    ]),
  ],
}

/** The lines of a body as they are seen in the picture; what is behind the eye is left out. */
export const outlinesOf = (body: Body, scene: Scene): readonly (readonly Place[])[] =>
  lines[body.shape].map(line => line.map(own => seenAt(placeOn(body, own), scene)).filter(place => place !== undefined))

/** The corners of the least shape without dents that holds all places, in their order (Andrew's monotone chain). */
export function hullOf(places: readonly Place[]): readonly Place[] {
  const sorted = places.toSorted((a, b) => a.x - b.x || a.y - b.y)
  const half = (all: readonly Place[]): Place[] => {
    const chain: Place[] = []
    for (const place of all) {
      for (;;) {
        const [before, last] = chain.slice(-2)
        if (before === undefined || last === undefined) break
        const turn = (last.x - before.x) * (place.y - before.y) - (last.y - before.y) * (place.x - before.x)
        if (turn > 0) break
        chain.pop()
      }
      chain.push(place)
    }
    return chain.slice(0, -1)
  }
  return [...half(sorted), ...half(sorted.toReversed())]
}
