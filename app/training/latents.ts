import type { LatentDistribution } from '../models/autoencoder-kl.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { TrainingSet } from './data.ts'
import type { KeptTensors } from './kept-tensors.ts'

/** What an autoencoder makes of the examples of a set: each is encoded once, mirrored ones apart; also by a later training, where it is kept. */
export class EncodedSet {
  readonly #set: TrainingSet
  readonly #encode: (pixels: Tensor) => Promise<LatentDistribution>
  readonly #kept: KeptTensors | undefined
  readonly #known = new Map<string, Promise<LatentDistribution>>()

  /** @param encode as `Checkpoint.encode`  @param kept what earlier trainings made; absent: nothing is kept */
  constructor(set: TrainingSet, encode: (pixels: Tensor) => Promise<LatentDistribution>, kept?: KeptTensors) {
    this.#set = set
    this.#encode = encode
    this.#kept = kept
  }

  /** The distribution of an example's latents, not scaled: [1, channels, height, width].
   *  @throws Problem FILE_*, IMAGE_* */
  async of(index: number, isMirrored: boolean): Promise<LatentDistribution> {
    const { contentHash, size } = this.#set.examples[index]
    const key = `${contentHash} ${isMirrored}`
    const compute = () => this.#compute(index, isMirrored)
    const known =
      this.#known.get(key) ?? this.#kept?.of(['latents', contentHash, size, isMirrored], compute) ?? compute()
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
