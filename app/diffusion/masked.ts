import type { Schedule } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** What a picture keeps while a part of it is drawn anew. */
export interface Kept {
  readonly schedule: Schedule
  /** Its latents (scaled). [batch, channels, height, width] */
  readonly clean: Tensor
  /** The noise that its latents began with; of the same shape. */
  readonly noise: Tensor
  /** How much of each latent is drawn anew before a call (from 1; after the last: one more), 0 to 1. [batch or 1, 1, height, width] */
  readonly maskAt: (call: number) => Tensor
}

/** Blended latent diffusion (Avrahami et al. 2023, arXiv:2206.02779, section 4.1), as the reference's StableDiffusionInpaintPipeline does it with
 *  models that know nothing of masks: after each call, what lies outside the mask is the picture again, with as much of the first noise as the
 *  next call expects; after the last, without any. @returns the hook `after` of THE denoising loop */
export const keepOutside =
  ({ schedule, clean, noise, maskAt }: Kept) =>
  (latents: Tensor, call: number): Tensor => {
    const isLast = call === schedule.timesteps.length
    const { alpha, sigma } = isLast ? { alpha: 1, sigma: 0 } : schedule.noiseLevel(schedule.timesteps[call], call)
    const kept = isLast ? clean : mix([alpha, clean], [sigma, noise])
    return blended(kept, latents, maskAt(call + 1))
  }

/** (1 - mask) outside + mask inside, rounded as torch does. @param mask [batch or 1, 1, height, width] */
export function blended(outside: Tensor, inside: Tensor, mask: Tensor): Tensor {
  const [, channels, height, width] = outside.shape
  const plane = height * width
  const data = outside.data.map((value, k) => {
    const member = Math.floor(k / (channels * plane))
    const share = mask.data[((member * plane) % mask.data.length) + (k % plane)]
    return Math.fround(Math.fround(1 - share) * value) + Math.fround(share * inside.data[k])
  })
  return tensor(outside.shape, data)
}

/** A mask whose gray is a strength for each place (Levin & Fried 2023, arXiv:2306.00950, "differential diffusion", algorithm 1): a place joins the
 *  drawing when what is left of the run is no more than its own strength, and keeps the picture until then.
 *  @param mask [1, 1, height, width], 0 to 1  @param calls of the whole run, from the first that is made */
export const strengthByPlace =
  (mask: Tensor, { first, calls }: { readonly first: number; readonly calls: number }) =>
  (call: number): Tensor => {
    const left = 1 - (call - 1 - first) / (calls - first)
    return tensor(
      mask.shape,
      mask.data.map(strength => (strength > 0 && strength >= left - 1e-6 ? 1 : 0)),
    )
  }
