import type { Schedule } from '../schedulers/scheduler.ts'
import { mix } from '../tensor/arithmetic.ts'
import { firstChannels } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Predict } from './denoise.ts'

/** What the latent upscaler's network is asked and answers, in the words of its schedule: it is told log(sigma) / 4, answers between the sample and
 *  the clean latents (Karras et al. 2022, arXiv:2206.00364, table 1, "EDM"), and its last channel, a variance, is not used: the reference's
 *  StableDiffusionLatentUpscalePipeline. @param schedule in sigmas @param channels of the latents */
export function doubling(network: Predict, schedule: Schedule, channels: number): Predict {
  let call = 0
  return async (input, timestep) => {
    const { sigma } = schedule.noiseLevel(timestep, call++)
    const variance = Math.fround(Math.fround(sigma) ** 2) + 1
    const answer = firstChannels(await network(input, Math.fround(Math.log(sigma)) * 0.25), channels)
    // The input is the sample divided by sqrt(variance).
    return mix([Math.sqrt(variance) / variance, input], [sigma / Math.sqrt(variance), answer])
  }
}

/** Twice the size in both directions, each value four times: torch's nearest interpolation. [batch, channels, height, width] */
export function doubled({ shape: [batch, channels, height, width], data }: Tensor): Tensor {
  const twice = tensor([batch, channels, height * 2, width * 2])
  for (let k = 0; k < twice.data.length; k++) {
    const [plane, y, x] = [
      Math.floor(k / (height * width * 4)),
      Math.floor(k / (width * 2)) % (height * 2),
      k % (width * 2),
    ]
    twice.data[k] = data[(plane * height + (y >> 1)) * width + (x >> 1)]
  }
  return twice
}
