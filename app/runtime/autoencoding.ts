import {
  type AutoencoderKLConfig,
  type AutoencoderSizes,
  type LatentDistribution,
  latentDistribution,
  strideOf,
  unscaledLatents,
} from '../models/autoencoder-kl.ts'
import type { Shape, Tensor } from '../tensor/tensor.ts'
import type { Load, Network } from './network.ts'
import { decodingTiles, encodingTiles, inTiles, tilesOf } from './tiles.ts'

/** The autoencoder of a latent diffusion model. */
export type Autoencoder = Network<AutoencoderKLConfig, AutoencoderSizes>

/** Latents of the denoising network (scaled) to pixels [pictures, 3, height, width], about -1 to 1. Large ones are decoded in tiles. */
export async function decodeLatents(autoencoder: Autoencoder, latents: Tensor): Promise<Tensor> {
  const { config } = autoencoder
  return inTiles(unscaledLatents(latents, config), decodingTiles(strideOf(config)), async tile => {
    const [batch, , height, width] = tile.shape
    const session = await autoencoder.session('decode', { batch, height, width })
    return (await session.run({ latents: tile })).out_sample
  })
}

/** What `decodeLatents` takes for latents of a shape. */
export function decodingLoad(autoencoder: Autoencoder, [batch, , height, width]: Shape): Load {
  const { count, ...tile } = tilesOf(height, width, decodingTiles(strideOf(autoencoder.config)))
  const { footprint, work } = autoencoder.load('decode', { batch, ...tile })
  return { footprint, work: work * count }
}

/** Pixels [pictures, 3, height, width] in [-1, 1] to the distribution of their latents, not scaled. Large ones are encoded in tiles. */
export async function encodePixels(autoencoder: Autoencoder, pixels: Tensor): Promise<LatentDistribution> {
  const moments = await inTiles(pixels, encodingTiles(strideOf(autoencoder.config)), async tile => {
    const [batch, , height, width] = tile.shape
    const session = await autoencoder.session('encode', { batch, height, width })
    return (await session.run({ sample: tile })).moments
  })
  return latentDistribution(moments)
}
