import { expect, test } from 'vitest'
import { filledIn } from './fill.ts'
import { blurred, boxAround, cropped, laidOver, maskedBox, softenedInside, wholeOf } from './masks.ts'

/** A mask with a marked rectangle. */
function marking(width: number, height: number, box: { left: number; top: number; right: number; bottom: number }) {
  const data = new Uint8Array(width * height)
  for (let y = box.top; y < box.bottom; y++) data.fill(255, y * width + box.left, y * width + box.right)
  return { width, height, data }
}

/** A picture whose bytes are all different enough. */
const picture = (width: number, height: number) => ({
  ...{ width, height },
  data: Uint8Array.from({ length: width * height * 3 }, (_, k) => (k * 37 + 11) % 256),
})

const box = { left: 5, top: 7, right: 9, bottom: 15 }

test('the box of a mask is the smallest that holds what it marks; nothing marked has none', () => {
  expect(maskedBox(marking(20, 30, box))).toEqual(box)
  expect(maskedBox(marking(20, 30, { left: 0, top: 0, right: 20, bottom: 30 }))).toEqual(
    wholeOf({ width: 20, height: 30 }),
  )
  expect(maskedBox(marking(20, 30, { ...box, bottom: 7 }))).toBeUndefined()
})

test('the box around a mask has the proportions of the drawing, and stays inside the picture', () => {
  const square = boxAround({ width: 100, height: 80 }, box, { width: 64, height: 64 }, 3)
  expect(square.right - square.left).toBe(square.bottom - square.top)
  for (const size of [
    { width: 64, height: 64 },
    { width: 128, height: 32 },
    { width: 32, height: 128 },
  ]) {
    const { left, top, right, bottom } = boxAround({ width: 40, height: 30 }, box, size, 4)
    expect(left).toBeGreaterThanOrEqual(0)
    expect(top).toBeGreaterThanOrEqual(0)
    expect(right).toBeLessThanOrEqual(40)
    expect(bottom).toBeLessThanOrEqual(30)
    expect(left).toBeLessThanOrEqual(box.left)
    expect(bottom).toBeGreaterThanOrEqual(box.bottom)
  }
})

test('what is laid over changes no byte outside the mask, and takes the place of what is marked', () => {
  const old = picture(20, 30)
  const drawn = { width: 20, height: 30, data: new Uint8Array(20 * 30 * 3).fill(200) }
  const mask = marking(20, 30, box)
  const whole = laidOver(old, drawn, mask, wholeOf(old))
  for (let place = 0; place < 20 * 30; place++) {
    const found = whole.data.subarray(place * 3, place * 3 + 3)
    expect(found).toEqual(
      mask.data[place] === 0 ? old.data.subarray(place * 3, place * 3 + 3) : drawn.data.subarray(0, 3),
    )
  }
  const part = laidOver(old, cropped(drawn, box), mask, box)
  expect(part.data).toEqual(whole.data)
})

test('a soft edge lies inside the mask: outside it is nothing, in the middle all', () => {
  const mask = marking(60, 60, { left: 10, top: 10, right: 50, bottom: 50 })
  const soft = softenedInside(mask, 8)
  soft.data.forEach((value, place) => {
    if (mask.data[place] === 0) expect(value).toBe(0)
    else expect(value).toBeGreaterThan(0)
  })
  expect(soft.data[30 * 60 + 30]).toBe(255)
  expect(soft.data[30 * 60 + 10]).toBeLessThan(100)
  expect(softenedInside(mask, 0).data).toEqual(mask.data)
})

test('blurring keeps what is even, and the sum of what is not', () => {
  const even = marking(20, 20, { left: 0, top: 0, right: 20, bottom: 20 })
  expect(blurred(even, 3).data).toEqual(even.data)
  const sum = (data: Uint8Array) => data.reduce((total, value) => total + value, 0)
  const mask = marking(60, 60, { left: 25, top: 25, right: 35, bottom: 35 })
  expect(Math.abs(sum(blurred(mask, 3).data) / sum(mask.data) - 1)).toBeLessThan(0.02)
})

test('surroundings are drawn into a hole: one colour stays one colour, and nothing outside it changes', () => {
  const plain = { width: 33, height: 21, data: new Uint8Array(33 * 21 * 3).fill(77) }
  const mask = marking(33, 21, { left: 4, top: 3, right: 28, bottom: 18 })
  const holed = { ...plain, data: plain.data.map((value, k) => (mask.data[Math.floor(k / 3)] > 0 ? 200 : value)) }
  expect(filledIn(holed, mask, 'surroundings').data).toEqual(plain.data)
  const busy = picture(33, 21)
  for (const fill of ['surroundings', 'gray'] as const) {
    const filled = filledIn(busy, mask, fill)
    filled.data.forEach((value, k) => {
      if (mask.data[Math.floor(k / 3)] === 0) expect(value).toBe(busy.data[k])
    })
    expect(filled.data).not.toEqual(busy.data)
  }
  const everything = marking(33, 21, { left: 0, top: 0, right: 33, bottom: 21 })
  expect(filledIn(busy, everything, 'surroundings').data.length).toBe(busy.data.length)
  expect(filledIn(busy, mask, 'picture')).toBe(busy)
})
