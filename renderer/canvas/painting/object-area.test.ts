import { expect, test } from 'vitest'
import { type Coverage, coverageAt, ofRuns, partAt, resized } from './coverage.ts'
import { objectAt } from './object-area.ts'

type Colour = readonly [number, number, number]

/** A picture of `side` x `side` whose colours a function tells, with a little noise that is always the same. */
function picture(side: number, colourAt: (x: number, y: number) => Colour, noise = 4) {
  const data = new Uint8ClampedArray(side * side * 4)
  let seed = 1
  const random = () => {
    seed = (seed * 16807) % 2147483647
    return seed / 2147483647 - 0.5
  }
  for (let k = 0; k < side * side; k++) {
    const shift = 2 * noise * random()
    const [red, green, blue] = colourAt(k % side, Math.floor(k / side))
    data.set([red + shift, green + shift, blue + shift, 255], k * 4)
  }
  return data
}

/** A head with a dark outline and eyes, on white. */
const head =
  (side: number) =>
  (x: number, y: number): Colour => {
    const far = Math.hypot(x - side / 2, y - side / 2) / side
    const eye = Math.hypot(x - side * 0.4, y - side * 0.4) / side
    if (far > 0.3) return [250, 250, 250]
    if (far > 0.27) return [20, 20, 20]
    return eye < 0.05 ? [20, 20, 60] : [240, 190, 60]
  }

const at = (side: number) => ({ x: 0, y: 0, width: side, height: side })
/** Intersection over union with what is true. */
function agreement(found: Coverage, side: number, isTrue: (x: number, y: number) => boolean): number {
  let [both, either] = [0, 0]
  for (let k = 0; k < side * side; k++) {
    const [x, y] = [k % side, Math.floor(k / side)]
    const [a, b] = [coverageAt(found, x, y) > 127, isTrue(x, y)]
    both += Number(a && b)
    either += Number(a || b)
  }
  return both / either
}

test.each([128, 700])('a click on a part selects the whole object, outline, eyes and all (side %i)', side => {
  const pixels = picture(side, head(side))
  const isHead = (x: number, y: number) => Math.hypot(x - side / 2, y - side / 2) / side <= 0.3
  for (const point of [
    { x: side / 2, y: side * 0.6 },
    { x: side * 0.4, y: side * 0.4 },
  ]) {
    expect(agreement(objectAt(at(side), pixels, point, 50), side, isHead)).toBeGreaterThan(0.97)
  }
})

test('a click beside it selects what is around', () => {
  const side = 300
  const pixels = picture(side, head(side))
  const found = objectAt(at(side), pixels, { x: 10, y: 10 }, 50)
  const isAround = (x: number, y: number) => Math.hypot(x - side / 2, y - side / 2) / side > 0.3
  expect(agreement(found, side, isAround)).toBeGreaterThan(0.95)
})

test('it goes as far as edges, not as far as a colour: a shaded ball before a shaded wall', () => {
  const side = 240
  const ball = (x: number, y: number): Colour => {
    const isBall = Math.hypot(x - 120, y - 120) < 60
    return isBall ? [90 + x / 2, 60 + y / 3, 60] : [60 + y / 3, 90 + x / 4, 150]
  }
  const found = objectAt(at(side), picture(side, ball), { x: 140, y: 100 }, 50)
  expect(agreement(found, side, (x, y) => Math.hypot(x - 120, y - 120) < 60)).toBeGreaterThan(0.95)
})

test('less extent selects less', () => {
  const side = 200
  const pixels = picture(side, head(side))
  const area = (extent: number) =>
    objectAt(at(side), pixels, { x: 100, y: 120 }, extent).data.reduce((sum, value) => sum + value, 0)
  expect(area(0)).toBeLessThan(area(50))
  expect(area(50)).toBeLessThanOrEqual(area(100))
})

test('runs are read as they are written, and a part of them by itself', () => {
  const found = ofRuns([2, 3, 4, 2, 1], { width: 4, height: 3 })
  expect([...found.data].map(value => Number(value > 0))).toEqual([0, 0, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0])
  const part = partAt(ofRuns([1, 1, 1, 1, 4, 1], { width: 3, height: 3 }), { x: 1.5, y: 0.5 })
  expect(coverageAt(part, 1, 0)).toBe(255)
  expect(coverageAt(part, 2, 2)).toBe(0)
})

test('a mask of another size has soft edges where it was', () => {
  const small = ofRuns([2, 2, 2, 2], { width: 4, height: 2 })
  const large = resized(small, { width: 16, height: 8 })
  expect([0, 6, 7, 8, 9, 15].map(x => coverageAt(large, x, 4))).toEqual([0, 32, 96, 159, 223, 255])
})
