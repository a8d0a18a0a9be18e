import { type GuidanceConditioning, joinConditioning } from '../runtime/conditioning.ts'
import type { PredictConditioned } from '../runtime/denoiser.ts'
import { combine } from '../tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** Classifier-free guidance (Ho & Salimans 2022, arXiv:2207.12598, equation 6): both predictions in one call of twice the batch,
 *  then negative + scale * (positive - negative). At a scale of 1 or less the negative prompt is not computed, as in the reference.
 *  @param options.rescale 0 to 1: share of `rescaled` in the result */
export function guided(
  network: PredictConditioned,
  conditioning: GuidanceConditioning,
  options: { readonly scale: number; readonly rescale: number },
): Predict {
  const { scale, rescale } = options
  if (scale <= 1) return (input, timestep) => network(input, timestep, conditioning.positive)
  const both = joinConditioning([conditioning.negative, conditioning.positive])
  return async (input, timestep) => {
    const predictions = await network(joinBatches([input, input]), timestep, both)
    const [negative, positive] = splitBatches(predictions, 2)
    const combined = pulled(negative, positive, scale)
    return rescale > 0 ? rescaled(combined, positive, rescale) : combined
  }
}

/** Guidance by a text and by what the network sees beside the latents (Brooks et al. 2023, arXiv:2211.09800, equation 3), as the reference's
 *  StableDiffusionInstructPix2PixPipeline: three predictions in one call of three times the batch, in which what is beside is there, there,
 *  and zeros.  @param options.scale towards the text  @param options.besideScale towards what is beside */
export function guidedByBoth(
  network: PredictConditioned,
  { positive, negative }: GuidanceConditioning,
  { scale, besideScale }: { readonly scale: number; readonly besideScale: number },
): Predict {
  const all = joinConditioning([positive, negative, negative])
  return async (input, timestep) => {
    const predictions = await network(joinBatches([input, input, input]), timestep, all)
    const [told, shown, neither] = splitBatches(predictions, 3)
    const towardsText = combine(told, shown, (to, from) => Math.fround(scale * Math.fround(to - from)))
    const towardsBeside = combine(shown, neither, (to, from) => Math.fround(besideScale * Math.fround(to - from)))
    return combine(combine(neither, towardsText, sum), towardsBeside, sum)
  }
}

const sum = (one: number, other: number): number => Math.fround(one + other)

/** negative + scale * (positive - negative), rounded as torch does. */
export const pulled = (negative: Tensor, positive: Tensor, scale: number): Tensor =>
  combine(negative, positive, (from, to) => from + Math.fround(scale * Math.fround(to - from)))

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

/** Guidance that a network was distilled to take as an input (Meng et al. 2022, arXiv:2210.03142; Luo et al. 2023,
 *  arXiv:2310.04378): sines and cosines of 1000 (scale - 1), as the reference's get_guidance_scale_embedding.
 *  @returns [1, width] */
export function guidanceEmbedding(scale: number, width: number): Tensor {
  const half = Math.floor(width / 2)
  const angles = Array.from({ length: half }, (_, k) => {
    const frequency = Math.fround(Math.exp(Math.fround(k * Math.fround(-Math.log(10000) / (half - 1)))))
    return Math.fround(Math.fround((scale - 1) * 1000) * frequency)
  })
  return tensor(
    [1, width],
    Float32Array.from({ length: width }, (_, k) =>
      k < half ? Math.sin(angles[k]) : k < 2 * half ? Math.cos(angles[k - half]) : 0,
    ),
  )
}
