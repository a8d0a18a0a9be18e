import { expect, test } from 'vitest'
import { cornerMoved, corners, moved, rounded, scaled } from './crop.ts'

const picture = { width: 400, height: 300 }
const box = { left: 100, top: 50, right: 300, bottom: 150 }

test('a part moves as far as the picture goes, and keeps its size', () => {
  expect(moved(box, { x: 10, y: -5 }, picture)).toEqual({ left: 110, top: 45, right: 310, bottom: 145 })
  expect(moved(box, { x: 999, y: 999 }, picture)).toEqual({ left: 200, top: 200, right: 400, bottom: 300 })
  expect(moved(box, { x: -999, y: -999 }, picture)).toEqual({ left: 0, top: 0, right: 200, bottom: 100 })
})

test('a corner that is dragged keeps the proportions, unless they may change; the corner across stays', () => {
  expect(cornerMoved(box, 'bottom right', { x: 50, y: 0 }, picture, false)).toEqual({ ...box, right: 350, bottom: 175 })
  expect(cornerMoved(box, 'top left', { x: 100, y: 100 }, picture, false)).toEqual({ ...box, left: 200, top: 100 })
  expect(cornerMoved(box, 'bottom right', { x: 50, y: 7 }, picture, true)).toEqual({ ...box, right: 350, bottom: 157 })
  for (const corner of corners) {
    for (const far of [-9999, 9999]) {
      for (const isFree of [true, false]) {
        const { left, top, right, bottom } = cornerMoved(box, corner, { x: far, y: far }, picture, isFree)
        expect([left >= 0, top >= 0, right <= 400, bottom <= 300]).toEqual([true, true, true, true])
        expect(Math.min(right - left, bottom - top)).toBeGreaterThanOrEqual(8)
        if (!isFree) expect((right - left) / (bottom - top)).toBeCloseTo(2, 9)
      }
    }
  }
})

test('a part grows about its middle and stays inside; whole pixels of it are kept', () => {
  expect(scaled(box, 1.2, picture)).toEqual({ left: 80, top: 40, right: 320, bottom: 160 })
  expect(scaled({ left: 0, top: 0, right: 100, bottom: 50 }, 2, picture)).toEqual({
    ...{ left: 0, top: 0, right: 200, bottom: 100 },
  })
  expect(scaled(box, 100, picture)).toEqual({ left: 0, top: 0, right: 400, bottom: 200 })
  expect(rounded({ left: -0.4, top: 0.6, right: 400.3, bottom: 99.5 }, picture)).toEqual({
    ...{ left: 0, top: 1, right: 400, bottom: 100 },
  })
})
