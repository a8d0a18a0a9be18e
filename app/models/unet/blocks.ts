import type { Value } from '../../graph/graph.ts'
import { concat } from '../../graph/ops/index.ts'
import type { Activation } from '../layers/basic.ts'
import { contextAttention } from '../layers/context-attention.ts'
import { double, halve } from '../layers/filters.ts'
import type { Layer } from '../layers/layer.ts'
import { downsample, resnet, upsample } from '../layers/resnet.ts'
import { selfAttention } from '../layers/self-attention.ts'
import { spatialTransformer, type TransformerContext } from '../layers/transformer.ts'
import type { downBlockTypes, upBlockTypes } from './config.ts'

/* The blocks of UNet2DConditionModel, ControlNetModel and UNet2DModel: residual blocks with an attention each, then a change of size. */

/** What every block of one forward pass shares. */
export interface Pass {
  readonly style: BlockStyle
  /** Embedding of the whole picture [1 or batch, width], and the same after the activation. */
  readonly time: { readonly plain: Value; readonly activated: Value }
  /** Absent in unconditional models, whose blocks attend to no text. */
  readonly context?: TransformerContext
}

/** Options of a model that all its blocks follow. */
export interface BlockStyle {
  readonly activation: Activation
  /** null: a quarter of the channels, at most 32. */
  readonly groups: number | null
  readonly epsilon: number
  readonly timeScaleShift: 'default' | 'scale_shift'
  readonly downsamplePadding: number
  /** How AttnDownBlock2D and AttnUpBlock2D change the size. */
  readonly attentionSampler: { readonly down: Sampler; readonly up: Sampler }
  /** Of the blocks that look at resnet_skip_time_act and resnet_out_scale_factor. */
  readonly skipTimeActivation: boolean
  readonly outputScale: number
  readonly linearProjection: boolean
  readonly contextNorm: 'layer_norm' | 'group_norm' | null
}

/** One level of resolution. */
export interface Level {
  readonly out: number
  /** Residual blocks. */
  readonly layers: number
  /** Whether the block ends with a change of size. */
  readonly isResampled: boolean
  /** Heads of transformers. */
  readonly heads: number
  /** Width of a head in the other attentions; null: one head of all channels. */
  readonly headSize: number | null
  /** Depth of the transformer after each residual block. */
  readonly transformerLayers: (index: number) => number
  readonly onlyCrossAttention: boolean
}

export type DownBlockType = (typeof downBlockTypes)[number]
export type UpBlockType = (typeof upBlockTypes)[number]
type Sampler = 'convolution' | 'resnet'

/** What a type of block is made of. */
interface Form {
  readonly attention: 'none' | 'self' | 'transformer' | 'context'
  readonly sampler: Sampler | 'attentionSampler'
  /** Only some of the reference's blocks look at resnet_skip_time_act and resnet_out_scale_factor. */
  readonly hasResnetOptions: boolean
}

const plain: Form = { attention: 'none', sampler: 'convolution', hasResnetOptions: false }
const attentive: Form = { attention: 'self', sampler: 'attentionSampler', hasResnetOptions: false }
const crossAttentive: Form = { attention: 'transformer', sampler: 'convolution', hasResnetOptions: false }
const residual: Form = { attention: 'none', sampler: 'resnet', hasResnetOptions: true }
const simple: Form = { attention: 'context', sampler: 'resnet', hasResnetOptions: true }

const forms: Readonly<Record<DownBlockType | UpBlockType, Form>> = {
  DownBlock2D: plain,
  UpBlock2D: plain,
  AttnDownBlock2D: attentive,
  AttnUpBlock2D: attentive,
  CrossAttnDownBlock2D: crossAttentive,
  CrossAttnUpBlock2D: crossAttentive,
  ResnetDownsampleBlock2D: residual,
  ResnetUpsampleBlock2D: residual,
  SimpleCrossAttnDownBlock2D: simple,
  SimpleCrossAttnUpBlock2D: simple,
}

/** x [batch, channels, height, width] -> [batch, out, half, half], and what it leaves for the way up.
 *  @param addFeature adds what a T2I-Adapter gives for this level */
export function downBlock(
  block: Layer,
  x: Value,
  type: DownBlockType,
  level: Level,
  pass: Pass,
  addFeature: (value: Value) => Value = same => same,
): { hidden: Value; residuals: Value[] } {
  const form = forms[type]
  const isFeatureInside = form.attention === 'transformer'
  const residuals: Value[] = []
  let hidden = x
  for (let k = 0; k < level.layers; k++) {
    hidden = residualBlock(block.at('resnets', k), hidden, level.out, pass, form)
    hidden = attention(block.at('attentions', k), hidden, k, form, level, pass)
    if (isFeatureInside && k === level.layers - 1) hidden = addFeature(hidden)
    residuals.push(hidden)
  }
  if (level.isResampled) {
    const { downsamplePadding: padding, attentionSampler } = pass.style
    const sampler = block.at('downsamplers', 0)
    hidden = isResnetSampler(form, attentionSampler.down)
      ? residualBlock(sampler, hidden, level.out, pass, { ...form, resample: halve })
      : downsample(sampler, hidden, { out: level.out, padding })
    residuals.push(hidden)
  }
  if (!isFeatureInside) {
    hidden = addFeature(hidden)
    residuals[residuals.length - 1] = hidden
  }
  // The reference's hooks see a tuple: the block's result, then what it leaves for the way up.
  for (const [k, value] of [hidden, ...residuals].entries()) block.graph.results.set(`${block.path}#${k}`, value)
  return { hidden, residuals }
}

/** Joins x with what the way down left, last first, which is taken away from `residuals`: [batch, channels, height, width] ->
 *  [batch, out, twice, twice], or exactly the size of what was left next where that is known. */
export function upBlock(
  block: Layer,
  x: Value,
  residuals: Value[],
  type: UpBlockType,
  level: Level,
  pass: Pass,
): Value {
  const form = forms[type]
  return block.build(() => {
    let hidden = x
    for (let k = 0; k < level.layers; k++) {
      const left = residuals.pop()
      if (left === undefined) throw block.graph.problem('The way up has more layers than the way down.')
      const joined = () => concat([hidden, left], 1)
      hidden = block.graph.block(() => residualBlock(block.at('resnets', k), joined(), level.out, pass, form))
      hidden = attention(block.at('attentions', k), hidden, k, form, level, pass)
    }
    const next = residuals.at(-1)
    if (!level.isResampled || next === undefined) return hidden
    const sampler = block.at('upsamplers', 0)
    if (isResnetSampler(form, pass.style.attentionSampler.up)) {
      return residualBlock(sampler, hidden, level.out, pass, { ...form, resample: double })
    }
    const [, , height, width] = next.shape
    return upsample(sampler, hidden, { out: level.out, size: { height, width } })
  })
}

const isResnetSampler = ({ sampler }: Form, configured: Sampler): boolean =>
  (sampler === 'attentionSampler' ? configured : sampler) === 'resnet'

/** How the middle of a UNet is written. */
export interface MiddleForm {
  readonly attention: Form['attention']
  readonly hasResnetOptions: boolean
  readonly outputScale: number
  /** Of the normalisation before self-attention; null: there is none. */
  readonly attentionGroups: number | null
  /** Whether a second residual block follows. */
  readonly hasSecond: boolean
}

/** Residual block, attention, residual block: x [batch, channels, height, width] keeps its shape. */
export function middleBlock(block: Layer, x: Value, level: Level, middle: MiddleForm, pass: Pass): Value {
  const { outputScale, attentionGroups, hasSecond } = middle
  const form: Form = { ...middle, sampler: 'convolution' }
  return block.build(() => {
    const channels = x.shape[1]
    const first = residualBlock(block.at('resnets', 0), x, channels, pass, { ...form, outputScale })
    if (!hasSecond) return first
    const inside = block.at('attentions', 0)
    const attended =
      form.attention === 'self'
        ? placesAttention(inside, first, level, pass, { groups: attentionGroups, outputScale })
        : attention(inside, first, 0, form, level, pass)
    return residualBlock(block.at('resnets', 1), attended, channels, pass, { ...form, outputScale })
  })
}

/** Groups of a normalisation; null is the reference's own choice. */
export const groupsFor = (channels: number, groups: number | null): number =>
  groups ?? Math.min(Math.floor(channels / 4), 32)

function residualBlock(
  layer: Layer,
  x: Value,
  out: number,
  { style, time }: Pass,
  form: { hasResnetOptions: boolean; outputScale?: number; resample?: (x: Value) => Value },
): Value {
  const { skipTimeActivation, outputScale } = form.hasResnetOptions
    ? style
    : { skipTimeActivation: false, outputScale: 1 }
  return resnet(layer, x, {
    out,
    time: skipTimeActivation ? time.plain : time.activated,
    groups: groupsFor(out, style.groups),
    epsilon: style.epsilon,
    activation: style.activation,
    timeScaleShift: style.timeScaleShift,
    outputScale: form.outputScale ?? outputScale,
    resample: form.resample,
  })
}

function attention(layer: Layer, x: Value, index: number, form: Form, level: Level, pass: Pass): Value {
  const { style, context } = pass
  if (form.attention === 'none') return x
  if (form.attention === 'self') {
    return placesAttention(layer, x, level, pass, { groups: groupsFor(x.shape[1], style.groups) })
  }
  if (context === undefined) throw new Error(`${layer.path} attends to a text that is not there`)
  const { onlyCrossAttention } = level
  if (form.attention === 'context') {
    return contextAttention(layer, x, context, {
      groups: groupsFor(x.shape[1], style.groups),
      headSize: level.headSize ?? x.shape[1],
      contextNorm: style.contextNorm,
      onlyCrossAttention,
    })
  }
  return spatialTransformer(layer, x, context, {
    heads: level.heads,
    layers: level.transformerLayers(index),
    groups: groupsFor(x.shape[1], style.groups),
    linearProjection: style.linearProjection,
    onlyCrossAttention,
  })
}

function placesAttention(
  layer: Layer,
  x: Value,
  { headSize }: Level,
  { style }: Pass,
  options: { groups: number | null; outputScale?: number },
): Value {
  const size = headSize ?? x.shape[1]
  const heads = Math.floor(x.shape[1] / size)
  return selfAttention(layer, x, { ...options, epsilon: style.epsilon, heads, headSize: size })
}
