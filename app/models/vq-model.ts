import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { argMin, cast, matMul, multiply, reduceMean, reshape, subtract, transpose } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { type AutoencoderSizes, autoencoderOptions, decoder, encoder } from './layers/autoencoder.ts'
import { convolution } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'

/** Options of the reference's VQModel with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  ...autoencoderOptions,
  latent_channels: z.int().positive().default(3),
  num_vq_embeddings: z.int().positive().default(256),
  /** Absent: as many as latent_channels. */
  vq_embed_dim: z.int().positive().nullish(),
  scaling_factor: z.number().default(0.18215),
  norm_type: z.literal('group').default('group'),
})
export type VQModelConfig = z.output<typeof configSchema>

/** VQModel (diffusers; van den Oord et al. 2017, arXiv:1711.00937; Esser et al. 2021, arXiv:2012.09841): an autoencoder whose latents are
 *  entries of a codebook. Its latents have vq_embed_dim channels.
 *  encode: sample [batch, 3, height, width] in [-1, 1] -> latents [batch, channels, height / stride, width / stride].
 *  quantize: latents -> quantized of the same shape, the nearest entries; indices [batch x height x width], their places as float32.
 *  decode: latents of any kind [batch, channels, height, width] -> out_sample [batch, 3, height x stride, width x stride]; what it decodes are
 *  the nearest entries.
 *  decode_indices: indices [batch, height, width] -> out_sample. */
export const vqModel: Family<VQModelConfig, AutoencoderSizes> = {
  className: 'VQModel',
  config: configSchema,
  // The nearest entry of the codebook is chosen by small differences.
  computesInFull: () => true,
  graphs: { encode, quantize, decode, decode_indices: decodeIndices },
}

const channelsOf = (config: VQModelConfig): number => config.vq_embed_dim ?? config.latent_channels

function encode(layer: Layer, config: VQModelConfig, { batch, height, width }: AutoencoderSizes): void {
  const sample = layer.graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  const hidden = encoder(layer.at('encoder'), sample, config.latent_channels, config)
  layer.graph.output('latents', convolution(layer.at('quant_conv'), hidden, channelsOf(config), { kernel: 1 }))
}

function quantize(layer: Layer, config: VQModelConfig, sizes: AutoencoderSizes): void {
  const indices = nearest(layer, latentsInput(layer, config, sizes), config)
  layer.graph.output('indices', cast(indices, 'float32'))
  layer.graph.output('quantized', entries(layer, indices, config, sizes))
}

function decode(layer: Layer, config: VQModelConfig, sizes: AutoencoderSizes): void {
  const indices = nearest(layer, latentsInput(layer, config, sizes), config)
  decodeEntries(layer, entries(layer, indices, config, sizes), config)
}

function decodeIndices(layer: Layer, config: VQModelConfig, sizes: AutoencoderSizes): void {
  const { batch, height, width } = sizes
  const indices = layer.graph.input('indices', 'int64', [batch, height, width])
  decodeEntries(layer, entries(layer, reshape(indices, [batch * height * width]), config, sizes), config)
}

const latentsInput = (layer: Layer, config: VQModelConfig, { batch, height, width }: AutoencoderSizes): Value =>
  layer.graph.input('latents', 'float32', [batch, channelsOf(config), height, width])

function decodeEntries(layer: Layer, quantized: Value, config: VQModelConfig): void {
  const start = convolution(layer.at('post_quant_conv'), quantized, config.latent_channels, { kernel: 1 })
  layer.graph.output('out_sample', decoder(layer.at('decoder'), start, config))
}

const codebookShape = (config: VQModelConfig) => [config.num_vq_embeddings, channelsOf(config)]

/** The place in the codebook of the entry nearest to each latent: [batch, channels, height, width] -> [batch x height x width]. */
function nearest(layer: Layer, latents: Value, config: VQModelConfig): Value {
  const [batch, channels, height, width] = latents.shape
  const rows = reshape(transpose(latents, [0, 2, 3, 1]), [batch * height * width, channels])
  const codebook = layer.at('quantize', 'embedding').parameter('weight', codebookShape(config), { anchor: latents })
  // |latent - entry|² = |latent|² - 2 latent · entry + |entry|²; the first term is the same for all entries.
  const squares = multiply(reduceMean(multiply(codebook, codebook), 1), channels)
  const distances = subtract(
    reshape(squares, [1, config.num_vq_embeddings]),
    multiply(matMul(rows, transpose(codebook, [1, 0])), 2),
  )
  return argMin(distances)
}

/** Entries of the codebook as a picture: indices [batch x height x width] -> [batch, channels, height, width]. */
function entries(
  layer: Layer,
  indices: Value,
  config: VQModelConfig,
  { batch, height, width }: AutoencoderSizes,
): Value {
  const rows = layer.at('quantize', 'embedding').rows('weight', codebookShape(config), indices)
  return transpose(reshape(rows, [batch, height, width, channelsOf(config)]), [0, 3, 1, 2])
}
