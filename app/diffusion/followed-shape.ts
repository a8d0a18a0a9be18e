import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { GuidanceConditioning } from '../runtime/conditioning.ts'
import type { Schedule } from '../schedulers/scheduler.ts'
import { repeatEach, splitBatches } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'
import { blended, keepOutside } from './masked.ts'

/** What is drawn into, and how closely. */
export interface ShapeToFollow {
  readonly schedule: Schedule
  /** What was painted: [1, 1, height, width] of 0 and 1. */
  readonly mask: Tensor
  /** Latents of the picture (scaled), x_0. [pictures, channels, height, width] */
  readonly clean: Tensor
  /** What they begin with; of the same shape. */
  readonly noise: Tensor
  /** How precise the mask is, s: 0 is the object's own outline. */
  readonly level: number
}

/** Draws an object into a mask and leaves what is around it (SmartBrush, Xie et al. 2023, arXiv:2212.05034, "background preservation"): at each call the
 *  network says where inside the mask the object is; the rest is the picture from then on. The network sees noise inside the mask alone, and x_0 around.
 *
 *  In the paper what lies outside the predicted mask is put back as x_0 at once. Here it is kept at the level of the step, so that a place which the network
 *  first leaves out can still join, and so that all of the mask is noisy, as it was when it learned; after the last call it is x_0. At level 0 the mask
 *  itself is the object's. A prediction that marks nothing leaves the whole mask. */
export class FollowedShape {
  readonly #shape: ShapeToFollow
  readonly #keep: (latents: Tensor, call: number) => Tensor
  #mask: Tensor
  #found: Tensor | undefined

  constructor(shape: ShapeToFollow) {
    this.#shape = shape
    this.#mask = repeatEach(shape.mask, shape.clean.shape[0])
    this.#keep = keepOutside({ ...shape, maskAt: () => this.#mask })
  }

  /** Where the objects are, as far as that is known: [pictures, 1, height, width] of 0 and 1, inside the mask. */
  get objects(): Tensor {
    return this.#mask
  }

  /** What the network sees beside the latents: m_s. */
  get beside(): Tensor {
    return repeatEach(this.#shape.mask, this.#shape.clean.shape[0])
  }

  /** The conditioning with how precise the mask is. */
  readonly told = ({ positive, negative }: GuidanceConditioning): GuidanceConditioning => {
    const pictures = this.#shape.clean.shape[0]
    const class_labels = tensor([pictures], new Float32Array(pictures).fill(this.#shape.level))
    return { positive: { ...positive, class_labels }, negative: { ...negative, class_labels } }
  }

  /** The predictions for latents that are noisy inside the mask alone. */
  readonly around =
    (predict: Predict): Predict =>
    (input, timestep) => {
      this.#found = undefined
      return predict(blended(this.#shape.clean, input, this.#shape.mask), timestep)
    }

  /** What `Denoiser.predictor` tells of the wanted pictures; of several at one step the first counts, which is for the whole picture. */
  readonly onObjectMask = (found: Tensor): void => {
    this.#found ??= found
  }

  /** As `denoise` takes it. */
  readonly after = (latents: Tensor, call: number): Tensor => {
    if (this.#shape.level > 0 && this.#found) this.#mask = insideOf(this.#shape.mask, this.#found)
    return this.#keep(latents, call)
  }
}

/** Of each picture, where the object is inside what was painted; all of that where it is nowhere. */
function insideOf(painted: Tensor, found: Tensor): Tensor {
  const plane = painted.data.length
  const each = splitBatches(found, found.shape[0]).map(({ data }) => {
    const inside = data.map((value, k) => (value >= 0.5 ? painted.data[k] : 0))
    return inside.includes(1) ? inside : painted.data
  })
  const data = new Float32Array(found.data.length)
  for (const [k, mask] of each.entries()) data.set(mask, k * plane)
  return tensor(found.shape, data)
}

/** A checkpoint's network that tells where objects are in the wanted pictures of each call, [pictures, 1, height, width].
 *  @param onObjectMask absent: nobody asks */
export const toldObjects = (
  checkpoint: Pick<Checkpoint, 'predictor' | 'runtime'>,
  onObjectMask: ((found: Tensor) => void) | undefined,
): Pick<Checkpoint, 'predictor' | 'runtime'> => {
  if (onObjectMask === undefined) return checkpoint
  return {
    runtime: checkpoint.runtime,
    predictor: (latents, tokens, guided, controls, attention) =>
      checkpoint.predictor(latents, tokens, guided, controls, attention, mask => {
        const parts = splitBatches(mask, mask.shape[0] / latents[0])
        onObjectMask(parts[guided ? 1 : 0])
      }),
  }
}
