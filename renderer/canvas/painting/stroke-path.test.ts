import fc from 'fast-check'
import { expect, test } from 'vitest'
import { followed, StrokePath, spacingOf } from './stroke-path.ts'

const at = (x: number, y: number, pressure = 1) => ({ x, y, pressure })
const run = (path: StrokePath, points: readonly ReturnType<typeof at>[]) => [
  ...points.flatMap(point => path.add(point)),
  ...path.end(),
]

test('touches of a straight line stand at even distances, from its beginning to its end', () => {
  const touches = run(new StrokePath(0, () => 5), [at(0, 0), at(30, 0), at(60, 0), at(100, 0)])
  expect(touches.map(({ x }) => Math.round(x))).toEqual(Array.from({ length: 21 }, (_, k) => k * 5))
})

test('a press without movement is one touch', () => {
  expect(run(new StrokePath(0.5, () => 5), [at(7, 8)])).toEqual([at(7, 8)])
  expect(run(new StrokePath(0.5, () => 5), [at(7, 8), at(7, 8)])).toEqual([at(7, 8)])
})

test('distances do not depend on how often the hand was seen', () => {
  const line = (count: number) => Array.from({ length: count + 1 }, (_, k) => at((k * 120) / count, 0))
  const few = run(new StrokePath(0, () => 7), line(3))
  const many = run(new StrokePath(0, () => 7), line(60))
  expect(few.length).toBe(many.length)
  for (const [k, touch] of few.entries()) expect(Math.abs(touch.x - (many[k]?.x ?? -9))).toBeLessThan(0.2)
})

test('no two touches of a random stroke are further apart than their spacing, and it ends where the hand was', () => {
  const points = fc.array(fc.record({ x: fc.integer({ min: 0, max: 300 }), y: fc.integer({ min: 0, max: 300 }) }), {
    minLength: 2,
    maxLength: 20,
  })
  fc.assert(
    fc.property(points, fc.constantFrom(0, 0.5, 0.9), (hand, smoothing) => {
      const touches = run(
        new StrokePath(smoothing, () => 6),
        hand.map(({ x, y }) => at(x, y)),
      )
      const last = hand.at(-1)
      const end = touches.at(-1)
      const gaps = touches
        .slice(1)
        .map((touch, k) => Math.hypot(touch.x - (touches[k]?.x ?? 0), touch.y - (touches[k]?.y ?? 0)))
      return (
        gaps.every(gap => gap <= 6.01) &&
        Math.hypot((end?.x ?? 0) - (last?.x ?? 0), (end?.y ?? 0) - (last?.y ?? 0)) <= 6.01
      )
    }),
  )
})

test('pressure changes evenly along the line', () => {
  const touches = run(new StrokePath(0, () => 10), [at(0, 0, 0), at(50, 0, 0.5), at(100, 0, 1)])
  for (const { x, pressure } of touches) expect(Math.abs(pressure - x / 100)).toBeLessThan(0.02)
})

test('smoothing lags behind the hand', () => {
  expect(followed(at(0, 0), at(10, 20), 0)).toEqual(at(10, 20))
  expect(followed(at(0, 0), at(10, 20), 0.75)).toEqual(at(2.5, 5))
})

test('hard brushes touch closer than a visible scallop allows', () => {
  for (const radius of [4, 20, 100, 500]) {
    const half = spacingOf(radius, 1) / 2
    expect(radius - Math.sqrt(radius ** 2 - half ** 2)).toBeLessThanOrEqual(0.26)
  }
})
