import type { LatentDistribution } from '../models/autoencoder-kl.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'

/** What an autoencoder makes of the examples of a set: each is encoded once, mirrored ones apart. */
export class EncodedSet {
  readonly #set: TrainingSet
  readonly #encode: (pixels: Tensor) => Promise<LatentDistribution>
  readonly #known = new Map<string, Promise<LatentDistribution>>()

  /** @param encode as `Checkpoint.encode` */
  constructor(set: TrainingSet, encode: (pixels: Tensor) => Promise<LatentDistribution>) {
    this.#set = set
    this.#encode = encode
  }

  /** The distribution of an example's latents, not scaled: [1, channels, height, width].
   *  @throws Problem FILE_*, IMAGE_* */
  async of(index: number, isMirrored: boolean): Promise<LatentDistribution> {
    const key = `${this.#set.examples[index].contentHash} ${isMirrored}`
    const known = this.#known.get(key) ?? this.#compute(index, isMirrored)
    this.#known.set(key, known)
    return known
  }

  async #compute(index: number, isMirrored: boolean): Promise<LatentDistribution> {
    const picture = await this.#set.read(index)
    const { shape, data } = isMirrored ? mirrored(picture) : picture
    return this.#encode(tensor([1, ...shape], data))
  }
}

/** A picture [channels, height, width] as a mirror shows it. */
export function mirrored({ shape, data }: Tensor): Tensor {
  const width = shape[shape.length - 1]
  return tensor(
    shape,
    data.map((_, i) => data[i - (i % width) + (width - 1 - (i % width))]),
  )
}
