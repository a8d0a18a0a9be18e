import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Affine } from '../../../app/api/documents.ts'
import { applied, bounds, followed, identity, inverse, isWhole, rotation, scaling, translation } from './affine.ts'
import { cells, contains, grown, intersection, isEmpty, outward, type Rectangle, union } from './rectangle.ts'

const number = fc.integer({ min: -500, max: 500 })
const side = fc.integer({ min: 1, max: 500 })
const rectangle = fc.record({ x: number, y: number, width: side, height: side }) satisfies fc.Arbitrary<Rectangle>

test('a union holds both, an intersection lies in both', () => {
  fc.assert(
    fc.property(rectangle, rectangle, (a, b) => {
      const both = union(a, b)
      const common = intersection(a, b)
      return contains(both, a) && contains(both, b) && (isEmpty(common) || (contains(a, common) && contains(b, common)))
    }),
  )
})

test('an empty rectangle adds nothing', () => {
  const some = { x: 3, y: 4, width: 5, height: 6 }
  expect(union({ x: -9, y: -9, width: 0, height: 7 }, some)).toEqual(some)
})

test('outward goes to whole steps, left of zero too', () => {
  expect(outward({ x: -1.5, y: 0.2, width: 2, height: 1 })).toEqual({ x: -2, y: 0, width: 3, height: 2 })
  expect(outward({ x: -1, y: 255, width: 2, height: 2 }, 256)).toEqual({ x: -256, y: 0, width: 512, height: 512 })
})

test('the cells under a rectangle, left of zero too', () => {
  expect([...cells({ x: -1, y: 0, width: 2, height: 256 }, 256)]).toEqual([
    [-1, 0],
    [0, 0],
  ])
  expect([...cells({ x: 0, y: 0, width: 0, height: 9 }, 256)]).toEqual([])
  expect([...cells(grown({ x: 256, y: 256, width: 0, height: 0 }, 1), 256)]).toHaveLength(4)
})

test('there and back again', () => {
  const transform = followed(followed(scaling(2, -3), rotation(31)), translation(7, -2))
  const there = applied(transform, { x: 5, y: 8 })
  const back = applied(inverse(transform), there)
  expect(back.x).toBeCloseTo(5)
  expect(back.y).toBeCloseTo(8)
  for (const [k, value] of followed(transform, inverse(transform)).entries())
    expect(value).toBeCloseTo(identity[k] ?? 9)
})

test('a quarter turn is clockwise on the screen, and bounds follow it', () => {
  const turned = applied(rotation(90), { x: 1, y: 0 })
  expect(turned.x).toBeCloseTo(0)
  expect(turned.y).toBeCloseTo(1)
  const box = bounds(rotation(90), { x: 0, y: 0, width: 4, height: 2 })
  expect([box.x, box.y, box.width, box.height].map(each => Math.round(each))).toEqual([-2, 0, 2, 4])
})

test('what has no extent has no way back', () => {
  expect(() => inverse([1, 1, 1, 1, 0, 0] satisfies Affine)).toThrow(/without extent/)
  expect(isWhole(translation(3, -4))).toBe(true)
  expect(isWhole(translation(3.5, 0))).toBe(false)
})
