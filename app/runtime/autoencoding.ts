import { constant, type Value } from '../graph/graph.ts'
import { add, multiply } from '../graph/ops/index.ts'
import {
  type AutoencoderKLConfig,
  type AutoencoderSizes,
  type LatentDistribution,
  latentDistribution,
  strideOf,
  unscaledLatents,
} from '../models/autoencoder-kl.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { unitPicture } from './guidable.ts'
import type { Load, Network } from './network.ts'
import { decodingTiles, encodingTiles, inTiles, tilesOf } from './tiles.ts'
import type { Training } from './trainable.ts'

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

/** Writes what scaled latents [pictures, channels, height, width] show: [pictures, 3, height x stride, width x stride] in [0, 1]. */
export function writtenPicture(autoencoder: Autoencoder, training: Training, latents: Value): Value {
  const { config } = autoencoder
  const [batch, channels, height, width] = latents.shape
  // unscaledLatents is a line for each channel: from what it makes of 0 and of 1.
  const line = (value: number) =>
    unscaledLatents(tensor([1, channels, 1, 1], new Float32Array(channels).fill(value)), config).data
  const [offset, one] = [line(0), line(1)]
  const perChannel = (values: readonly number[]) => constant(training.graph, 'float32', [1, channels, 1, 1], values)
  const slope = perChannel(Array.from(one, (value, k) => value - offset[k]))
  const { out_sample } = training.part({
    network: autoencoder,
    graph: 'decode',
    sizes: { batch, height, width },
    inputs: { latents: add(multiply(latents, slope), perChannel([...offset])) },
    prefix: 'decoder ',
  })
  return unitPicture(out_sample)
}
