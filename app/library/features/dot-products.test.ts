import { expect, test } from 'vitest'
import { DotProducts } from './dot-products.ts'

test.each([1, 7, 8, 9, 256])('products of rows of %i numbers are those that are added one by one', width => {
  const numbers = (from: number) => Float32Array.from({ length: width }, (_, k) => Math.sin(from * 31 + k * 7))
  const rows = new DotProducts(width)
  const count = 20_000
  for (let place = 0; place < count; place += 3) rows.put(place, numbers(place))
  rows.put(3, numbers(4))
  const out = new Float32Array(count)
  const wanted = numbers(5)
  let calls = 0
  for (let done = 0; done < count; calls++) done = rows.multiply(wanted, out, done)
  expect(calls).toBeGreaterThan(1)
  const product = (row: Float32Array) => row.reduce((sum, value, k) => sum + value * wanted[k], 0)
  for (const place of [0, 1, 3, 8190, 8193, 19_998, 19_999]) {
    const expected = place === 3 ? product(numbers(4)) : place % 3 === 0 ? product(numbers(place)) : 0
    expect(out[place]).toBeCloseTo(expected, 4)
  }
})
