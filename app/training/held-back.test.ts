import { expect, test } from 'vitest'
import { tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import { holdBack } from './held-back.ts'

/** Pictures whose only number is their own place; the last ones are class images. */
function setOf(own: number, classImages: number): TrainingSet {
  const examples = Array.from({ length: own + classImages }, (_, k) => ({
    ...{ caption: `${k}`, size: { width: 8, height: 8 }, isClassImage: k >= own, mayFlip: false, contentHash: `${k}` },
  }))
  return { examples, read: async index => tensor([1], Float32Array.of(index)) }
}

const captions = ({ examples }: TrainingSet) => examples.map(({ caption }) => caption)

test.each([
  [11, 0.125, 0],
  [12, 0.125, 2],
  [16, 0.125, 2],
  [24, 0.125, 3],
  [24, 0, 0],
])('of %i pictures at a share of %f, %i are held back', (own, share, expected) => {
  const { learned, heldBack } = holdBack(setOf(own, 2), share, 7n)
  expect(heldBack.examples).toHaveLength(expected)
  expect([...captions(learned), ...captions(heldBack)].sort()).toEqual(captions(setOf(own, 2)).sort())
  expect(heldBack.examples.some(({ isClassImage }) => isClassImage)).toBe(false)
})

test('the same seed holds the same pictures back; both parts read the pictures that their examples name', async () => {
  const { learned, heldBack } = holdBack(setOf(20, 3), 0.25, 3n)
  expect(captions(holdBack(setOf(20, 3), 0.25, 3n).heldBack)).toEqual(captions(heldBack))
  expect(captions(holdBack(setOf(20, 3), 0.25, 4n).heldBack)).not.toEqual(captions(heldBack))
  for (const part of [learned, heldBack]) {
    for (const [k, { caption }] of part.examples.entries()) expect((await part.read(k)).data[0]).toBe(Number(caption))
  }
})
