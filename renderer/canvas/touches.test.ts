import { beforeEach, expect, test } from 'vitest'
import { Touches } from './touches.ts'

const done: unknown[] = []
let touches: Touches

beforeEach(() => {
  done.length = 0
  touches = new Touches({
    pan: (dx, dy) => done.push(['pan', dx, dy]),
    zoom: (factor, at) => done.push(['zoom', Number(factor.toFixed(2)), at.x]),
    tapped: count => done.push(['tapped', count]),
  })
})

test('one finger moves the canvas, after a short way', () => {
  touches.down(1, { x: 0, y: 0 }, 0)
  touches.move(1, { x: 4, y: 0 })
  touches.move(1, { x: 24, y: 5 })
  touches.up(1, 900)
  expect(done).toEqual([['pan', 20, 5]])
})

test('two fingers pinch around their middle', () => {
  touches.down(1, { x: 0, y: 0 }, 0)
  touches.down(2, { x: 100, y: 0 }, 5)
  touches.move(2, { x: 200, y: 0 })
  expect(done).toEqual([
    ['pan', 50, 0],
    ['zoom', 2, 100],
  ])
})

test('taps of two and three fingers are told apart from pinches and from long touches', () => {
  const tap = (fingers: number, length: number) => {
    for (let k = 0; k < fingers; k++) touches.down(k, { x: k * 50, y: 0 }, k)
    for (let k = 0; k < fingers; k++) touches.up(k, length + k)
  }
  tap(2, 100)
  tap(3, 100)
  tap(1, 100)
  tap(2, 800)
  expect(done).toEqual([
    ['tapped', 2],
    ['tapped', 3],
  ])
})
