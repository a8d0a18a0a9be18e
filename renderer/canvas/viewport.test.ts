import fc from 'fast-check'
import { expect, test } from 'vitest'
import { between, fitInto, LARGEST_SCALE, onScreen, SMALLEST_SCALE, wheelFactor, zoomAt } from './viewport.ts'

const insets = { top: 56, right: 24, bottom: 242, left: 24 }

test('a picture is centred in what the floats leave', () => {
  const rect = onScreen(
    { x: 0, y: 0, width: 128, height: 128 },
    fitInto({ width: 128, height: 128 }, { width: 1380, height: 856 }, insets),
  )
  expect(rect.height).toBeCloseTo(856 - 56 - 242)
  expect(rect.top).toBeCloseTo(56, 0)
  expect(rect.left + rect.width / 2).toBeCloseTo(690, 0)
})

test('nothing that is fitted lies under the floats, unless it would be smaller than a tenth', () => {
  const side = fc.integer({ min: 8, max: 2000 })
  fc.assert(
    fc.property(side, side, (width, height) => {
      const rect = onScreen(
        { x: 0, y: 0, width, height },
        fitInto({ width, height }, { width: 1380, height: 856 }, insets),
      )
      expect(rect.left).toBeGreaterThanOrEqual(23)
      expect(rect.top).toBeGreaterThanOrEqual(55)
      expect(rect.left + rect.width).toBeLessThanOrEqual(1380 - 23)
      expect(rect.top + rect.height).toBeLessThanOrEqual(856 - 241)
    }),
  )
})

test('what is under the pointer stays there while zooming', () => {
  const view = { scale: 2, x: 30, y: -10 }
  const pointer = { x: 400, y: 300 }
  const before = { x: (pointer.x - view.x) / view.scale, y: (pointer.y - view.y) / view.scale }
  const after = zoomAt(view, pointer, 5)
  expect(before.x * after.scale + after.x).toBeCloseTo(pointer.x)
  expect(before.y * after.scale + after.y).toBeCloseTo(pointer.y)
})

test('zooming ends at 2 % and at 3,000 %', () => {
  const view = { scale: 1, x: 0, y: 0 }
  expect(zoomAt(view, { x: 0, y: 0 }, 1e9).scale).toBe(LARGEST_SCALE)
  expect(zoomAt(view, { x: 0, y: 0 }, 0).scale).toBe(SMALLEST_SCALE)
})

test('a notch of the wheel is ten percent, up and down alike', () => {
  expect(wheelFactor(-100)).toBeCloseTo(1.1)
  expect(wheelFactor(100) * wheelFactor(-100)).toBeCloseTo(1)
})

test('a glide begins and ends where it should', () => {
  const [a, b] = [
    { scale: 1, x: 0, y: 5 },
    { scale: 4, x: 100, y: 50 },
  ]
  expect(between(a, b, 0)).toEqual(a)
  expect(between(a, b, 1)).toEqual(b)
  expect(between(a, b, 0.5).scale).toBeCloseTo(2)
})
