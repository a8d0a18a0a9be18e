import { expect, test } from 'vitest'
import { cornersOfShape, inDirection, withCorner } from './shape-corners.ts'

const box = {
  shape: 'rectangle',
  points: [
    [0, 0],
    [40, 20],
  ],
} as const

test('a box is taken hold of at four corners, and the opposite one stays', () => {
  expect(cornersOfShape(box)).toEqual([
    { x: 0, y: 0 },
    { x: 40, y: 0 },
    { x: 40, y: 20 },
    { x: 0, y: 20 },
  ])
  for (const [corner, kept] of [
    [0, 2],
    [1, 3],
    [2, 0],
    [3, 1],
  ] as const) {
    const moved = { shape: box.shape, points: withCorner(box, corner, { x: 7, y: 9 }) }
    expect(cornersOfShape(moved)[corner]).toEqual({ x: 7, y: 9 })
    expect(cornersOfShape(moved)[kept]).toEqual(cornersOfShape(box)[kept])
  }
})

test('other shapes are taken hold of at their points', () => {
  const line = {
    shape: 'line',
    points: [
      [1, 2],
      [3, 4],
    ],
  } as const
  expect(withCorner(line, 1, { x: 9, y: 8 })).toEqual([
    [1, 2],
    [9, 8],
  ])
})

test('a line is held to a direction', () => {
  const { x, y } = inDirection({ x: 10, y: 10 }, { x: 110, y: 14 })
  expect(x).toBeCloseTo(110.08, 1)
  expect(y).toBeCloseTo(10)
})
