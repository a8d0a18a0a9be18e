import { join } from 'node:path'
import { z } from 'zod'
import { autoencoderKL } from '../../../app/models/autoencoder-kl.ts'
import { combine, mix } from '../../../app/tensor/arithmetic.ts'
import { splitBatches } from '../../../app/tensor/batches.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import { list, type Replayer } from './replayer.ts'

const parameters = z.object({
  model: z.string(),
  seed: seedSchema,
  tiling: z.literal(false).default(false),
})

/** A picture to the distribution of its latents, a sample of it, and latents to pictures. */
export const replayAutoencoderKL: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return { leftOut: 'nothing encodes pictures in tiles yet' }
  const { model, seed } = parsed.data
  return withNetwork(autoencoderKL, join(root, model), async network => {
    const image = inputs.tensor('image')
    const [batch, , height, width] = image.shape
    const encoder = await network.session('encode', { batch, height, width })
    const { mean, logvar } = await encoder.run({ sample: image })

    const decode = async (latents: Tensor): Promise<Tensor> => {
      const [batch, , height, width] = latents.shape
      const decoder = await network.session('decode', { batch, height, width })
      return (await decoder.run({ latents })).out_sample
    }
    const latents = inputs.tensor('latents')
    const noise = new TorchGenerator(seed).normal(mean.shape)
    const spread = combine(logvar, noise, (logvar, noise) => Math.exp(logvar / 2) * noise)
    return {
      outputs: {
        mean,
        logvar,
        mode: mean,
        sample: mix([1, mean], [1, spread]),
        kl: list(divergences(mean, logvar)),
        reconstruction: await decode(mean),
        decoded: await decode(latents),
        decoded_scaled: await decode(mix([1 / network.config.scaling_factor, latents])),
      },
    }
  })
}

/** The Kullback-Leibler divergence of each picture's distribution from the standard normal one. */
const divergences = (mean: Tensor, logvar: Tensor): number[] => {
  const terms = combine(mean, logvar, (mean, logvar) => (mean ** 2 + Math.exp(logvar) - 1 - logvar) / 2)
  return splitBatches(terms, mean.shape[0]).map(({ data }) => data.reduce((sum, value) => sum + value, 0))
}
