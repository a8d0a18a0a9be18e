import { expect, test } from 'vitest'
import { applied, identity, rotation } from '../raster/affine.ts'
import {
  handleAt,
  holdAt,
  middleOf,
  moved,
  noParts,
  pulled,
  sides,
  type Transforming,
  transformNow,
  turned,
} from './transforming.ts'

const box = { x: 100, y: 50, width: 200, height: 100 }
const now: Transforming = { id: 'l', box, before: identity, parts: noParts }
const plain = { shift: false, alt: false, ctrl: false }
const corner = { across: 1, down: 1 } as const
const close = (point: { x: number; y: number }, x: number, y: number) => {
  expect(point.x).toBeCloseTo(x, 6)
  expect(point.y).toBeCloseTo(y, 6)
}
const after = (parts: typeof noParts, from = now): Transforming => ({ ...from, parts })

test('nothing done is the layer as it was', () => {
  const before = rotation(30)
  transformNow({ ...now, before }).forEach((value, k) => {
    expect(value).toBeCloseTo(before[k] ?? 0, 9)
  })
})

test('a corner follows the hand and the opposite one stays', () => {
  const next = after(pulled(now, corner, { x: 300, y: 150 }, { x: 400, y: 180 }, plain))
  close(handleAt(next, corner), 400, 180)
  close(handleAt(next, { across: -1, down: -1 }), 100, 50)
})

test('Shift keeps the proportion, Alt the middle', () => {
  const even = after(pulled(now, corner, { x: 300, y: 150 }, { x: 500, y: 160 }, { ...plain, shift: true }))
  expect(even.parts.across).toBeCloseTo(even.parts.down, 9)
  expect(even.parts.across).toBeCloseTo(2, 9)
  const middle = after(pulled(now, corner, { x: 300, y: 150 }, { x: 330, y: 170 }, { ...plain, alt: true }))
  close(handleAt(middle, corner), 330, 170)
  close(applied(transformNow(middle), middleOf(box)), 200, 100)
})

test('a layer that was turned before is scaled along its own axes', () => {
  const turnedBefore = { ...now, before: rotation(90) }
  const from = handleAt(turnedBefore, { across: 1, down: 0 })
  const next = after(
    pulled(turnedBefore, { across: 1, down: 0 }, from, { x: from.x, y: from.y + 200 }, plain),
    turnedBefore,
  )
  expect(next.parts.across).toBeCloseTo(2, 9)
  expect(next.parts.down).toBe(1)
  close(handleAt(next, { across: -1, down: 0 }), ...pair(handleAt(turnedBefore, { across: -1, down: 0 })))
})
const pair = ({ x, y }: { x: number; y: number }) => [x, y] as const

test('Ctrl leans a side, the other one stays; also after scaling and turning', () => {
  const begun = after({ ...noParts, across: 2, down: 0.5, angle: 20 })
  const top = { across: 0, down: -1 } as const
  const from = handleAt(begun, top)
  const along = rotation(20)
  const to = { x: from.x + along[0] * 40, y: from.y + along[1] * 40 }
  const next = after(pulled(begun, top, from, to, { ...plain, ctrl: true }))
  close(handleAt(next, top), to.x, to.y)
  close(handleAt(next, { across: 0, down: 1 }), ...pair(handleAt(begun, { across: 0, down: 1 })))
})

test('it is turned around its middle, with Shift in steps of 15 degrees', () => {
  const next = turned(now, { x: 200, y: 0 }, { x: 300, y: 100 }, { shift: false })
  expect(next.angle).toBeCloseTo(90, 9)
  close(applied(transformNow(after(next)), middleOf(box)), 200, 100)
  expect(turned(now, { x: 300, y: 100 }, { x: 300, y: 110 }, { shift: true }).angle).toBe(0)
})

test('it moves straight with Shift', () => {
  expect(moved(now, { x: 0, y: 0 }, { x: 30, y: 4 }, { shift: true })).toMatchObject({ x: 30, y: 0 })
})

test('the hand takes handles, what is inside, and turns from beside', () => {
  for (const side of sides) expect(holdAt(now, handleAt(now, side), 1)).toEqual({ does: 'pull', side })
  expect(holdAt(now, { x: 230, y: 90 }, 1)).toEqual({ does: 'move' })
  expect(holdAt(now, { x: 330, y: 180 }, 1)).toEqual({ does: 'turn' })
  expect(holdAt(now, { x: 600, y: 500 }, 1)).toBeUndefined()
})

test('it never becomes flat', () => {
  const parts = pulled(now, { across: 1, down: 0 }, { x: 300, y: 100 }, { x: 100, y: 100 }, plain)
  expect(Math.abs(parts.across)).toBeGreaterThan(0)
  expect(() => handleAt(after(parts), corner)).not.toThrow()
})
