import { expect, test } from 'vitest'
import { tensor } from '../tensor/tensor.ts'
import { EncodedSet, mirrored } from './latents.ts'

test('a mirror swaps left and right in each row', () => {
  const { data } = mirrored(tensor([1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6)))
  expect([...data]).toEqual([3, 2, 1, 6, 5, 4])
})

test('each picture is encoded once, its mirrored form apart', async () => {
  const seen: number[][] = []
  const examples = ['a', 'b'].map(contentHash => ({
    ...{ contentHash, caption: '', size: { width: 2, height: 1 }, isClassImage: false, mayFlip: true },
  }))
  const set = { examples, read: async (index: number) => tensor([1, 1, 2], Float32Array.of(index, 9)) }
  const encoded = new EncodedSet(set, async pixels => {
    seen.push([...pixels.data])
    return { mean: pixels, logvar: pixels }
  })
  for (const isMirrored of [false, true, false]) for (const index of [0, 1]) await encoded.of(index, isMirrored)
  expect(seen).toEqual([
    [0, 9],
    [1, 9],
    [9, 0],
    [9, 1],
  ])
})
