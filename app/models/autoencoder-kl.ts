import { z } from 'zod'
import { combine, mix } from '../tensor/arithmetic.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Family } from './family.ts'
import { type AutoencoderSizes, autoencoderOptions, decoder, encoder } from './layers/autoencoder.ts'
import { convolution } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

export { type AutoencoderSizes, strideOf } from './layers/autoencoder.ts'

/** Options of the reference's AutoencoderKL with its defaults; values that are not written here are refused. */
const configSchema = z
  .object({
    ...autoencoderOptions,
    latent_channels: z.int().positive().default(4),
    sample_size: z.union([z.int(), z.tuple([z.int(), z.int()])]).default(32),
    scaling_factor: z.number().default(0.18215),
    shift_factor: z.number().nullish(),
    /** Half precision is too small for its numbers. */
    force_upcast: z.boolean().default(false),
    use_quant_conv: z.boolean().default(true),
    use_post_quant_conv: z.boolean().default(true),
    latents_mean: z.array(z.number()).nullish(),
    latents_std: z.array(z.number().positive()).nullish(),
  })
  .refine(({ latents_mean: mean, latent_channels: channels }) => mean == null || mean.length === channels, {
    path: ['latents_mean'],
    error: 'it needs one number for each of the latent_channels',
  })
  .refine(
    ({ latents_std: deviation, latent_channels: channels }) => deviation == null || deviation.length === channels,
    {
      path: ['latents_std'],
      error: 'it needs one number for each of the latent_channels',
    },
  )
export type AutoencoderKLConfig = z.output<typeof configSchema>

/** AutoencoderKL (diffusers; Kingma & Welling 2013, arXiv:1312.6114).
 *  encode: sample [batch, 3, height, width] in [-1, 1] -> moments [batch, 2 x latent_channels, height / stride, width / stride]; see
 *  `latentDistribution`.
 *  decode: latents (not scaled) [batch, latent_channels, height, width] -> out_sample [batch, 3, height x stride, width x stride]. */
export const autoencoderKL: Family<AutoencoderKLConfig, AutoencoderSizes> = {
  className: 'AutoencoderKL',
  config: configSchema,
  computesInFull: config => config.force_upcast,
  graphs: { encode, decode },
}

function encode(layer: Layer, config: AutoencoderKLConfig, { batch, height, width }: AutoencoderSizes): void {
  const sample = layer.graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  const channels = config.latent_channels * 2
  const hidden = encoder(layer.at('encoder'), sample, channels, config)
  const moments = config.use_quant_conv ? convolution(layer.at('quant_conv'), hidden, channels, { kernel: 1 }) : hidden
  layer.graph.output('moments', moments)
}

function decode(layer: Layer, config: AutoencoderKLConfig, { batch, height, width }: AutoencoderSizes): void {
  const channels = config.latent_channels
  const latents = layer.graph.input('latents', 'float32', [batch, channels, height, width])
  const start = config.use_post_quant_conv
    ? convolution(layer.at('post_quant_conv'), latents, channels, { kernel: 1 })
    : latents
  layer.graph.output('out_sample', decoder(layer.at('decoder'), start, config))
}

/** Where the latents of pictures lie: a normal distribution for each number. */
export interface LatentDistribution {
  /** [batch, channels, height, width], not scaled. */
  readonly mean: Tensor
  /** Natural logarithm of the variance, of the same shape, within -30 to 20 as in the reference's DiagonalGaussianDistribution. */
  readonly logvar: Tensor
}

/** Takes moments [batch, 2 x channels, height, width] apart. */
export function latentDistribution({ shape: [batch, both, height, width], data }: Tensor): LatentDistribution {
  const size = (both / 2) * height * width
  const half = (which: number, limit: (value: number) => number) => {
    const part = tensor([batch, both / 2, height, width])
    for (let member = 0; member < batch; member++) {
      const start = (member * 2 + which) * size
      part.data.set(data.subarray(start, start + size).map(limit), member * size)
    }
    return part
  }
  return { mean: half(0, value => value), logvar: half(1, value => Math.min(Math.max(value, -30), 20)) }
}

/** Latents of that distribution, not scaled. @param noise standard normal, of the same shape */
export const drawnLatents = ({ mean, logvar }: LatentDistribution, noise: Tensor): Tensor =>
  mix([1, mean], [1, combine(logvar, noise, (logvar, noise) => Math.fround(Math.exp(logvar / 2)) * noise)])

/** What a UNet works on, from what the encoder gives: (latents - mean) x scaling_factor / deviation, with the config's mean and deviation
 *  by channel; a shift_factor is a mean of all channels. */
export const scaledLatents = (latents: Tensor, config: AutoencoderKLConfig): Tensor =>
  byChannel(latents, config, (value, mean, scale, deviation) =>
    Math.fround(Math.fround(Math.fround(value - mean) * scale) / deviation),
  )

/** What the decoder takes, from what a UNet works on: the inverse of `scaledLatents`. */
export const unscaledLatents = (latents: Tensor, config: AutoencoderKLConfig): Tensor =>
  byChannel(
    latents,
    config,
    (value, mean, scale, deviation) => Math.fround(Math.fround(value * deviation) / scale) + mean,
  )

/** Single precision throughout, as in the reference. */
function byChannel(
  { shape, data }: Tensor,
  config: AutoencoderKLConfig,
  map: (value: number, mean: number, scale: number, deviation: number) => number,
): Tensor {
  const [, channels, height, width] = shape
  const scale = Math.fround(config.scaling_factor)
  const means = Array.from({ length: channels }, (_, k) =>
    Math.fround(config.latents_mean?.[k] ?? config.shift_factor ?? 0),
  )
  const deviations = Array.from({ length: channels }, (_, k) => Math.fround(config.latents_std?.[k] ?? 1))
  return tensor(
    shape,
    data.map((value, at) => {
      const channel = Math.floor(at / (height * width)) % channels
      return map(value, means[channel], scale, deviations[channel])
    }),
  )
}
