import { expect, test } from 'vitest'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { composed, regionShares } from './regions.ts'

const mask = (...values: number[]) => tensor([1, 1, 1, values.length], Float32Array.from(values))
const answering = (value: number) => async (input: Tensor) =>
  tensor(
    input.shape,
    input.data.map(() => value),
  )

test('at every place the shares add up to 1; regions over each other share, and what they leave follows the whole', () => {
  const [whole, one, other] = regionShares([
    { mask: mask(1, 1, 0, 0.5), weight: 1 },
    { mask: mask(0, 1, 0, 0), weight: 0.5 },
  ])
  expect([...whole]).toEqual([0, 0, 1, 0.5])
  expect([...one].map(share => Math.round(share * 1e6) / 1e6)).toEqual([1, 0.666667, 0, 0.5])
  expect([...other].map(share => Math.round(share * 1e6) / 1e6)).toEqual([0, 0.333333, 0, 0])
})

test("a prediction is each region's own where it is meant, in every channel and picture", async () => {
  const shares = regionShares([{ mask: mask(1, 0, 0.5), weight: 1 }])
  const predict = composed([answering(2), answering(6)], shares)
  const { shape, data } = await predict(tensor([2, 4, 1, 3]), 10)
  expect(shape).toEqual([2, 4, 1, 3])
  expect([...data]).toEqual(Array.from({ length: 8 }, () => [6, 2, 4]).flat())
})
