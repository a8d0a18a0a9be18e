import type { Value } from '../../graph/graph.ts'
import {
  add,
  addPicture,
  addToChannels,
  blocksOf,
  multiply,
  padAfter,
  reshape,
  resizeNearest,
  split,
  upsampleBlocks,
  withWayIntoBlocks,
} from '../../graph/ops/index.ts'
import { type Activation, convolution, groupNormalization, linear, silu } from './basic.ts'
import type { Layer } from './layer.ts'

/** How a residual block is written. */
export interface ResnetOptions {
  readonly out: number
  readonly groups: number
  /** Of the second normalisation, where it has other groups. */
  readonly groupsOut?: number
  readonly epsilon: number
  readonly activation?: Activation
  /** Activated time embedding [batch or 1, width]; absent in autoencoders. */
  readonly time?: Value
  /** default: the embedding is added; scale_shift: it scales and shifts after the second normalisation. */
  readonly timeScaleShift?: 'default' | 'scale_shift'
  /** The sum is divided by this. */
  readonly outputScale?: number
  /** A change of size on both ways through the block. */
  readonly resample?: (x: Value) => Value
  /** A convolution on the way around even where the channels stay. */
  readonly alwaysShortcut?: boolean
}

/** The reference's `ResnetBlock2D`: x [batch, in, height, width] -> [batch, out, height, width]. */
export function resnet(layer: Layer, x: Value, options: ResnetOptions): Value {
  const { out, groups, epsilon, time, timeScaleShift = 'default', outputScale = 1, activation = silu } = options
  const { groupsOut = groups, resample = same => same, alwaysShortcut = false } = options
  return layer.block(() => {
    const first = activation(groupNormalization(layer.at('norm1'), x, groups, epsilon))
    let hidden = convolution(layer.at('conv1'), resample(first), out)
    if (time !== undefined && timeScaleShift === 'default') {
      hidden = addToChannels(hidden, linear(layer.at('time_emb_proj'), time, out))
    }
    hidden = groupNormalization(layer.at('norm2'), hidden, groupsOut, epsilon)
    if (time !== undefined && timeScaleShift === 'scale_shift') {
      hidden = scaleAndShift(hidden, linear(layer.at('time_emb_proj'), time, out * 2))
    }
    const around = resample(x)
    const keeps = x.shape[1] === out && !alwaysShortcut
    const shortcut = keeps ? around : convolution(layer.at('conv_shortcut'), around, out, { kernel: 1 })
    const sum = addPicture(convolution(layer.at('conv2'), activation(hidden), out), shortcut)
    return outputScale === 1 ? sum : multiply(sum, 1 / outputScale)
  })
}

/** [batch, channels] -> [batch, channels, 1, 1] */
const overPicture = (x: Value): Value => reshape(x, [...x.shape, 1, 1])

/** x [batch, channels, height, width] times 1 + the first half of the embedding [batch or 1, 2 x channels], plus the second half. */
export function scaleAndShift(x: Value, embedding: Value): Value {
  const channels = x.shape[1]
  const [scale, shift] = split(embedding, 1, [channels, channels])
  return add(multiply(x, add(overPicture(scale), 1)), overPicture(shift))
}

/** The reference's `Downsample2D`: half the height and width by a convolution of stride 2.
 *  @param padding 1 on all sides, or 0: then one row and column of zeros is appended (autoencoders) */
export function downsample(layer: Layer, x: Value, options: { out: number; padding: number }): Value {
  return layer.build(() => {
    const padded = options.padding === 0 ? padAfter(x, [0, 0, 1, 1]) : x
    return convolution(layer.at('conv'), padded, options.out, { stride: 2, padding: options.padding })
  })
}

/** The reference's `Upsample2D`: to the given size (default: twice) by nearest neighbour, then a convolution. */
export function upsample(
  layer: Layer,
  x: Value,
  options: { out: number; size?: { height: number; width: number } },
): Value {
  const { height, width } = options.size ?? { height: x.shape[2] * 2, width: x.shape[3] * 2 }
  return layer.build(() => convolution(layer.at('conv'), enlarged(x, height, width), options.out))
}

/** By nearest neighbour; before the reorder where the picture comes out of blocks, as there are fewer places then. */
function enlarged(x: Value, height: number, width: number): Value {
  const picture = resizeNearest(x, height, width)
  const blocks = blocksOf(x)
  const factor = height / x.shape[2]
  const isWhole = Number.isInteger(factor) && width === factor * x.shape[3]
  return blocks && isWhole ? withWayIntoBlocks(picture, () => upsampleBlocks(blocks, factor)) : picture
}
