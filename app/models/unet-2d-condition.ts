import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { concat, multiply, reshape, subtract } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { activations, convolution, groupNormalization, linear, silu, timestepEmbedding } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { downsample, resnet, upsample } from './layers/resnet.ts'
import { spatialTransformer, type TransformerContext } from './layers/transformer.ts'

const perLevel = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)])

/** Options of the reference's UNet2DConditionModel with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  sample_size: z.union([z.int(), z.tuple([z.int(), z.int()])]).nullish(),
  in_channels: z.int().positive().default(4),
  out_channels: z.int().positive().default(4),
  center_input_sample: z.boolean().default(false),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  down_block_types: z
    .array(z.enum(['CrossAttnDownBlock2D', 'DownBlock2D']))
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  mid_block_type: z.enum(['UNetMidBlock2DCrossAttn']).nullable().default('UNetMidBlock2DCrossAttn'),
  up_block_types: z
    .array(z.enum(['CrossAttnUpBlock2D', 'UpBlock2D']))
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  only_cross_attention: perLevel(z.boolean()).default(false),
  mid_block_only_cross_attention: z.boolean().nullish(),
  block_out_channels: z.array(z.int().positive()).default([320, 640, 1280, 1280]),
  layers_per_block: perLevel(z.int().positive()).default(2),
  downsample_padding: z.int().min(0).max(1).default(1),
  mid_block_scale_factor: z.number().default(1),
  act_fn: z.enum(['silu', 'swish']).default('silu'),
  norm_num_groups: z.int().positive().default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: perLevel(z.int().positive()).default(1280),
  transformer_layers_per_block: perLevel(z.int().positive()).default(1),
  reverse_transformer_layers_per_block: z.null().optional(),
  encoder_hid_dim: z.null().optional(),
  encoder_hid_dim_type: z.null().optional(),
  attention_head_dim: perLevel(z.int().positive()).default(8),
  num_attention_heads: perLevel(z.int().positive()).nullish(),
  dual_cross_attention: z.literal(false).default(false),
  use_linear_projection: z.boolean().default(false),
  class_embed_type: z.null().optional(),
  num_class_embeds: z.null().optional(),
  addition_embed_type: z.enum(['text_time']).nullish(),
  addition_time_embed_dim: z.int().nullish(),
  projection_class_embeddings_input_dim: z.int().nullish(),
  resnet_time_scale_shift: z.enum(['default', 'scale_shift']).default('default'),
  resnet_skip_time_act: z.literal(false).default(false),
  resnet_out_scale_factor: z.number().default(1),
  time_embedding_type: z.literal('positional').default('positional'),
  time_embedding_dim: z.int().positive().nullish(),
  time_embedding_act_fn: z.null().optional(),
  timestep_post_act: z.null().optional(),
  time_cond_proj_dim: z.int().nullish(),
  conv_in_kernel: z.int().positive().default(3),
  conv_out_kernel: z.int().positive().default(3),
  attention_type: z.literal('default').default('default'),
  class_embeddings_concat: z.literal(false).default(false),
  cross_attention_norm: z.null().optional(),
})
export type UNetConfig = z.output<typeof configSchema>

/** What one graph of a UNet is built for. */
export interface UNetSizes {
  readonly batch: number
  /** Of the latents. */
  readonly height: number
  readonly width: number
  /** Tokens of the text. */
  readonly tokens: number
  /** One timestep for the whole batch, or one for each of its members. */
  readonly timesteps: 'one' | 'each'
  /** Whether a mask of the tokens is fed: 1 where a token counts, 0 where not. */
  readonly contextMask: boolean
}

/** The value of an option for one level, where the config gives one for all or a list. */
const at = <Item>(option: Item | readonly Item[], level: number): Item =>
  Array.isArray(option) ? option[level] : (option as Item)

/** What every block of one forward pass shares. */
interface Pass {
  readonly config: UNetConfig
  readonly context: TransformerContext
  /** Activated time embedding. */
  readonly time: Value
}

/** UNet2DConditionModel (diffusers): noisy latents, timestep and text to a prediction of noise, velocity or the clean latents.
 *  Inputs: sample [batch, in_channels, height, width], timestep [1 or batch], encoder_hidden_states [batch, tokens, cross_attention_dim].
 *  Output: out_sample [batch, out_channels, height, width]. */
export const unet2DCondition: Family<UNetConfig, UNetSizes> = {
  className: 'UNet2DConditionModel',
  config: configSchema,
  graphs: { predict },
  usesAllWeights: true,
}

function predict(layer: Layer, config: UNetConfig, sizes: UNetSizes): void {
  const { graph } = layer
  const { batch, height, width, tokens } = sizes
  const sample = graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  const timestep = graph.input('timestep', 'float32', [sizes.timesteps === 'one' ? 1 : batch])
  const context = graph.input('encoder_hidden_states', 'float32', [batch, tokens, at(config.cross_attention_dim, 0)])
  const contextBias = sizes.contextMask
    ? maskBias(graph.input('encoder_attention_mask', 'float32', [batch, tokens]))
    : undefined

  const time = silu(timeEmbedding(layer, timestep, config))
  const pass: Pass = { config, context: { context, contextBias }, time }
  const centred = config.center_input_sample ? subtract(multiply(sample, 2), 1) : sample
  const first = convolution(layer.at('conv_in'), centred, config.block_out_channels[0], {
    kernel: config.conv_in_kernel,
  })
  const { hidden, residuals } = downPath(layer, first, pass)
  const middle = config.mid_block_type === null ? hidden : middleBlock(layer.at('mid_block'), hidden, pass)
  const last = upPath(layer, middle, residuals, pass)
  const normal = groupNormalization(layer.at('conv_norm_out'), last, config.norm_num_groups, config.norm_eps)
  const out = convolution(layer.at('conv_out'), activations[config.act_fn](normal), config.out_channels, {
    kernel: config.conv_out_kernel,
  })
  graph.output('out_sample', out)
}

/** 0 where a token counts, -10000 where not: [batch, tokens] -> [batch, 1, 1, tokens], as the reference adds it to the scores. */
function maskBias(mask: Value): Value {
  const [batch, tokens] = mask.shape
  return reshape(multiply(subtract(mask, 1), 10000), [batch, 1, 1, tokens])
}

/** [1 or batch] -> [1 or batch, 4 x first width] */
function timeEmbedding(layer: Layer, timestep: Value, config: UNetConfig): Value {
  const sinusoid = timestepEmbedding(layer.at('time_proj'), timestep, config.block_out_channels[0], {
    flipSinToCos: config.flip_sin_to_cos,
    frequencyShift: config.freq_shift,
  })
  const width = config.time_embedding_dim ?? config.block_out_channels[0] * 4
  const embedding = layer.at('time_embedding')
  return embedding.build(() =>
    linear(
      embedding.at('linear_2'),
      activations[config.act_fn](linear(embedding.at('linear_1'), sinusoid, width)),
      width,
    ),
  )
}

function residualBlock(layer: Layer, x: Value, out: number, { config, time }: Pass): Value {
  return resnet(layer, x, {
    out,
    time,
    groups: config.norm_num_groups,
    epsilon: config.norm_eps,
    timeScaleShift: config.resnet_time_scale_shift,
    outputScale: config.resnet_out_scale_factor,
  })
}

/** `attention_head_dim` is the number of heads here: a misnomer that the reference keeps for the sake of its files. */
function attentionBlock(layer: Layer, x: Value, level: number, onlyCrossAttention: boolean, pass: Pass): Value {
  const { config, context } = pass
  return spatialTransformer(layer, x, context, {
    heads: at(config.num_attention_heads ?? config.attention_head_dim, level),
    layers: at(config.transformer_layers_per_block, level),
    groups: config.norm_num_groups,
    linearProjection: config.use_linear_projection,
    onlyCrossAttention,
  })
}

/** Levels from fine to coarse; each leaves its intermediate values for the way up. */
function downPath(layer: Layer, first: Value, pass: Pass): { hidden: Value; residuals: Value[] } {
  const { config } = pass
  const residuals = [first]
  let hidden = first
  config.down_block_types.forEach((type, level) => {
    const block = layer.at('down_blocks', level)
    const own: Value[] = []
    const out = config.block_out_channels[level]
    for (let k = 0; k < at(config.layers_per_block, level); k++) {
      hidden = residualBlock(block.at('resnets', k), hidden, out, pass)
      if (type === 'CrossAttnDownBlock2D') {
        hidden = attentionBlock(block.at('attentions', k), hidden, level, at(config.only_cross_attention, level), pass)
      }
      own.push(hidden)
    }
    if (level < config.down_block_types.length - 1) {
      hidden = downsample(block.at('downsamplers', 0), hidden, { out, padding: config.downsample_padding })
      own.push(hidden)
    }
    // The reference's hooks see a tuple: the block's result, then what it leaves for the way up.
    for (const [k, value] of [hidden, ...own].entries()) layer.graph.results.set(`${block.path}#${k}`, value)
    residuals.push(...own)
  })
  return { hidden, residuals }
}

function middleBlock(block: Layer, x: Value, pass: Pass): Value {
  const { config } = pass
  const level = config.block_out_channels.length - 1
  const scaled = { ...pass, config: { ...config, resnet_out_scale_factor: config.mid_block_scale_factor } }
  const onlyCross = config.mid_block_only_cross_attention ?? false
  return block.build(() => {
    let hidden = residualBlock(block.at('resnets', 0), x, x.shape[1], scaled)
    hidden = attentionBlock(block.at('attentions', 0), hidden, level, onlyCross, pass)
    hidden = residualBlock(block.at('resnets', 1), hidden, x.shape[1], scaled)
    return hidden
  })
}

/** Levels from coarse to fine; each block joins the values that the way down left, last first. */
function upPath(layer: Layer, middle: Value, residuals: Value[], pass: Pass): Value {
  const { config } = pass
  const levels = config.block_out_channels.length
  return config.up_block_types.reduce((x, type, index) => {
    const level = levels - 1 - index
    const block = layer.at('up_blocks', index)
    return block.build(() => {
      let hidden = x
      for (let k = 0; k < at(config.layers_per_block, level) + 1; k++) {
        const residual = residuals.pop()
        if (residual === undefined) throw layer.graph.problem('The way up has more layers than the way down.')
        hidden = residualBlock(
          block.at('resnets', k),
          concat([hidden, residual], 1),
          config.block_out_channels[level],
          pass,
        )
        if (type === 'CrossAttnUpBlock2D') {
          hidden = attentionBlock(
            block.at('attentions', k),
            hidden,
            level,
            at(config.only_cross_attention, level),
            pass,
          )
        }
      }
      const next = residuals.at(-1)
      if (level === 0 || next === undefined) return hidden
      const [, , height, width] = next.shape
      return upsample(block.at('upsamplers', 0), hidden, {
        out: config.block_out_channels[level],
        size: { height, width },
      })
    })
  }, middle)
}
