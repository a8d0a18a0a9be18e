import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, divide, multiply, relu, resizeNearest, subtract, tanh } from '../graph/ops/index.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { Family } from './family.ts'
import type { AutoencoderSizes } from './layers/autoencoder.ts'
import { activations, convolution } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

const widths = z
  .array(z.int().positive())
  .nonempty()
  .refine(all => all.every(width => width === all[0]), { error: 'the reference connects blocks of one width only' })
  .default([64, 64, 64, 64])

/** Options of the reference's AutoencoderTiny with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  in_channels: z.int().positive().default(3),
  out_channels: z.int().positive().default(3),
  encoder_block_out_channels: widths,
  decoder_block_out_channels: widths,
  act_fn: z.enum(['relu', 'silu', 'swish', 'gelu']).default('relu'),
  upsample_fn: z.literal('nearest').default('nearest'),
  latent_channels: z.int().positive().default(4),
  upsampling_scaling_factor: z.int().positive().default(2),
  num_encoder_blocks: z.array(z.int().nonnegative()).default([1, 3, 3, 3]),
  num_decoder_blocks: z.array(z.int().nonnegative()).default([3, 3, 3, 1]),
  latent_magnitude: z.number().positive().default(3),
  latent_shift: z.number().default(0.5),
  scaling_factor: z.number().default(1),
  shift_factor: z.number().nullish(),
})
export type AutoencoderTinyConfig = z.output<typeof configSchema>

/** AutoencoderTiny (diffusers; Bohan, TAESD): a small autoencoder for another one's latents, for quick previews.
 *  encode: sample [batch, 3, height, width] in [-1, 1] -> latents [batch, latent_channels, height / stride, width / stride], where the stride is
 *  2 for each block but the first. They are on the scale that a UNet works on.
 *  decode: latents [batch, latent_channels, height, width] -> out_sample [batch, 3, height x factor, width x factor], about -1 to 1, where the
 *  factor is upsampling_scaling_factor for each block but the last. */
export const autoencoderTiny: Family<AutoencoderTinyConfig, AutoencoderSizes> = {
  className: 'AutoencoderTiny',
  config: configSchema,
  graphs: { encode, decode },
}

function encode(layer: Layer, config: AutoencoderTinyConfig, { batch, height, width }: AutoencoderSizes): void {
  const sample = layer.graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  const next = inSequence(layer.at('encoder', 'layers'))
  let hidden = divide(add(sample, 1), 2)
  config.num_encoder_blocks.forEach((blocks, level) => {
    const out = config.encoder_block_out_channels[level]
    hidden = convolution(next(), hidden, out, level === 0 ? {} : { stride: 2, bias: false })
    for (let k = 0; k < blocks; k++) hidden = tinyBlock(next(), hidden, out, config)
  })
  layer.graph.output('latents', convolution(next(), hidden, config.latent_channels))
}

function decode(layer: Layer, config: AutoencoderTinyConfig, { batch, height, width }: AutoencoderSizes): void {
  const latents = layer.graph.input('latents', 'float32', [batch, config.latent_channels, height, width])
  const next = inSequence(layer.at('decoder', 'layers'))
  let hidden = multiply(tanh(divide(latents, 3)), 3)
  hidden = convolution(next(), hidden, config.decoder_block_out_channels[0])
  next() // the activation has a place in the sequence too, and so has each enlargement below
  hidden = activations[config.act_fn](hidden)
  const last = config.num_decoder_blocks.length - 1
  config.num_decoder_blocks.forEach((blocks, level) => {
    const out = config.decoder_block_out_channels[level]
    for (let k = 0; k < blocks; k++) hidden = tinyBlock(next(), hidden, out, config)
    if (level < last) {
      next()
      hidden = enlarged(hidden, config.upsampling_scaling_factor)
    }
    hidden = convolution(next(), hidden, level < last ? out : config.out_channels, { bias: level === last })
  })
  layer.graph.output('out_sample', subtract(multiply(hidden, 2), 1))
}

/** The layers of a torch.nn.Sequential one after the other: `layers.0`, `layers.1`, ... */
function inSequence(layers: Layer): () => Layer {
  let index = 0
  return () => layers.at(index++)
}

const enlarged = (x: Value, factor: number): Value => resizeNearest(x, x.shape[2] * factor, x.shape[3] * factor)

/** The reference's `AutoencoderTinyBlock`: three convolutions, added to what came in. */
function tinyBlock(layer: Layer, x: Value, out: number, config: AutoencoderTinyConfig): Value {
  return layer.block(() => {
    const act = activations[config.act_fn]
    const first = act(convolution(layer.at('conv', 0), x, out))
    const second = act(convolution(layer.at('conv', 2), first, out))
    return relu(add(convolution(layer.at('conv', 4), second, out), x))
  })
}

/** Latents as an ordinary picture would hold them, in [0, 1]: the reference's `scale_latents`. */
export const latentsToUnit = ({ shape, data }: Tensor, config: AutoencoderTinyConfig): Tensor =>
  tensor(
    shape,
    data.map(value => {
      const unit = Math.fround(value / (2 * config.latent_magnitude)) + config.latent_shift
      return Math.min(Math.max(unit, 0), 1)
    }),
  )

/** The latents that such a picture stands for: the reference's `unscale_latents`. */
export const latentsFromUnit = ({ shape, data }: Tensor, config: AutoencoderTinyConfig): Tensor =>
  tensor(
    shape,
    data.map(unit => Math.fround(unit - config.latent_shift) * (2 * config.latent_magnitude)),
  )
