import { expect, test } from 'vitest'
import { angleFor, type Body, distanceFor, emptyScene, movedScene, newBody, type Scene, type Vector } from './body.ts'
import { distancesOf, drawBodies, nearnessOf } from './depth.ts'
import { hullOf, outlinesOf } from './outlines.ts'

/** An odd number of pixels: one of them is the middle. */
const side = 65
const area = { x: 0, y: 0, width: side, height: side }
const middle = side / 2
const eye = { x: middle, y: middle, distance: 100 }
const none = Number.POSITIVE_INFINITY

const body = (shape: Body['shape'], changes: Partial<Body> = {}): Body => ({
  ...{ shape, at: [middle, middle, 0], size: [40, 40, 40], turn: [0, 0, 0] },
  ...changes,
})
const sceneOf = (...bodies: Body[]): Scene => ({ eye, far: 300, bodies })
const seen = (...bodies: Body[]) => {
  const distances = distancesOf(sceneOf(...bodies), area, area)
  /** @param x from the middle, in pixels */
  return (x = 0, y = 0) => distances[(Math.floor(middle) + y) * side + Math.floor(middle) + x]
}

test('a box shows its front, even from side to side, as large as its way makes it', () => {
  const at = seen(body('box'))
  // The front is 80 away, where 20 pixels are seen as 25.
  for (const [x, y] of [
    [0, 0],
    [24, -24],
    [-24, 24],
  ])
    expect(at(x, y)).toBeCloseTo(80, 9)
  expect(at(26, 0)).toBe(none)
  const behind = seen(body('box', { at: [middle, middle, 120] }))
  expect(behind(0, 0)).toBeCloseTo(200, 9)
  expect([behind(9, 0), behind(11, 0)]).toEqual([expect.closeTo(200, 9), none])
})

test('a turned box shows its edge in front, a tall one its top', () => {
  expect(seen(body('box', { turn: [0, 45, 0] }))()).toBeCloseTo(100 - 20 * Math.SQRT2, 9)
  expect(seen(body('box', { turn: [45, 0, 0] }))()).toBeCloseTo(100 - 20 * Math.SQRT2, 9)
  expect(seen(body('box', { turn: [0, 0, 45] }))()).toBeCloseTo(80, 9)
  expect(seen(body('box', { size: [40, 60, 10], turn: [90, 0, 0] }))()).toBeCloseTo(70, 9)
  // First about its upright axis, then about x: what looked to the right looks to us, and stays there.
  expect(seen(body('box', { size: [70, 20, 10], turn: [0, 90, 0] }))()).toBeCloseTo(65, 9)
  expect(seen(body('box', { size: [70, 20, 10], turn: [90, 90, 0] }))()).toBeCloseTo(90, 9)
})

test('a ball is as far at each place as the law of cosines says', () => {
  const at = seen(body('ball'))
  for (const [x, y] of [
    [0, 0],
    [5, 0],
    [10, -12],
    [0, 19],
  ]) {
    const angle = Math.atan(Math.hypot(x, y) / 100)
    const way = 100 * Math.cos(angle) - Math.sqrt(20 ** 2 - (100 * Math.sin(angle)) ** 2)
    expect(at(x, y)).toBeCloseTo(way * Math.cos(angle), 9)
  }
  // Its outline is seen at tan(asin(20 / 100)) x 100 = 20.4 pixels.
  expect([at(20, 0), at(21, 0)]).toEqual([expect.any(Number), none])
  expect(at(20, 0)).toBeLessThan(100)
})

test('cylinders and cones show their sides upright, their ends where they are turned to us', () => {
  expect(seen(body('cylinder'))()).toBeCloseTo(80, 9)
  expect(seen(body('cylinder', { size: [40, 60, 40], turn: [90, 0, 0] }))(15, 0)).toBeCloseTo(70, 9)
  // Half as wide at half of its height.
  expect(seen(body('cone'))()).toBeCloseTo(90, 9)
  const cone = (turn: Vector) => seen(body('cone', { size: [40, 60, 40], turn }))
  const [ends, others] = [cone([90, 0, 0]), cone([-90, 0, 0])]
  const ways = [ends(), others()].toSorted((a, b) => a - b)
  expect(ways).toEqual([expect.closeTo(70, 6), expect.closeTo(70, 6)])
  // One end is a tip, from which the side falls away; the other is flat.
  expect([ends(8, 0), others(8, 0)].toSorted((a, b) => a - b)).toEqual([expect.closeTo(70, 9), expect.any(Number)])
  expect(Math.max(ends(8, 0), others(8, 0))).toBeGreaterThan(80)
  // Above its tip there is nothing, at its base it is as wide as it is.
  const upright = seen(body('cone'))
  expect(upright(0, -24)).toBe(none)
  expect(upright(18, 19)).toBeLessThan(none)
  expect(upright(18, -10)).toBe(none)
})

test('a floor goes to the horizon', () => {
  const at = seen(body('floor', { at: [middle, middle + 20, 0] }))
  for (const y of [5, 10, 20, 32]) expect(at(-7, y)).toBeCloseTo((100 * 20) / y, 9)
  expect(at(0, 0)).toBe(none)
  expect(at(0, -5)).toBe(none)
})

test('what is nearer hides what is behind, in whatever order; behind the eye nothing is seen', () => {
  const [near, far] = [
    body('box', { size: [20, 20, 20] }),
    body('box', { at: [middle, middle, 60], size: [60, 60, 20] }),
  ]
  for (const at of [seen(near, far), seen(far, near)]) {
    expect(at()).toBeCloseTo(90, 9)
    expect(at(18, 0)).toBeCloseTo(150, 9)
  }
  expect(
    distancesOf(sceneOf(body('ball', { at: [middle, middle, -200] })), area, area).every(way => way === none),
  ).toBe(true)
  // The eye in a body sees it from within.
  expect(seen(body('ball', { at: [middle, middle, -100], size: [80, 80, 80] }))()).toBeCloseTo(40, 9)
})

test('the nearest is white, what is as far as the scene reaches black, and levels are even in 1 / distance', () => {
  const scene = sceneOf()
  const ways = Float64Array.of(50, 100, 200, 400, 1000, none)
  const [black, white] = [1 / 400, 1 / 50]
  const levels = [...nearnessOf(ways, scene)]
  expect(levels[0]).toBe(255)
  expect(levels[1]).toBeCloseTo((255 * (1 / 100 - black)) / (white - black), 9)
  expect(levels[2]).toBeCloseTo((255 * (1 / 200 - black)) / (white - black), 9)
  expect(levels.slice(3)).toEqual([0, 0, 0])
  expect([...nearnessOf(Float64Array.of(none, none), scene)]).toEqual([0, 0])
  // All beyond its reach: nothing is bright.
  expect([...nearnessOf(Float64Array.of(500), scene)]).toEqual([0])
})

test('a part of the picture, and another size, show what the whole does', () => {
  const scene = sceneOf(body('cone'), body('ball', { at: [10, 12, 40] }), body('floor', { at: [0, 50, 0] }))
  const whole = distancesOf(scene, area, area)
  const part = distancesOf(scene, { x: 5, y: 8, width: 20, height: 10 }, { width: 20, height: 10 })
  for (let row = 0; row < 10; row++)
    for (let column = 0; column < 20; column++)
      expect(1 / part[row * 20 + column]).toBeCloseTo(1 / whole[(row + 8) * side + column + 5], 9)
  const half = distancesOf(scene, { ...area, width: 64, height: 64 }, { width: 32, height: 32 })
  const fine = distancesOf(scene, { x: 0.5, y: 0.5, width: 64, height: 64 }, { width: 64, height: 64 })
  expect(half[10 * 32 + 10]).toBeCloseTo(fine[20 * 64 + 20], 9)
})

test('a document that is scaled and moved takes its bodies along', () => {
  const frame = { x: 10, y: 20, width: 64, height: 48 }
  const empty = emptyScene(frame)
  expect(angleFor(64, empty.eye.distance)).toBeCloseTo(50, 9)
  expect(distanceFor(64, 90)).toBeCloseTo(32, 9)
  const bodies = (['box', 'ball', 'cylinder', 'cone', 'floor'] as const).map((shape, k) => {
    const made = newBody(shape, frame)
    return { ...made, at: [made.at[0] + 5 * k - 8, made.at[1], 10 * k] as const }
  })
  const scene = { ...empty, bodies }
  const twice = movedScene(scene, ({ x, y }) => ({ x: 2 * x + 7, y: 2 * y - 3 }), 2)
  const size = { width: 64, height: 48 }
  const moved = drawBodies(twice, { x: 27, y: 37, width: 128, height: 96 }, size)
  const { data } = drawBodies(scene, frame, size)
  expect(moved.data).toEqual(data)
  expect(Math.max(...data)).toBe(255)
  expect(new Set(data).size).toBeGreaterThan(50)
})

test('the lines of a body go around what is seen of it', () => {
  for (const shape of ['box', 'ball', 'cylinder', 'cone'] as const) {
    const one = body(shape, { turn: [20, 35, 10], at: [middle + 6, middle - 4, 15] })
    const hull = hullOf(outlinesOf(one, sceneOf(one)).flat())
    const inside = (x: number, y: number) =>
      hull.every((from, k) => {
        const to = hull[(k + 1) % hull.length]
        return (to.x - from.x) * (y - from.y) - (to.y - from.y) * (x - from.x) >= -40
      })
    const ways = distancesOf(sceneOf(one), area, area)
    ways.forEach((way, k) => {
      if (way < none) expect(inside((k % side) + 0.5, Math.floor(k / side) + 0.5), `${shape} ${k}`).toBe(true)
    })
  }
})
