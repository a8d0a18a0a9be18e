import type { Value } from '../../graph/graph.ts'
import { add, concat, reshape } from '../../graph/ops/index.ts'
import { attend } from '../layers/attention.ts'
import { type Activation, convolution, linear, normalizedRows } from '../layers/basic.ts'
import { normalizedContext } from '../layers/context-attention.ts'
import { doubleMirrored, halveMirrored } from '../layers/filters.ts'
import type { Layer } from '../layers/layer.ts'
import { scaleAndShift } from '../layers/resnet.ts'
import { toPicture, toTokens } from '../layers/tokens.ts'
import type { Level, Pass } from './blocks.ts'

/* Blocks of k-diffusion's UNet, as the latent upscaler has them: the embedding scales and shifts every normalisation, and a
 * level hands one value to the way up. */

/** Channels of a group, which the reference writes into these blocks. */
const GROUP_SIZE = 32

/** KDownBlock2D and KCrossAttnDownBlock2D. The last level, which keeps its size, attends to its places too. */
export function kDownBlock(
  block: Layer,
  x: Value,
  isAttentive: boolean,
  level: Level,
  pass: Pass,
): { hidden: Value; residuals: Value[] } {
  let hidden = x
  const residuals: Value[] = []
  for (let k = 0; k < level.layers; k++) {
    const { out } = level
    hidden = kResnet(block.at('resnets', k), hidden, { inside: out, out, outGroups: out }, pass)
    if (isAttentive) hidden = kAttention(block.at('attentions', k), hidden, !level.isResampled, level, pass)
    residuals.push(hidden)
  }
  return { hidden: level.isResampled ? halveMirrored(hidden) : hidden, residuals }
}

/** KUpBlock2D and KCrossAttnUpBlock2D; `next` is the width of the level that follows. */
export function kUpBlock(
  block: Layer,
  x: Value,
  residuals: Value[],
  isAttentive: boolean,
  level: Level & { next: number },
  pass: Pass,
): Value {
  return block.build(() => {
    const { out, next, isResampled } = level
    const layers = level.layers - 1
    const left = residuals.splice(-layers).at(-1)
    // The first block starts where the last level of the way down ended, so it has nothing to join.
    const isFirst = isAttentive && next === out && out === pass.time.plain.shape[1]
    let hidden = isFirst || left === undefined ? x : concat([x, left], 1)
    for (let k = 0; k < layers; k++) {
      const last = k === layers - 1 ? next : out
      const inside = isAttentive ? out : last
      hidden = kResnet(block.at('resnets', k), hidden, { inside, out: last, outGroups: out }, pass)
      if (isAttentive) hidden = kAttention(block.at('attentions', k), hidden, isFirst, level, pass)
    }
    return isResampled ? doubleMirrored(hidden) : hidden
  })
}

/** The reference's `AdaGroupNorm`: a normalisation that the embedding scales and shifts. */
function adaptiveNormalization(layer: Layer, x: Value, groups: number, epsilon: number, embedding: Value): Value {
  return layer.build(() => {
    const [batch, channels, height, width] = x.shape
    if (channels % groups !== 0) throw x.graph.problem(`${channels} channels cannot be normalised in ${groups} groups.`)
    const rows = reshape(x, [batch, groups, (channels / groups) * height * width])
    const normal = reshape(normalizedRows(layer, rows, epsilon), x.shape)
    return scaleAndShift(normal, linear(layer.at('linear'), embedding, channels * 2))
  })
}

/** The reference's `ResnetBlockCondNorm2D`. */
function kResnet(
  layer: Layer,
  x: Value,
  { inside, out, outGroups }: { inside: number; out: number; outGroups: number },
  { style, time }: Pass,
): Value {
  const activation: Activation = style.activation
  const normalize = (name: string, value: Value, channels: number) =>
    adaptiveNormalization(layer.at(name), value, Math.floor(channels / GROUP_SIZE), style.epsilon, time.plain)
  return layer.block(() => {
    const first = convolution(layer.at('conv1'), activation(normalize('norm1', x, x.shape[1])), inside)
    const second = convolution(layer.at('conv2'), activation(normalize('norm2', first, outGroups)), out)
    const around = x.shape[1] === out ? x : convolution(layer.at('conv_shortcut'), x, out, { kernel: 1, bias: false })
    return add(around, second)
  })
}

/** The reference's `KAttentionBlock`: attention without feed-forward, to the places (where asked for) and to the text. */
function kAttention(layer: Layer, x: Value, hasSelfAttention: boolean, level: Level, pass: Pass): Value {
  const [, channels, height, width] = x.shape
  const { context } = pass
  if (context === undefined) throw new Error(`${layer.path} attends to a text that is not there`)
  const heads = Math.floor(channels / (level.headSize ?? channels))
  const normalize = (name: string, value: Value) => {
    const groups = Math.max(1, Math.floor(channels / GROUP_SIZE))
    return toTokens(adaptiveNormalization(layer.at(name), value, groups, 1e-5, pass.time.plain))
  }
  const attention = (inside: Layer, tokens: Value, keys: Value, bias?: Value) => {
    const project = (name: string, from: Value) => linear(inside.at(name), from, channels)
    const joined = attend(project('to_q', tokens), project('to_k', keys), project('to_v', keys), { heads, bias })
    return toPicture(linear(inside.at('to_out', 0), joined, channels), height, width)
  }
  return layer.block(() => {
    let hidden = x
    if (hasSelfAttention) {
      const tokens = normalize('norm1', hidden)
      hidden = add(attention(layer.at('attn1'), tokens, tokens), hidden)
    }
    const cross = layer.at('attn2')
    const keys = normalizedContext(cross.at('norm_cross'), context.context, 'layer_norm')
    return add(attention(cross, normalize('norm2', hidden), keys, context.contextBias), hidden)
  })
}
