import type { Value } from '../../graph/graph.ts'
import { add, concat } from '../../graph/ops/index.ts'
import { convolution, groupNormalization, silu } from '../layers/basic.ts'
import { doubleSmoothly, halveSmoothly } from '../layers/filters.ts'
import type { Layer } from '../layers/layer.ts'
import { resnet } from '../layers/resnet.ts'
import { selfAttention } from '../layers/self-attention.ts'
import { groupsFor, type Level, type Pass } from './blocks.ts'

/* Blocks of NCSN++ (Song et al. 2021, arXiv:2011.13456, appendix H): a small picture goes along with the hidden values, which it
 * enters on the way down and leaves on the way up. */

/** What passes through a level: hidden values and the small picture [batch, 3, height, width]. */
export interface Accompanied {
  readonly hidden: Value
  /** undefined on the way up, until the first level has given one. */
  readonly picture: Value | undefined
}

// The reference writes these constants into its blocks.
const outputScale = Math.SQRT2
const ATTENTION_GROUPS = 32
const PICTURE_CHANNELS = 3

/** SkipDownBlock2D and AttnSkipDownBlock2D. */
export function skipDownBlock(
  block: Layer,
  { hidden: x, picture }: Accompanied,
  isAttentive: boolean,
  level: Level,
  pass: Pass,
): Accompanied & { residuals: Value[] } {
  const { out } = level
  const residuals: Value[] = []
  let hidden = x
  for (let k = 0; k < level.layers; k++) {
    hidden = skipResnet(block.at('resnets', k), hidden, out, groupsFor(hidden.shape[1], null), pass)
    if (isAttentive) hidden = skipAttention(block.at('attentions', k), hidden, level, pass)
    residuals.push(hidden)
  }
  if (!level.isResampled || picture === undefined) return { hidden, picture, residuals }
  hidden = skipResnet(block.at('resnet_down'), hidden, out, groupsFor(out, null), pass, halveSmoothly)
  const smaller = halveSmoothly(picture)
  hidden = add(convolution(block.at('skip_conv'), smaller, out, { kernel: 1 }), hidden)
  residuals.push(hidden)
  return { hidden, picture: smaller, residuals }
}

/** SkipUpBlock2D and AttnSkipUpBlock2D, whose one attention stands at the end. */
export function skipUpBlock(
  block: Layer,
  { hidden: x, picture }: Accompanied,
  residuals: Value[],
  isAttentive: boolean,
  level: Level,
  pass: Pass,
): Accompanied {
  const { out } = level
  let hidden = x
  for (let k = 0; k < level.layers; k++) {
    const left = residuals.pop()
    if (left === undefined) throw block.graph.problem('The way up has more layers than the way down.')
    // The reference's attentive block divides the second width alone by four.
    const channels = hidden.shape[1] + left.shape[1]
    const groups = isAttentive
      ? Math.min(hidden.shape[1] + Math.floor(left.shape[1] / 4), 32)
      : groupsFor(channels, null)
    hidden = skipResnet(block.at('resnets', k), concat([hidden, left], 1), out, groups, pass)
  }
  if (isAttentive) hidden = skipAttention(block.at('attentions', 0), hidden, level, pass)
  const larger = picture && doubleSmoothly(picture)
  if (!level.isResampled) return { hidden, picture: larger }
  const normal = groupNormalization(block.at('skip_norm'), hidden, groupsFor(out, null), pass.style.epsilon)
  const drawn = convolution(block.at('skip_conv'), silu(normal), PICTURE_CHANNELS)
  return {
    hidden: skipResnet(block.at('resnet_up'), hidden, out, groupsFor(out, null), pass, doubleSmoothly),
    picture: larger === undefined ? drawn : add(larger, drawn),
  }
}

function skipResnet(
  layer: Layer,
  x: Value,
  out: number,
  groups: number,
  { style, time }: Pass,
  resample?: (x: Value) => Value,
): Value {
  const { activation, epsilon, timeScaleShift } = style
  const alwaysShortcut = resample !== undefined
  const groupsOut = groupsFor(out, null)
  const options = { activation, epsilon, timeScaleShift, resample, alwaysShortcut, outputScale, groups, groupsOut }
  return resnet(layer, x, { ...options, out, time: time.activated })
}

function skipAttention(layer: Layer, x: Value, { headSize }: Level, { style }: Pass): Value {
  const size = headSize ?? x.shape[1]
  const heads = Math.floor(x.shape[1] / size)
  const { epsilon } = style
  return selfAttention(layer, x, { groups: ATTENTION_GROUPS, epsilon, heads, headSize: size, outputScale })
}
