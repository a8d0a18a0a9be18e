import type { Value } from '../../graph/graph.ts'
import { multiply, reshape, subtract } from '../../graph/ops/index.ts'
import { type Activation, activations, linear } from '../layers/basic.ts'
import type { Layer } from '../layers/layer.ts'
import type { TransformerContext } from '../layers/transformer.ts'
import { downBlock, type Level, type MiddleForm, middleBlock, type Pass } from './blocks.ts'
import { at, type ConditionedConfig } from './config.ts'
import { type EmbeddingSizes, wholeEmbedding } from './embeddings.ts'
import { kDownBlock } from './k-blocks.ts'

/* What UNet2DConditionModel and ControlNetModel share: inputs, embeddings, the way down and the middle. */

/** What one graph of a conditioned UNet is built for. */
export interface ConditionedSizes extends EmbeddingSizes {
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

/** Declares the inputs and embeds what stands for the whole picture. */
export function startPass(
  layer: Layer,
  config: ConditionedConfig,
  sizes: ConditionedSizes,
  options: Pick<TransformerContext, 'onProbabilities' | 'attention' | 'imagePrompts'> & {
    classActivation?: Activation
  } = {},
): { sample: Value; pass: Pass } {
  const { graph } = layer
  const { batch, height, width, tokens } = sizes
  const sample = graph.input('sample', 'float32', [batch, config.in_channels, height, width])
  const timestep = graph.input('timestep', 'float32', [sizes.timesteps === 'one' ? 1 : batch])
  const textWidth = config.encoder_hid_dim ?? at(config.cross_attention_dim, 0)
  const text = graph.input('encoder_hidden_states', 'float32', [batch, tokens, textWidth])
  const contextBias = sizes.contextMask
    ? maskBias(graph.input('encoder_attention_mask', 'float32', [batch, tokens]))
    : undefined
  const activation = activations[config.act_fn]
  const plain = wholeEmbedding(layer, timestep, config, sizes, options.classActivation)
  const time = { plain, activated: activation(plain) }
  const context =
    config.encoder_hid_dim == null
      ? text
      : linear(layer.at('encoder_hid_proj'), text, at(config.cross_attention_dim, 0))
  const { onProbabilities, attention, imagePrompts } = options
  return {
    sample,
    pass: { style: styleOf(config), time, context: { context, contextBias, onProbabilities, attention, imagePrompts } },
  }
}

const styleOf = (config: ConditionedConfig): Pass['style'] => ({
  activation: activations[config.act_fn],
  groups: config.norm_num_groups,
  epsilon: config.norm_eps,
  timeScaleShift: config.resnet_time_scale_shift,
  downsamplePadding: config.downsample_padding,
  attentionSampler: { down: 'convolution', up: 'convolution' },
  skipTimeActivation: config.resnet_skip_time_act,
  outputScale: config.resnet_out_scale_factor,
  linearProjection: config.use_linear_projection,
  contextNorm: config.cross_attention_norm ?? null,
})

/** 0 where a token counts, -10000 where not: [batch, tokens] -> [batch, 1, 1, tokens], as the reference adds it to the scores. */
function maskBias(mask: Value): Value {
  const [batch, tokens] = mask.shape
  return reshape(multiply(subtract(mask, 1), 10000), [batch, 1, 1, tokens])
}

/** One level of the way down. `attention_head_dim` is the number of heads for transformers: a misnomer that the reference keeps for
 *  the sake of its files. */
export function levelOf(config: ConditionedConfig, level: number): Level {
  const depth = at(config.transformer_layers_per_block, level)
  return {
    out: config.block_out_channels[level],
    layers: at(config.layers_per_block, level),
    isResampled: level < config.block_out_channels.length - 1,
    heads: at(config.num_attention_heads ?? config.attention_head_dim, level),
    headSize: at(config.attention_head_dim, level),
    transformerLayers: index => at(depth, index),
    onlyCrossAttention: at(config.only_cross_attention, level),
  }
}

/** Levels from fine to coarse; each leaves its intermediate values for the way up.
 *  @param addFeature adds what a T2I-Adapter gives for a level */
export function downPath(
  layer: Layer,
  first: Value,
  config: ConditionedConfig,
  pass: Pass,
  addFeature: (level: number, value: Value) => Value = (_, same) => same,
): { hidden: Value; residuals: Value[] } {
  const residuals = [first]
  let hidden = first
  config.down_block_types.forEach((type, index) => {
    const block = layer.at('down_blocks', index)
    const level = levelOf(config, index)
    const isK = type === 'KDownBlock2D' || type === 'KCrossAttnDownBlock2D'
    const down = isK
      ? kDownBlock(block, hidden, type === 'KCrossAttnDownBlock2D', level, pass)
      : downBlock(block, hidden, type, level, pass, value => addFeature(index, value))
    hidden = down.hidden
    residuals.push(...down.residuals)
  })
  return { hidden, residuals }
}

const middles = {
  UNetMidBlock2DCrossAttn: { attention: 'transformer', hasResnetOptions: false, hasSecond: true },
  UNetMidBlock2DSimpleCrossAttn: { attention: 'context', hasResnetOptions: true, hasSecond: true },
  UNetMidBlock2D: { attention: 'none', hasResnetOptions: false, hasSecond: false },
} as const

/** The coarsest level once more; x itself where the config has no middle. */
export function middleOf(layer: Layer, x: Value, config: ConditionedConfig, pass: Pass): Value {
  if (config.mid_block_type === null) return x
  const { only_cross_attention: everywhere, mid_block_only_cross_attention: middle } = config
  const isSimple = config.mid_block_type === 'UNetMidBlock2DSimpleCrossAttn'
  const level: Level = {
    ...levelOf(config, config.block_out_channels.length - 1),
    // The reference's UNetMidBlock2DCrossAttn does not look at it.
    onlyCrossAttention: isSimple && (middle ?? (typeof everywhere === 'boolean' && everywhere)),
  }
  const form: MiddleForm = {
    ...middles[config.mid_block_type],
    outputScale: config.mid_block_scale_factor,
    attentionGroups: null,
  }
  return middleBlock(layer.at('mid_block'), x, level, form, pass)
}
