import type { Tensor } from '../tensor/tensor.ts'

/** One picture of a training set as a trainer plans with it: all that is known before its pixels are read. */
export interface TrainingExample {
  /** The words that describe it; '' where nothing is known. Trainers without words do not look at it. */
  readonly caption: string
  /** Of what `read` gives, in pixels: the bucket that the picture was cropped and scaled to. Multiples of what the model needs
   *  (its autoencoder's stride times the UNet's own); the reader of the set is told that number. Examples of one step share it. */
  readonly size: { readonly width: number; readonly height: number }
  /** Drawn by the model itself before training, of the class alone ("a cat"): prior preservation weighs it apart
   *  (Ruiz et al. 2022, arXiv:2208.12242, section 3.2). */
  readonly isClassImage: boolean
  /** Whether the mirrored picture shows the same: not so for letters, or for what has a left and a right. */
  readonly mayFlip: boolean
  /** Number of its class, from 0, for class-conditioned models; absent: none is known. */
  readonly label?: number
  /** SHA-256, in hex, of what `read` gives: the file's bytes with crop, size and orientation. Latents are kept under it. */
  readonly contentHash: string
  /** The file that it is made of, where that is known: what belongs to it is found by its name. */
  readonly path?: string
}

/** What a trainer learns from. Pictures that cannot be read are left out before a set is made (and listed for the person), so
 *  every example of it can be; the order is fixed, since seeds choose examples by number. */
export interface TrainingSet {
  /** At least one. */
  readonly examples: readonly TrainingExample[]
  /** What the classes are called, by their numbers; absent: the examples have none. */
  readonly classes?: readonly string[]
  /** Pixels of an example: [3, height, width] in [-1, 1], sRGB, upright, cropped and scaled to `examples[index].size`. The same
   *  numbers at each call.
   *  @throws Problem FILE_*, IMAGE_* where the file changed or went away since the set was made */
  read(index: number): Promise<Tensor>
}
