import { expect, test } from 'vitest'
import { tensor } from '../tensor/tensor.ts'
import { packLatents, unpackLatents } from './packed-latents.ts'

/* The pipelines that use them are replayed by test/parity (07_pipelines/flux). */

const counted = (shape: readonly number[]) => {
  const size = shape.reduce((product, side) => product * side, 1)
  return tensor(
    shape,
    Float32Array.from({ length: size }, (_, k) => k),
  )
}

test('patches stand row by row, in each the channels one after the other', () => {
  // Two channels of 2 x 4: the first holds 0 to 7, the second 8 to 15.
  const packed = packLatents(counted([1, 2, 2, 4]), 2)
  expect(packed.shape).toEqual([1, 2, 8])
  expect([...packed.data]).toEqual([0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15])
})

test('unpacking leads back', () => {
  const latents = counted([2, 3, 4, 6])
  expect(unpackLatents(packLatents(latents, 2), { height: 4, width: 6, patch: 2 })).toEqual(latents)
})
