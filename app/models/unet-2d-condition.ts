import type { Graph, Value } from '../graph/graph.ts'
import { add, multiply, sigmoid, split, subtract } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { activations, convolution, groupNormalization } from './layers/basic.ts'
import { like } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'
import type { ImagePromptContext } from './layers/transformer.ts'
import { AttentionProgram, type AttentionSizes } from './unet/attention-program.ts'
import { type Level, type Pass, upBlock } from './unet/blocks.ts'
import { type ConditionedSizes, downPath, levelOf, middleOf, startPass } from './unet/conditioned.ts'
import { at, type ConditionedConfig, type UNetConfig, unetConfig } from './unet/config.ts'
import { kUpBlock } from './unet/k-blocks.ts'

export { type AttentionSizes, passesOf } from './unet/attention-program.ts'
export type { UNetConfig } from './unet/config.ts'

/** What one graph of a UNet is built for. */
export interface UNetSizes extends ConditionedSizes {
  /** What a ControlNet gives is fed: values for each place, or one for all places (global_pool_conditions). */
  readonly control?: 'places' | 'pooled'
  /** How many values of a T2I-Adapter are fed: one for each level, and one more for the middle where an adapter gives it. */
  readonly features?: number
  /** Pictures that are attended to beside the words: how many tokens each says, and the weights that read them. */
  readonly imagePrompts?: readonly ImagePromptSizes[]
  /** The probabilities of every cross-attention are outputs too. */
  readonly probabilities?: boolean
  /** What is asked of its attention. */
  readonly attention?: AttentionSizes
}

/** Pictures that are read together by an IP-Adapter. */
export interface ImagePromptSizes {
  /** Where its weights stand below each attention: `imagePromptPath`. */
  readonly adapter: number
  readonly tokens: number
}

/** UNet2DConditionModel (diffusers): noisy latents, timestep and text to a prediction of noise, velocity or the clean latents.
 *  Inputs: sample [batch, in_channels, height, width], timestep [1 or batch], encoder_hidden_states [batch, tokens, width of the text],
 *  and what the config (unet/embeddings.ts) and the sizes ask for: encoder_attention_mask [batch, tokens],
 *  down_block_additional_residuals.N and mid_block_additional_residual of the shapes that a ControlNet gives,
 *  down_intrablock_additional_residuals.N of those that a T2IAdapter gives, image_prompts.N.tokens [batch, tokens, width of the text] and
 *  image_prompts.N.scale [batch, 1, 1], and those of `AttentionProgram`.
 *  Outputs: out_sample [batch, out_channels, height, width] (of a network that predicts object masks one channel less, and object_mask
 *  [batch, 1, height, width]), probabilities/LAYER [batch, heads, places, tokens],
 *  and what `AttentionProgram` gives. */
export const unet2DCondition: Family<UNetConfig, UNetSizes> = {
  className: 'UNet2DConditionModel',
  config: unetConfig,
  graphs: { predict },
  usesAllWeights: true,
}

/** Inputs beside sample, timestep and text that the config of a UNet or a ControlNet asks for. */
export const wantedInputs = (config: ConditionedConfig): string[] => [
  ...(config.class_embed_type == null && config.num_class_embeds == null ? [] : ['class_labels']),
  ...(config.addition_embed_type == null ? [] : ['text_embeds', 'time_ids']),
  ...(config.time_cond_proj_dim == null ? [] : ['timestep_cond']),
]

function predict(layer: Layer, config: UNetConfig, sizes: UNetSizes): void {
  const { graph } = layer
  const onProbabilities = sizes.probabilities
    ? (path: string, probabilities: Value) => graph.output(`probabilities/${path}`, probabilities)
    : undefined
  const attention = sizes.attention && new AttentionProgram(graph, sizes.attention, sizes)
  const { sample, pass } = startPass(layer, config, sizes, {
    classActivation: activations[config.act_fn],
    onProbabilities,
    attention,
    imagePrompts: sizes.imagePrompts?.map((prompt, k) => shownPictures(graph, k, prompt, config, sizes)),
  })
  const centred = config.center_input_sample ? subtract(multiply(sample, 2), 1) : sample
  const first = convolution(layer.at('conv_in'), centred, config.block_out_channels[0], {
    kernel: config.conv_in_kernel,
  })
  const addFeature = (level: number, value: Value) =>
    level < (sizes.features ?? 0) ? withInput(`down_intrablock_additional_residuals.${level}`, value) : value
  const down = downPath(layer, first, config, pass, addFeature)
  const residuals = down.residuals.map((value, k) => controlled(`down_block_additional_residuals.${k}`, value, sizes))
  const adapted = addFeature(config.down_block_types.length, middleOf(layer, down.hidden, config, pass))
  const middle = controlled('mid_block_additional_residual', adapted, sizes)
  const last = upPath(layer, middle, residuals, config, pass)
  const out = convolution(layer.at('conv_out'), normalized(layer, last, config), config.out_channels, {
    kernel: config.conv_out_kernel,
  })
  outputsOf(graph, out, config)
  attention?.finish()
}

/** The prediction, and beside it where the object is, 0 to 1, of a network that says that in its last channel (SmartBrush: Xie et al. 2023,
 *  arXiv:2212.05034, "background preservation"). */
function outputsOf(
  graph: Graph,
  out: Value,
  { predicts_object_mask: hasMask, out_channels: channels }: UNetConfig,
): void {
  const [prediction, mask] = hasMask ? split(out, 1, [channels - 1, 1]) : [out]
  graph.output('out_sample', prediction)
  if (hasMask) graph.output('object_mask', sigmoid(mask))
}

/** Declares the inputs of pictures that are attended to (Ye et al. 2023, arXiv:2308.06721, section 3.2.2). */
function shownPictures(
  graph: Graph,
  place: number,
  { adapter, tokens }: ImagePromptSizes,
  config: UNetConfig,
  { batch }: UNetSizes,
): ImagePromptContext {
  const name = `image_prompts.${place}`
  const width = at(config.cross_attention_dim, 0)
  return {
    path: imagePromptPath(adapter),
    tokens: graph.input(`${name}.tokens`, 'float32', [batch, tokens, width]),
    scale: graph.input(`${name}.scale`, 'float32', [batch, 1, 1]),
  }
}

/** Where the weights of an IP-Adapter stand below an attention. @param adapter its place among those of the network */
export const imagePromptPath = (adapter: number): string => `image_prompts.${adapter}`

/** The value plus what a ControlNet gives for it (Zhang et al. 2023, arXiv:2302.05543, equation 2). */
function controlled(name: string, value: Value, { control }: UNetSizes): Value {
  if (control === undefined) return value
  return withInput(name, value, control === 'pooled' ? [...value.shape.slice(0, 2), 1, 1] : value.shape)
}

/** The value plus an input. */
const withInput = (name: string, value: Value, shape = value.shape): Value =>
  add(value, like(value.graph.input(name, 'float32', shape), value))

function normalized(layer: Layer, x: Value, config: UNetConfig): Value {
  if (config.norm_num_groups === null) return x
  const normal = groupNormalization(layer.at('conv_norm_out'), x, config.norm_num_groups, config.norm_eps)
  return activations[config.act_fn](normal)
}

/** Levels from coarse to fine; each block joins the values that the way down left, last first. */
function upPath(layer: Layer, middle: Value, residuals: Value[], config: UNetConfig, pass: Pass): Value {
  return config.up_block_types.reduce((hidden, type, index) => {
    const block = layer.at('up_blocks', index)
    const level = upLevelOf(config, index)
    if (type === 'KUpBlock2D' || type === 'KCrossAttnUpBlock2D') {
      const next = config.block_out_channels[Math.max(0, config.block_out_channels.length - 2 - index)]
      return kUpBlock(block, hidden, residuals, type === 'KCrossAttnUpBlock2D', { ...level, next }, pass)
    }
    return upBlock(block, hidden, residuals, type, level, pass)
  }, middle)
}

/** One level of the way up, from coarse to fine. */
export function upLevelOf(config: UNetConfig, index: number): Level {
  const last = config.block_out_channels.length - 1
  const same = levelOf(config, last - index)
  const reversed = config.reverse_transformer_layers_per_block
  const depth = reversed?.[index]
  return {
    ...same,
    layers: same.layers + 1,
    isResampled: index < last,
    // The reference counts this list from the fine end on the way up too.
    headSize: at(config.attention_head_dim, index),
    transformerLayers: depth === undefined ? same.transformerLayers : k => at(depth, k),
  }
}
