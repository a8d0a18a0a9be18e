import { z } from 'zod'
import { constant, type Value } from '../graph/graph.ts'
import { add, matMul, reshape, resizeNearest, softmax } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { convolution, groupNormalization, silu } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { resnet } from './layers/resnet.ts'

/** Of our own. */
const configSchema = z.object({
  /** Pixels on a side of the pictures that it sees. */
  image_size: z.int().multipleOf(16).default(128),
  joints: z.int().positive().default(18),
  /** Channels at a half, a quarter, an eighth and a sixteenth of that size. */
  block_out_channels: z.tuple([z.int(), z.int(), z.int(), z.int()]).default([24, 48, 64, 96]),
  norm_num_groups: z.int().positive().default(8),
})
export type PoseNetworkConfig = z.output<typeof configSchema>

export interface PoseNetworkSizes {
  readonly batch: number
}

/** A small network that finds the joints of one figure: a convolutional encoder, its levels added from coarse to fine, and a map of each joint whose
 *  softmax is where it lies (Sun et al. 2018, arXiv:1711.08229).
 *  Input: image [batch, 3, image_size, image_size] in [0, 1].
 *  Outputs: maps [batch, joints, places], with the sum 1 over the places of a grid of a quarter of the size; joints [batch, joints, 2]: x and y as
 *  shares of the picture. */
export const poseNetwork: Family<PoseNetworkConfig, PoseNetworkSizes> = {
  className: 'PoseNetwork',
  config: configSchema,
  graphs: { find },
  usesAllWeights: true,
  // The softmax over a thousand places is kept exact.
  computesInFull: () => true,
}

function find(layer: Layer, config: PoseNetworkConfig, { batch }: PoseNetworkSizes): void {
  const { image_size: size, joints, block_out_channels: widths, norm_num_groups: groups } = config
  const image = layer.graph.input('image', 'float32', [batch, 3, size, size])
  const block = (name: string, x: Value) => resnet(layer.at(name), x, { out: x.shape[1], groups, epsilon: 1e-5 })
  const half = silu(convolution(layer.at('conv_in'), image, widths[0], { stride: 2 }))
  const quarter = block('block_4', convolution(layer.at('down_4'), half, widths[1], { stride: 2 }))
  const eighth = block('block_8', convolution(layer.at('down_8'), quarter, widths[2], { stride: 2 }))
  const coarse = convolution(layer.at('down_16'), eighth, widths[3], { stride: 2 })
  const sixteenth = block('block_16b', block('block_16a', coarse))
  const joined = (name: string, fine: Value, rough: Value) =>
    block(`${name}_block`, add(fine, convolution(layer.at(name), doubled(rough), fine.shape[1], { kernel: 1 })))
  const seen = joined('up_4', quarter, joined('up_8', eighth, sixteenth))
  const normal = silu(groupNormalization(layer.at('norm_out'), seen, groups, 1e-5))
  const grid = size / 4
  const maps = softmax(reshape(convolution(layer.at('conv_out'), normal, joints), [batch, joints, grid * grid]))
  layer.graph.output('maps', maps)
  layer.graph.output('joints', matMul(maps, constant(layer.graph, 'float32', [grid * grid, 2], placesOf(grid))))
}

const doubled = (x: Value): Value => resizeNearest(x, x.shape[2] * 2, x.shape[3] * 2)

/** The middle of each place, as shares of the picture: x and y in turn. */
const placesOf = (grid: number): number[] =>
  Array.from({ length: grid * grid }, (_, k) => [((k % grid) + 0.5) / grid, (Math.floor(k / grid) + 0.5) / grid]).flat()
