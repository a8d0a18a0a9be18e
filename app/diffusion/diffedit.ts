import { combine } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** DiffEdit's mask (Couairon et al. 2022, arXiv:2210.11427, section 3.2): where the noise that a network sees for what a picture shall say differs from
 *  that for what it says, in the mean over several noises. As the reference's StableDiffusionDiffEditPipeline.generate_mask.
 *  @param ratio differences beyond so many times their mean count alike; what is more than half of that is masked
 *  @param answers of the network under guidance, all of one shape: [noises, channels, height, width]
 *  @returns 0 and 1: [1, 1, height, width] */
export function differenceMask(source: Tensor, target: Tensor, ratio: number): Tensor {
  const [noises, channels, height, width] = source.shape
  const plane = height * width
  const differences = combine(source, target, (one, other) => Math.abs(other - one))
  const map = new Float32Array(plane)
  for (const [k, value] of differences.data.entries()) map[k % plane] += value / (noises * channels)
  const limit = (map.reduce((sum, value) => sum + value, 0) / plane) * ratio
  return tensor(
    [1, 1, height, width],
    map.map(value => (Math.min(value, limit) / limit > 0.5 ? 1 : 0)),
  )
}

/** Outside a mask the latents are those that the picture came through on its way to the noise.
 *  @param keptAt those after a call, from 1, for one picture or for each  @returns the hook `after` of THE denoising loop */
export const keptAlong =
  (mask: Tensor, keptAt: (call: number) => Tensor) =>
  (latents: Tensor, call: number): Tensor => {
    const kept = keptAt(call)
    const [, , height, width] = latents.shape
    return tensor(
      latents.shape,
      latents.data.map((value, k) => {
        const share = mask.data[k % (height * width)]
        return Math.fround(value * share) + Math.fround(kept.data[k % kept.data.length] * (1 - share))
      }),
    )
  }
