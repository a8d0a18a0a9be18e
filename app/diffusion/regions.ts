import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** A part of the picture with words of its own. */
export interface Region {
  /** Where it is: 0 to 1 for each latent. [1, 1, height, width] */
  readonly mask: Tensor
  /** How much its places follow its own words, 0 to 1; the rest follows those of the whole picture. */
  readonly weight: number
}

/** How much each prediction counts at each place: first that of the whole picture, then those of the regions. Where regions lie over each other, they
 *  share. @returns as many numbers as latents of one channel, for each; at every place they add up to 1 */
export function regionShares(regions: readonly Region[]): Float32Array[] {
  const asked = regions.map(({ mask, weight }) => mask.data.map(value => value * weight))
  const [{ length }] = asked
  const whole = new Float32Array(length)
  for (let place = 0; place < length; place++) {
    const sum = asked.reduce((total, share) => total + share[place], 0)
    whole[place] = Math.max(1 - sum, 0)
    if (sum > 1) for (const share of asked) share[place] /= sum
  }
  return [whole, ...asked]
}

/** One prediction out of several, each of which counts where its words are meant: the weighted mean that MultiDiffusion takes (Bar-Tal et al. 2023,
 *  arXiv:2302.08113, equation 5 for one window and several prompts). @param shares as `regionShares` gives them */
export const composed =
  (predictions: readonly Predict[], shares: readonly Float32Array[]): Predict =>
  async (input, timestep) => {
    const answers: Tensor[] = []
    for (const predict of predictions) answers.push(await predict(input, timestep))
    const [{ shape, data }] = answers
    const plane = shares[0].length
    const sum = new Float32Array(data.length)
    for (const [k, answer] of answers.entries())
      for (let i = 0; i < sum.length; i++) sum[i] += answer.data[i] * shares[k][i % plane]
    return tensor(shape, sum)
  }
