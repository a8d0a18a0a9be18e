import type { Value } from '../../graph/graph.ts'
import { add, multiply, padAfter, reshape, resizeNearest, split } from '../../graph/ops/index.ts'
import { convolution, groupNormalization, linear, silu } from './basic.ts'
import type { Layer } from './layer.ts'

/** How a residual block is written. */
export interface ResnetOptions {
  readonly out: number
  readonly groups: number
  readonly epsilon: number
  /** Activated time embedding [batch or 1, width]; absent in autoencoders. */
  readonly time?: Value
  /** default: the embedding is added; scale_shift: it scales and shifts after the second normalisation. */
  readonly timeScaleShift?: 'default' | 'scale_shift'
  /** The sum is divided by this. */
  readonly outputScale?: number
}

/** The reference's `ResnetBlock2D`: x [batch, in, height, width] -> [batch, out, height, width]. */
export function resnet(layer: Layer, x: Value, options: ResnetOptions): Value {
  const { out, groups, epsilon, time, timeScaleShift = 'default', outputScale = 1 } = options
  return layer.build(() => {
    const normalize = (name: string, value: Value) => groupNormalization(layer.at(name), value, groups, epsilon)
    let hidden = convolution(layer.at('conv1'), silu(normalize('norm1', x)), out)
    if (time !== undefined && timeScaleShift === 'default') {
      hidden = add(hidden, overPicture(linear(layer.at('time_emb_proj'), time, out)))
    }
    hidden = normalize('norm2', hidden)
    if (time !== undefined && timeScaleShift === 'scale_shift') {
      const [scale, shift] = split(linear(layer.at('time_emb_proj'), time, out * 2), 1, [out, out])
      hidden = add(multiply(hidden, add(overPicture(scale), 1)), overPicture(shift))
    }
    hidden = convolution(layer.at('conv2'), silu(hidden), out)
    const shortcut = x.shape[1] === out ? x : convolution(layer.at('conv_shortcut'), x, out, { kernel: 1 })
    const sum = add(hidden, shortcut)
    return outputScale === 1 ? sum : multiply(sum, 1 / outputScale)
  })
}

/** [batch, channels] -> [batch, channels, 1, 1] */
const overPicture = (x: Value): Value => reshape(x, [...x.shape, 1, 1])

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
  return layer.build(() => convolution(layer.at('conv'), resizeNearest(x, height, width), options.out))
}
