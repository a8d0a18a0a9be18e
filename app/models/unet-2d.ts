import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, cast, concat, divide, expand, multiply, reshape, subtract } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import {
  activations,
  convolution,
  embeddingLayers,
  fourierEmbedding,
  groupNormalization,
  silu,
  timestepEmbedding,
} from './layers/basic.ts'
import { computed } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'
import { downBlock, groupsFor, type Level, middleBlock, type Pass, upBlock } from './unet/blocks.ts'
import { type Accompanied, skipDownBlock, skipUpBlock } from './unet/skip-blocks.ts'

const sampler = z.enum(['conv', 'resnet'])

/** Options of the reference's UNet2DModel with its defaults; values that are not written here are refused. */
const configSchema = z
  .object({
    sample_size: z.union([z.int(), z.tuple([z.int(), z.int()])]).nullish(),
    in_channels: z.int().positive().default(3),
    out_channels: z.int().positive().default(3),
    center_input_sample: z.boolean().default(false),
    time_embedding_type: z.enum(['positional', 'fourier', 'learned']).default('positional'),
    time_embedding_dim: z.int().positive().nullish(),
    freq_shift: z.number().default(0),
    flip_sin_to_cos: z.boolean().default(true),
    down_block_types: z
      .array(
        z.enum(['DownBlock2D', 'AttnDownBlock2D', 'ResnetDownsampleBlock2D', 'SkipDownBlock2D', 'AttnSkipDownBlock2D']),
      )
      .default(['DownBlock2D', 'AttnDownBlock2D', 'AttnDownBlock2D', 'AttnDownBlock2D']),
    mid_block_type: z.literal('UNetMidBlock2D').nullable().default('UNetMidBlock2D'),
    up_block_types: z
      .array(z.enum(['UpBlock2D', 'AttnUpBlock2D', 'ResnetUpsampleBlock2D', 'SkipUpBlock2D', 'AttnSkipUpBlock2D']))
      .default(['AttnUpBlock2D', 'AttnUpBlock2D', 'AttnUpBlock2D', 'UpBlock2D']),
    block_out_channels: z.array(z.int().positive()).default([224, 448, 672, 896]),
    layers_per_block: z.int().positive().default(2),
    mid_block_scale_factor: z.number().default(1),
    downsample_padding: z.int().min(0).max(1).default(1),
    downsample_type: sampler.default('conv'),
    upsample_type: sampler.default('conv'),
    act_fn: z.enum(['silu', 'swish', 'mish', 'gelu', 'relu']).default('silu'),
    attention_head_dim: z.int().positive().nullable().default(8),
    norm_num_groups: z.int().positive().nullable().default(32),
    attn_norm_num_groups: z.int().positive().nullish(),
    norm_eps: z.number().positive().default(1e-5),
    resnet_time_scale_shift: z.enum(['default', 'scale_shift']).default('default'),
    add_attention: z.boolean().default(true),
    /** 'channels' is our own: the row of a class stands in channels beside the picture's, as many as in_channels has more than out_channels. */
    class_embed_type: z.enum(['timestep', 'identity', 'channels']).nullish(),
    num_class_embeds: z.int().positive().nullish(),
    num_train_timesteps: z.int().positive().nullish(),
  })
  .superRefine((config, context) => {
    for (const key of ['down_block_types', 'up_block_types'] as const) {
      if (config[key].length === config.block_out_channels.length) continue
      const message = `one value for each of the ${config.block_out_channels.length} levels is needed`
      context.addIssue({ code: 'custom', path: [key], message })
    }
    if (config.time_embedding_type === 'learned' && config.num_train_timesteps == null) {
      context.addIssue({ code: 'custom', path: ['num_train_timesteps'], message: 'learned timesteps need it' })
    }
    if (config.class_embed_type !== 'channels') return
    if (config.num_class_embeds == null) {
      context.addIssue({ code: 'custom', path: ['num_class_embeds'], message: 'channels of classes need it' })
    }
    if (config.in_channels <= config.out_channels) {
      const message = 'channels of classes need more of them than out_channels'
      context.addIssue({ code: 'custom', path: ['in_channels'], message })
    }
  })
export type UNet2DConfig = z.output<typeof configSchema>

/** Channels of the sample that the network is fed: of a picture. */
export const pictureChannels = (config: UNet2DConfig): number =>
  config.class_embed_type === 'channels' ? config.out_channels : config.in_channels

/** Whether the network is told a class by its number. */
export const isToldClasses = ({ class_embed_type: type, num_class_embeds: count }: UNet2DConfig): boolean =>
  count != null && (type == null || type === 'channels')

/** What one graph of an unconditional UNet is built for. */
export interface UNet2DSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
  /** One timestep for the whole batch, or one for each of its members. */
  readonly timesteps: 'one' | 'each'
}

/** UNet2DModel (diffusers; Ho et al. 2020, arXiv:2006.11239; Song et al. 2021, arXiv:2011.13456).
 *  Inputs: sample [batch, `pictureChannels`, height, width], timestep [1 or batch], and where the config has classes class_labels [batch]
 *  (or [batch, width] where they are embeddings already). Output: out_sample [batch, out_channels, height, width]. */
export const unet2D: Family<UNet2DConfig, UNet2DSizes> = {
  className: 'UNet2DModel',
  config: configSchema,
  graphs: { predict },
  usesAllWeights: true,
  // Angles of random frequencies are large, and a score is divided by noise levels up to 0.01.
  computesInFull: config => config.time_embedding_type === 'fourier',
}

function predict(layer: Layer, config: UNet2DConfig, sizes: UNet2DSizes): void {
  const { graph } = layer
  const { timestep, pass, hidden, residuals } = wayDown(layer, config, sizes)
  const up = upPath(layer, hidden, residuals, config, pass)
  const groups = groupsFor(config.block_out_channels[0], config.norm_num_groups)
  const normal = groupNormalization(layer.at('conv_norm_out'), up.hidden, groups, config.norm_eps)
  const drawn = convolution(layer.at('conv_out'), silu(normal), config.out_channels)
  const out = up.picture === undefined ? drawn : add(drawn, up.picture)
  const isScore = config.time_embedding_type === 'fourier'
  graph.output('out_sample', isScore ? divide(out, reshape(timestep, [timestep.shape[0], 1, 1, 1])) : out)
}

/** Declares the inputs, and writes the way down and the middle: what a network has seen of a noisy picture.
 *  @returns with `hidden`: [batch, last width, height / 2^(levels - 1), width / 2^(levels - 1)] */
export function wayDown(layer: Layer, config: UNet2DConfig, sizes: UNet2DSizes) {
  const { graph } = layer
  const { batch, height, width } = sizes
  const fed = graph.input('sample', 'float32', [batch, pictureChannels(config), height, width])
  const timestep = graph.input('timestep', 'float32', [sizes.timesteps === 'one' ? 1 : batch])
  const sample = config.center_input_sample ? subtract(multiply(fed, 2), 1) : fed
  const plain = wholeEmbedding(layer, timestep, config, batch)
  const pass: Pass = { style: styleOf(config), time: { plain, activated: activations[config.act_fn](plain) } }
  const first = convolution(layer.at('conv_in'), withClass(layer, sample, config), config.block_out_channels[0])
  const down = downPath(layer, { hidden: first, picture: sample }, config, pass)
  return { timestep, pass, hidden: middle(layer, down.hidden, config, pass), residuals: down.residuals }
}

const styleOf = (config: UNet2DConfig): Pass['style'] => ({
  activation: activations[config.act_fn],
  groups: config.norm_num_groups,
  epsilon: config.norm_eps,
  timeScaleShift: config.resnet_time_scale_shift,
  downsamplePadding: config.downsample_padding,
  attentionSampler: {
    down: config.downsample_type === 'conv' ? 'convolution' : 'resnet',
    up: config.upsample_type === 'conv' ? 'convolution' : 'resnet',
  },
  skipTimeActivation: false,
  outputScale: 1,
  linearProjection: false,
  contextNorm: null,
})

/** [1 or batch] timesteps, and classes -> [1 or batch, 4 x first width] */
function wholeEmbedding(layer: Layer, timestep: Value, config: UNet2DConfig, batch: number): Value {
  const width = config.time_embedding_dim ?? config.block_out_channels[0] * 4
  const time = embeddingLayers(layer.at('time_embedding'), projected(layer, timestep, config), width)
  const embedding = layer.at('class_embedding')
  const labels = (...shape: number[]) => layer.graph.input('class_labels', 'float32', shape)
  if (config.class_embed_type === 'identity') return add(time, computed(labels(batch, width)))
  if (config.class_embed_type === 'timestep') {
    return add(time, embeddingLayers(embedding, projected(layer, labels(batch), config), width))
  }
  if (config.num_class_embeds == null || config.class_embed_type === 'channels') return time
  const classes = layer.graph.input('class_labels', 'int64', [batch])
  return add(time, embedding.rows('weight', [config.num_class_embeds, width], classes))
}

/** The picture, with the row of its class behind it: one number for each channel. */
function withClass(layer: Layer, sample: Value, config: UNet2DConfig): Value {
  if (config.class_embed_type !== 'channels' || config.num_class_embeds == null) return sample
  const [batch, channels, height, width] = sample.shape
  const added = config.in_channels - channels
  const classes = layer.graph.input('class_labels', 'int64', [batch])
  const rows = layer.at('class_embedding').rows('weight', [config.num_class_embeds, added], classes)
  return concat([sample, expand(reshape(rows, [batch, added, 1, 1]), [batch, added, height, width])], 1)
}

function projected(layer: Layer, timesteps: Value, config: UNet2DConfig): Value {
  const projection = layer.at('time_proj')
  const [first] = config.block_out_channels
  switch (config.time_embedding_type) {
    case 'fourier':
      return fourierEmbedding(projection, timesteps, first, { flipSinToCos: false, logarithm: true })
    case 'learned':
      return projection.rows('weight', [config.num_train_timesteps ?? 0, first], cast(timesteps, 'int64'))
    case 'positional': {
      const { flip_sin_to_cos: flipSinToCos, freq_shift: frequencyShift } = config
      return timestepEmbedding(projection, timesteps, first, { flipSinToCos, frequencyShift })
    }
  }
}

function levelOf(config: UNet2DConfig, level: number): Level {
  return {
    out: config.block_out_channels[level],
    layers: config.layers_per_block,
    isResampled: level < config.block_out_channels.length - 1,
    heads: 1,
    headSize: config.attention_head_dim,
    transformerLayers: () => 0,
    onlyCrossAttention: false,
  }
}

function downPath(layer: Layer, start: Accompanied, config: UNet2DConfig, pass: Pass) {
  const residuals = [start.hidden]
  let state = start
  config.down_block_types.forEach((type, index) => {
    const block = layer.at('down_blocks', index)
    const level = levelOf(config, index)
    const down =
      type === 'SkipDownBlock2D' || type === 'AttnSkipDownBlock2D'
        ? skipDownBlock(block, state, type === 'AttnSkipDownBlock2D', level, pass)
        : { ...state, ...downBlock(block, state.hidden, type, level, pass) }
    residuals.push(...down.residuals)
    state = down
  })
  return { hidden: state.hidden, residuals }
}

function middle(layer: Layer, x: Value, config: UNet2DConfig, pass: Pass): Value {
  if (config.mid_block_type === null) return x
  const isPlain = config.resnet_time_scale_shift === 'default'
  return middleBlock(
    layer.at('mid_block'),
    x,
    levelOf(config, config.block_out_channels.length - 1),
    {
      attention: config.add_attention ? 'self' : 'none',
      hasResnetOptions: false,
      outputScale: config.mid_block_scale_factor,
      attentionGroups: config.attn_norm_num_groups ?? (isPlain ? groupsFor(x.shape[1], config.norm_num_groups) : null),
      hasSecond: true,
    },
    pass,
  )
}

function upPath(layer: Layer, x: Value, residuals: Value[], config: UNet2DConfig, pass: Pass): Accompanied {
  const last = config.block_out_channels.length - 1
  return config.up_block_types.reduce<Accompanied>(
    (state, type, index) => {
      const block = layer.at('up_blocks', index)
      const same = levelOf(config, last - index)
      const level = { ...same, layers: same.layers + 1, isResampled: index < last }
      if (type === 'SkipUpBlock2D' || type === 'AttnSkipUpBlock2D') {
        return skipUpBlock(block, state, residuals, type === 'AttnSkipUpBlock2D', level, pass)
      }
      return { hidden: upBlock(block, state.hidden, residuals, type, level, pass), picture: state.picture }
    },
    { hidden: x, picture: undefined },
  )
}
