import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Coverage,
  combined,
  coverageAt,
  ellipseOutline,
  feathered,
  grownBy,
  inverted,
  isBlank,
  likeThis,
  noCoverage,
  ofPolygon,
  ofRectangle,
} from './coverage.ts'
import { outlines } from './outline.ts'

const total = ({ data }: Coverage) => data.reduce((sum, value) => sum + value, 0) / 255
const box = (x: number, y: number, width: number, height: number) => ofRectangle({ x, y, width, height })

test('a rectangle covers its own area, with shares at its edges', () => {
  expect(total(box(3, 4, 10, 5))).toBe(50)
  expect(coverageAt(box(-2.5, 0, 5, 2), -3, 0)).toBe(128)
  expect(coverageAt(box(-2.5, 0, 5, 2), -2, 1)).toBe(255)
})

test('an ellipse covers π a b', () => {
  const area = total(ofPolygon(ellipseOutline({ x: 1, y: 2, width: 80, height: 50 })))
  expect(Math.abs(area / (Math.PI * 40 * 25) - 1)).toBeLessThan(0.005)
})

test('a line that crosses itself is inside where it goes around', () => {
  const star = [0, 2, 4, 1, 3].map(k => ({ x: 50 + 40 * Math.sin(k * 1.2566), y: 50 - 40 * Math.cos(k * 1.2566) }))
  expect(coverageAt(ofPolygon(star), 50, 50)).toBe(255)
  expect(ofPolygon(star.slice(0, 2))).toBe(noCoverage)
})

test('adding, taking away and intersecting', () => {
  const [a, b] = [box(0, 0, 10, 10), box(5, 0, 10, 10)]
  expect([combined(a, b, 'add'), combined(a, b, 'subtract'), combined(a, b, 'intersect')].map(total)).toEqual([
    150, 50, 50,
  ])
  expect(isBlank(combined(a, a, 'subtract'))).toBe(true)
  expect(combined(a, b, 'replace')).toBe(b)
})

test('what is turned inside out twice is as it was', () => {
  const within = { x: 0, y: 0, width: 40, height: 30 }
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 20 }), (x, y) => {
      const some = box(x, y, 9, 7)
      const back = inverted(inverted(some, within), within)
      return total(inverted(some, within)) === 40 * 30 - 63 && total(combined(back, some, 'subtract')) === 0
    }),
  )
})

test('growing goes as far in all directions, and shrinking takes it back', () => {
  const grown = grownBy(box(20, 20, 30, 20), 5)
  expect(coverageAt(grown, 15, 30)).toBe(255)
  expect(coverageAt(grown, 13, 30)).toBe(0)
  // The corners are round.
  expect(coverageAt(grown, 15, 15)).toBe(0)
  expect(total(grownBy(grown, -5))).toBeGreaterThan(590)
  expect(coverageAt(grownBy(box(20, 20, 30, 20), -5), 24, 30)).toBe(0)
  expect(coverageAt(grownBy(box(20, 20, 30, 20), -5), 25, 30)).toBe(255)
  expect(isBlank(grownBy(box(0, 0, 8, 8), -5))).toBe(true)
})

test('a feathered edge falls evenly, is half where it was, and keeps the area', () => {
  const soft = feathered(box(30, 30, 60, 60), 8)
  const row = Array.from({ length: 40 }, (_, k) => coverageAt(soft, 15 + k, 60))
  expect(row.every((value, k) => k === 0 || value >= (row[k - 1] ?? 0))).toBe(true)
  expect(Math.abs(((row[14] ?? 0) + (row[15] ?? 0)) / 2 - 127.5)).toBeLessThan(6)
  expect(row[0]).toBe(0)
  expect(row.at(-1)).toBe(255)
  expect(Math.abs(total(soft) / 3600 - 1)).toBeLessThan(0.01)
})

/** Two rooms of grey 10 with a wall of 200 between them, in a picture of 9 by 3. */
const rooms = Uint8ClampedArray.from({ length: 9 * 3 * 4 }, (_, k) => {
  if (k % 4 === 3) return 255
  return Math.floor(k / 4) % 9 === 4 ? 200 : 10 + (Math.floor(k / 4) % 2)
})
const picture = { x: 100, y: 50, width: 9, height: 3 }

test('flooding stops at what differs by more than the tolerance', () => {
  expect(total(likeThis(picture, rooms, { x: 101, y: 51 }, 5, true))).toBe(12)
  expect(total(likeThis(picture, rooms, { x: 101, y: 51 }, 5, false))).toBe(24)
  expect(total(likeThis(picture, rooms, { x: 101, y: 51 }, 255, true))).toBe(27)
  expect(total(likeThis(picture, rooms, { x: 100.5, y: 50 }, 0, true))).toBe(1)
  expect(likeThis(picture, rooms, { x: 99, y: 50 }, 0, true)).toBe(noCoverage)
})

test('outlines go around what is covered, and around holes', () => {
  expect(outlines(box(2, 3, 4, 5))).toEqual([
    [
      { x: 2, y: 3 },
      { x: 6, y: 3 },
      { x: 6, y: 8 },
      { x: 2, y: 8 },
    ],
  ])
  const ring = combined(box(0, 0, 9, 9), box(3, 3, 3, 3), 'subtract')
  expect(outlines(ring).map(line => line.length)).toEqual([4, 4])
  expect(outlines(noCoverage)).toEqual([])
})
