import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { clip, split } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { activations, convolution, groupNormalization } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { downsample, resnet, upsample } from './layers/resnet.ts'
import { selfAttention } from './layers/self-attention.ts'

/** Options of the reference's AutoencoderKL with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  in_channels: z.int().positive().default(3),
  out_channels: z.int().positive().default(3),
  down_block_types: z.array(z.literal('DownEncoderBlock2D')).default(['DownEncoderBlock2D']),
  up_block_types: z.array(z.literal('UpDecoderBlock2D')).default(['UpDecoderBlock2D']),
  block_out_channels: z.array(z.int().positive()).default([64]),
  layers_per_block: z.int().positive().default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  latent_channels: z.int().positive().default(4),
  norm_num_groups: z.int().positive().default(32),
  sample_size: z.union([z.int(), z.tuple([z.int(), z.int()])]).default(32),
  scaling_factor: z.number().default(0.18215),
  shift_factor: z.number().nullish(),
  use_quant_conv: z.boolean().default(true),
  use_post_quant_conv: z.boolean().default(true),
  mid_block_add_attention: z.boolean().default(true),
  latents_mean: z.null().optional(),
  latents_std: z.null().optional(),
})
export type AutoencoderKLConfig = z.output<typeof configSchema>

/** What one graph of an autoencoder is built for: sizes of its input (pixels to encode, latents to decode). */
export interface AutoencoderSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
}

/** AutoencoderKL (diffusers; Kingma & Welling 2013, arXiv:1312.6114).
 *  encode: sample [batch, 3, height, width] in [-1, 1] -> mean, logvar [batch, latent_channels, height / stride, width / stride], not scaled.
 *  decode: latents (not scaled) [batch, latent_channels, height, width] -> out_sample [batch, 3, height x stride, width x stride]. */
export const autoencoderKL: Family<AutoencoderKLConfig, AutoencoderSizes> = {
  className: 'AutoencoderKL',
  config: configSchema,
  graphs: { encode, decode },
}

/** Pixels per latent on each side. */
export const strideOf = (config: AutoencoderKLConfig): number => 2 ** (config.block_out_channels.length - 1)

// The reference writes this constant into its encoder and decoder.
const epsilon = 1e-6

function encode(layer: Layer, config: AutoencoderKLConfig, { batch, height, width }: AutoencoderSizes): void {
  const encoder = layer.at('encoder')
  const sample = layer.graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  let hidden = convolution(encoder.at('conv_in'), sample, config.block_out_channels[0])
  config.block_out_channels.forEach((out, level) => {
    const block = encoder.at('down_blocks', level)
    for (let k = 0; k < config.layers_per_block; k++) hidden = residual(block.at('resnets', k), hidden, out, config)
    if (level < config.block_out_channels.length - 1) {
      hidden = downsample(block.at('downsamplers', 0), hidden, { out, padding: 0 })
    }
  })
  hidden = middle(encoder.at('mid_block'), hidden, config)
  const channels = config.latent_channels
  hidden = convolution(encoder.at('conv_out'), activatedNorm(encoder, hidden, config), channels * 2)
  if (config.use_quant_conv) hidden = convolution(layer.at('quant_conv'), hidden, channels * 2, { kernel: 1 })
  const [mean, logvar] = split(hidden, 1, [channels, channels])
  layer.graph.output('mean', mean)
  // The reference's DiagonalGaussianDistribution limits it so.
  layer.graph.output('logvar', clip(logvar, -30, 20))
}

function decode(layer: Layer, config: AutoencoderKLConfig, { batch, height, width }: AutoencoderSizes): void {
  const decoder = layer.at('decoder')
  const channels = config.latent_channels
  const latents = layer.graph.input('latents', 'float32', [batch, channels, height, width])
  const widths = config.block_out_channels.toReversed()
  const start = config.use_post_quant_conv
    ? convolution(layer.at('post_quant_conv'), latents, channels, { kernel: 1 })
    : latents
  let hidden = middle(decoder.at('mid_block'), convolution(decoder.at('conv_in'), start, widths[0]), config)
  widths.forEach((out, level) => {
    const block = decoder.at('up_blocks', level)
    for (let k = 0; k < config.layers_per_block + 1; k++) hidden = residual(block.at('resnets', k), hidden, out, config)
    if (level < widths.length - 1) hidden = upsample(block.at('upsamplers', 0), hidden, { out })
  })
  layer.graph.output(
    'out_sample',
    convolution(decoder.at('conv_out'), activatedNorm(decoder, hidden, config), config.out_channels),
  )
}

const residual = (layer: Layer, x: Value, out: number, config: AutoencoderKLConfig): Value =>
  resnet(layer, x, { out, groups: config.norm_num_groups, epsilon })

const activatedNorm = (layer: Layer, x: Value, config: AutoencoderKLConfig): Value =>
  activations[config.act_fn](groupNormalization(layer.at('conv_norm_out'), x, config.norm_num_groups, epsilon))

function middle(block: Layer, x: Value, config: AutoencoderKLConfig): Value {
  const width = x.shape[1]
  const first = residual(block.at('resnets', 0), x, width, config)
  const attended = config.mid_block_add_attention ? attention(block.at('attentions', 0), first, config) : first
  return residual(block.at('resnets', 1), attended, width, config)
}

/** One head over all places of the picture. */
const attention = (layer: Layer, x: Value, config: AutoencoderKLConfig): Value =>
  selfAttention(layer, x, { groups: config.norm_num_groups, epsilon, heads: 1 })
