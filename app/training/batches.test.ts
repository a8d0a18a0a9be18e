import { expect, test } from 'vitest'
import { batchesOf } from './batches.ts'
import type { TrainingExample, TrainingSet } from './data.ts'

const example = (width: number, isClassImage = false): TrainingExample => ({
  ...{ caption: '', size: { width, height: 64 }, isClassImage, mayFlip: false, contentHash: '' },
})
const setOf = (examples: TrainingExample[]): TrainingSet => ({
  examples,
  read: async () => {
    throw new Error('not read')
  },
})

test('each passage takes every example once, in another order; batches have one size', () => {
  const set = setOf([64, 64, 64, 64, 64, 64, 96, 96].map(width => example(width)))
  const batches = batchesOf(set, 2, 7n)
  const passage = (k: number) => [0, 1, 2, 3].map(i => batches(4 * k + i))
  for (const k of [0, 1, 2]) {
    expect(
      passage(k)
        .flatMap(({ instances }) => [...instances])
        .sort(),
    ).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
    for (const { instances, size } of passage(k)) {
      expect(instances.map(index => set.examples[index].size.width)).toEqual([size.width, size.width])
    }
  }
  expect(passage(0)).not.toEqual(passage(1))
})

test('a batch follows from the seed and its number alone', () => {
  const set = setOf(Array.from({ length: 7 }, () => example(64)))
  const [one, other] = [batchesOf(set, 3, 1n), batchesOf(set, 3, 1n)]
  const all = [0, 1, 2, 3, 4, 5, 6].map(one)
  expect([6, 2, 5, 0].map(other)).toEqual([6, 2, 5, 0].map(k => all[k]))
  expect([0, 1, 2, 3].map(batchesOf(set, 3, 2n))).not.toEqual(all.slice(0, 4))
})

test('what does not fill its last batch begins again for it; one picture fills a batch alone', () => {
  const three = batchesOf(setOf([example(64), example(64), example(64)]), 2, 1n)
  expect([three(0), three(1)].flatMap(({ instances }) => [...instances])).toHaveLength(4)
  expect(batchesOf(setOf([example(64)]), 4, 1n)(0).instances).toEqual([0, 0, 0, 0])
})

test('class images accompany instances of their size, as many, and are no instances', () => {
  const set = setOf([example(64), example(64), example(64, true), example(64, true), example(96)])
  const batches = batchesOf(set, 1, 1n)
  for (const { instances, classImages } of [0, 1, 2, 3, 4, 5].map(batches)) {
    expect(instances).toHaveLength(1)
    expect(set.examples[instances[0]].isClassImage).toBe(false)
    expect(classImages).toHaveLength(set.examples[instances[0]].size.width === 64 ? 1 : 0)
    for (const index of classImages) expect(set.examples[index].isClassImage).toBe(true)
  }
})
