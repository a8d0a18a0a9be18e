import { join } from 'node:path'
import { z } from 'zod'
import {
  type AutoencoderKLConfig,
  type AutoencoderSizes,
  autoencoderKL,
  drawnLatents,
  latentDistribution,
  scaledLatents,
  strideOf,
  unscaledLatents,
} from '../../../app/models/autoencoder-kl.ts'
import type { Network } from '../../../app/runtime/network.ts'
import { inTiles, type Tiling } from '../../../app/runtime/tiles.ts'
import { combine, mix } from '../../../app/tensor/arithmetic.ts'
import { splitBatches } from '../../../app/tensor/batches.ts'
import { TorchGenerator } from '../../../app/tensor/random.ts'
import type { Tensor } from '../../../app/tensor/tensor.ts'
import { seedSchema } from '../goldens.ts'
import { withNetwork } from '../models.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  model: z.string(),
  seed: seedSchema,
  tiling: z.boolean().default(false),
  /** Pixels and latents on a side of a tile; the model's own sample_size unless given. */
  tile_sample: z.int().optional(),
  tile_latent: z.int().optional(),
})
type Parameters = z.output<typeof parameters>

/** A picture to the distribution of its latents, a sample of it, and latents to pictures. */
export const replayAutoencoderKL: Replayer = ({ params, inputs, root }) => {
  const parsed = parameters.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  return withNetwork(autoencoderKL, join(root, parsed.data.model), async network => {
    const { config } = network
    const tilings = tilingsOf(config, parsed.data)
    const decode = (latents: Tensor) =>
      inTiles(latents, tilings.decoding, tile => run(network, 'decode', { latents: tile }))
    const moments = await inTiles(inputs.tensor('image'), tilings.encoding, tile =>
      run(network, 'encode', { sample: tile }),
    )
    const { mean, logvar } = latentDistribution(moments)
    const latents = inputs.tensor('latents')
    const noise = new TorchGenerator(parsed.data.seed).normal(mean.shape)
    return {
      outputs: {
        mean,
        logvar,
        mode: mean,
        sample: drawnLatents({ mean, logvar }, noise),
        kl: list(divergences(mean, logvar)),
        reconstruction: await decode(mean),
        decoded: await decode(latents),
        decoded_scaled: await decode(mix([1 / config.scaling_factor, latents])),
        scaled: scaledLatents(mean, config),
        unscaled: unscaledLatents(latents, config),
      },
    }
  })
}

async function run(
  network: Network<AutoencoderKLConfig, AutoencoderSizes>,
  graph: 'encode' | 'decode',
  feed: Readonly<Record<string, Tensor>>,
): Promise<Tensor> {
  const [{ shape }] = Object.values(feed)
  const [batch, , height, width] = shape
  const session = await network.session(graph, { batch, height, width })
  const [output] = Object.values(await session.run(feed))
  return output
}

/** Without tiling, everything is computed whole. */
function tilingsOf(config: AutoencoderKLConfig, params: Parameters): { encoding: Tiling; decoding: Tiling } {
  const sample = params.tile_sample ?? [config.sample_size].flat()[0]
  const latent = params.tile_latent ?? Math.floor(sample / strideOf(config))
  const from = (side: number) => (params.tiling ? side : Infinity)
  return {
    encoding: { read: sample, made: latent, from: from(sample) },
    decoding: { read: latent, made: sample, from: from(latent) },
  }
}

/** The Kullback-Leibler divergence of each picture's distribution from the standard normal one. */
const divergences = (mean: Tensor, logvar: Tensor): number[] => {
  const terms = combine(mean, logvar, (mean, logvar) => (mean ** 2 + Math.exp(logvar) - 1 - logvar) / 2)
  return splitBatches(terms, mean.shape[0]).map(({ data }) => data.reduce((sum, value) => sum + value, 0))
}
