import type { TorchGenerator } from '../tensor/random.ts'
import type { TrainingExample, TrainingSet } from './data.ts'
import { streamOf } from './loop.ts'

/** The examples of a batch, by number. All have one size. */
export interface Batch {
  readonly size: TrainingExample['size']
  /** What is learned. */
  readonly instances: readonly number[]
  /** What shall not be forgotten: as many class images, or none where there are none of this size. */
  readonly classImages: readonly number[]
}

/** The batches of a run. Each passage through the set takes every example once, in an order of its own; a size whose examples do not fill
 *  their last batch begins again for it.
 *  @param size examples of a batch  @returns the batch with a number, from 0 */
export function batchesOf({ examples }: TrainingSet, size: number, seed: bigint): (batch: number) => Batch {
  const sizes = Map.groupBy(examples.keys(), index => `${examples[index].size.width}x${examples[index].size.height}`)
  const groups = [...sizes.values()].map(indices => ({
    size: examples[indices[0]].size,
    instances: indices.filter(index => !examples[index].isClassImage),
    classImages: indices.filter(index => examples[index].isClassImage),
  }))
  const perPassage = groups.reduce((sum, { instances }) => sum + Math.ceil(instances.length / size), 0)
  let known: { readonly passage: number; readonly batches: readonly Batch[] } | undefined
  return number => {
    const passage = Math.floor(number / perPassage)
    if (known?.passage !== passage) {
      const random = streamOf(seed, `passage ${passage}`)
      const batches = groups.flatMap(group => dealt(group, size, random))
      known = { passage, batches: random.permutation(batches.length).map(k => batches[k]) }
    }
    return known.batches[number % perPassage]
  }
}

function dealt(group: Batch, size: number, random: TorchGenerator): Batch[] {
  const { instances, classImages } = group
  const order = random.permutation(instances.length).map(k => instances[k])
  return Array.from({ length: Math.ceil(order.length / size) }, (_, k) => ({
    size: group.size,
    instances: Array.from({ length: size }, (_, i) => order[(k * size + i) % order.length]),
    classImages:
      classImages.length === 0 ? [] : random.integers([size], 0, classImages.length).map(index => classImages[index]),
  }))
}
