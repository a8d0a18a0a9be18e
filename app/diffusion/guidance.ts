import { joinBatches, splitBatches } from '../tensor/batches.ts'
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** The network itself: noisy latents, timestep and text context [batch, tokens, width] to a prediction. */
export type PredictWithContext = (input: Tensor, timestep: number, context: Tensor) => Promise<Tensor>

/** What the picture is pulled towards and away from. */
export interface TextConditioning {
  /** The prompt. [batch, tokens, width] */
  readonly positive: Tensor
  /** The negative prompt, or the empty one. Same shape. */
  readonly negative: Tensor
}

/** Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, equation 6): both predictions in one call of twice the batch,
 *  then negative + scale * (positive - negative). At a scale of 1 or less the negative prompt is not computed, as in the reference.
 *  @param options.rescale 0 to 1: share of `rescaled` in the result */
export function guided(
  network: PredictWithContext,
  conditioning: TextConditioning,
  options: { readonly scale: number; readonly rescale: number },
): Predict {
  const { scale, rescale } = options
  if (scale <= 1) return (input, timestep) => network(input, timestep, conditioning.positive)
  const context = joinBatches([conditioning.negative, conditioning.positive])
  return async (input, timestep) => {
    const both = await network(joinBatches([input, input]), timestep, context)
    const [negative, positive] = splitBatches(both, 2)
    const combined = tensor(
      positive.shape,
      positive.data.map((value, k) =>
        Math.fround(negative.data[k] + Math.fround(scale * Math.fround(value - negative.data[k]))),
      ),
    )
    return rescale > 0 ? rescaled(combined, positive, rescale) : combined
  }
}

/** Guidance rescale (Lin et al. 2023, arXiv:2305.08891, equations 15 and 16): brings each member's standard deviation back to
 *  that of the positive prediction, and mixes with the unscaled result. */
function rescaled(combined: Tensor, positive: Tensor, share: number): Tensor {
  const [batch, ...rest] = combined.shape
  const size = sizeOf(rest)
  const data = new Float32Array(combined.data.length)
  for (let member = 0; member < batch; member++) {
    const [from, to] = [member * size, (member + 1) * size]
    const ratio = deviation(positive.data.subarray(from, to)) / deviation(combined.data.subarray(from, to))
    for (let k = from; k < to; k++) data[k] = combined.data[k] * (share * ratio + (1 - share))
  }
  return tensor(combined.shape, data)
}

/** The sample standard deviation (divided by n - 1), as torch's `std`. */
function deviation(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}
