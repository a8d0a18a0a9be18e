import { expect, test } from 'vitest'
import { TorchGenerator } from '../tensor/random.ts'
import { block4, scales4, scales8, values4, values8 } from './quantize.ts'

test('8 bit: the largest magnitude of each output becomes 127, and the layout is taps, inputs, outputs', () => {
  // [out 2, in 2, taps 3]
  const weight = Float32Array.of(1, 2, 3, 4, 5, -12.7, 0, 0, 0, 0, 0, 127)
  const scales = scales8(weight, 2)
  expect([...scales]).toEqual([Math.fround(0.1), 1])
  const rows = [
    [10, 0],
    [40, 0],
    [20, 0],
    [50, 0],
    [30, 0],
    [-127, 127],
  ]
  expect([...values8(weight, 2, 3, scales)]).toEqual(rows.flat())
})

test('8 bit: no weight is off by more than half a step; zeros stay zeros', () => {
  const [out, inside] = [70, 40]
  const weight = new TorchGenerator(1n).normal([out, inside]).data.fill(0, 0, inside)
  const scales = scales8(weight, out)
  const values = values8(weight, out, 1, scales)
  let worst = 0
  for (let o = 0; o < out; o++) {
    for (let k = 0; k < inside; k++) {
      const error = Math.abs(values[k * out + o] * scales[o] - weight[o * inside + k]) / scales[o]
      worst = Math.max(worst, error)
    }
  }
  expect(worst).toBeLessThanOrEqual(0.5 + 1e-5)
  expect(worst).toBeGreaterThan(0.4)
  expect(values.filter((_, index) => index % out === 0).every(value => value === 0)).toBe(true)
})

const nibble = (values: Uint8Array, index: number) => (values[index >> 1] >> (4 * (index & 1))) & 15

test('4 bit: the largest magnitude of a block becomes -8, low half first, and what fills the last block counts as 0', () => {
  // One output of 34 inputs: a full block, and a block of two.
  const weight = new Float32Array(34)
  weight.set([8, -7, 1], 0)
  weight.set([-0.8, 0.36], block4)
  const scales = scales4(weight, 1)
  expect([...scales]).toEqual([-1, Math.fround(0.1)])
  const values = values4(weight, 1, scales)
  expect(values.length).toBe(32)
  expect([0, 1, 2, 3, 32, 33, 34, 63].map(index => nibble(values, index))).toEqual([0, 15, 7, 8, 0, 12, 8, 8])
})

test('4 bit: no weight is off by more than half a step, but for the end that has one step less', () => {
  const [out, inside] = [9, 100]
  const weight = new TorchGenerator(2n).normal([out, inside]).data
  const scales = scales4(weight, out)
  const values = values4(weight, out, scales)
  const blocks = Math.ceil(inside / block4)
  weight.forEach((value, index) => {
    const [o, k] = [Math.floor(index / inside), index % inside]
    const each = o * blocks + Math.floor(k / block4)
    const step = nibble(values, each * block4 + (k % block4)) - 8
    expect(Math.abs(step * scales[each] - value)).toBeLessThanOrEqual(Math.abs(scales[each]) * (step === 7 ? 1 : 0.501))
  })
})
