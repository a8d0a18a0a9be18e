import { z } from 'zod'
import type { Value } from '../../graph/graph.ts'
import { activations, convolution, groupNormalization } from './basic.ts'
import type { Layer } from './layer.ts'
import { downsample, resnet, upsample } from './resnet.ts'
import { selfAttention } from './self-attention.ts'

/** Options that the reference's Encoder and Decoder share, with their defaults: part of the schemas of AutoencoderKL and VQModel. */
export const autoencoderOptions = {
  in_channels: z.int().positive().default(3),
  out_channels: z.int().positive().default(3),
  down_block_types: z.array(z.enum(['DownEncoderBlock2D', 'AttnDownEncoderBlock2D'])).default(['DownEncoderBlock2D']),
  up_block_types: z.array(z.enum(['UpDecoderBlock2D', 'AttnUpDecoderBlock2D'])).default(['UpDecoderBlock2D']),
  block_out_channels: z.array(z.int().positive()).default([64]),
  layers_per_block: z.int().positive().default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  norm_num_groups: z.int().positive().default(32),
  mid_block_add_attention: z.boolean().default(true),
}
const options = z.object(autoencoderOptions)
type Options = z.output<typeof options>

/** What one graph of an autoencoder is built for: sizes of its input (pixels to encode, latents to decode). */
export interface AutoencoderSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
}

/** Pixels per latent on each side. */
export const strideOf = (config: Pick<Options, 'block_out_channels'>): number =>
  2 ** (config.block_out_channels.length - 1)

// The reference writes this constant into its encoder and decoder.
const epsilon = 1e-6

/** The reference's `Encoder`: pixels [batch, in_channels, height, width] -> [batch, out, height / stride, width / stride]. */
export function encoder(layer: Layer, sample: Value, out: number, config: Options): Value {
  const { block_out_channels: widths } = config
  let hidden = convolution(layer.at('conv_in'), sample, widths[0])
  widths.forEach((width, level) => {
    const block = layer.at('down_blocks', level)
    const attends = config.down_block_types[level] === 'AttnDownEncoderBlock2D'
    for (let k = 0; k < config.layers_per_block; k++) hidden = blockLayer(block, k, hidden, width, attends, config)
    if (level < widths.length - 1) hidden = downsample(block.at('downsamplers', 0), hidden, { out: width, padding: 0 })
  })
  hidden = middle(layer.at('mid_block'), hidden, config)
  return convolution(layer.at('conv_out'), activatedNorm(layer, hidden, config), out)
}

/** The reference's `Decoder`: latents [batch, channels, height, width] -> [batch, out_channels, height x stride, width x stride]. */
export function decoder(layer: Layer, latents: Value, config: Options): Value {
  const widths = config.block_out_channels.toReversed()
  let hidden = middle(layer.at('mid_block'), convolution(layer.at('conv_in'), latents, widths[0]), config)
  widths.forEach((width, level) => {
    const block = layer.at('up_blocks', level)
    const attends = config.up_block_types[level] === 'AttnUpDecoderBlock2D'
    for (let k = 0; k < config.layers_per_block + 1; k++) hidden = blockLayer(block, k, hidden, width, attends, config)
    if (level < widths.length - 1) hidden = upsample(block.at('upsamplers', 0), hidden, { out: width })
  })
  return convolution(layer.at('conv_out'), activatedNorm(layer, hidden, config), config.out_channels)
}

function blockLayer(block: Layer, k: number, x: Value, width: number, attends: boolean, config: Options): Value {
  const hidden = residual(block.at('resnets', k), x, width, config)
  return attends ? attention(block.at('attentions', k), hidden, config) : hidden
}

const residual = (layer: Layer, x: Value, out: number, config: Options): Value =>
  resnet(layer, x, { out, groups: config.norm_num_groups, epsilon })

const activatedNorm = (layer: Layer, x: Value, config: Options): Value =>
  activations[config.act_fn](groupNormalization(layer.at('conv_norm_out'), x, config.norm_num_groups, epsilon))

function middle(block: Layer, x: Value, config: Options): Value {
  const width = x.shape[1]
  const first = residual(block.at('resnets', 0), x, width, config)
  const attended = config.mid_block_add_attention ? attention(block.at('attentions', 0), first, config) : first
  return residual(block.at('resnets', 1), attended, width, config)
}

/** One head over all places of the picture. */
const attention = (layer: Layer, x: Value, config: Options): Value =>
  selfAttention(layer, x, { groups: config.norm_num_groups, epsilon, heads: 1 })
