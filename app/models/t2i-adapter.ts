import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, relu, reshape, transpose } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { convolution } from './layers/basic.ts'
import { halveOrMore } from './layers/filters.ts'
import type { Layer } from './layers/layer.ts'

/** Options of the reference's T2IAdapter with its defaults; values that are not written here are refused. */
const configSchema = z.object({
  in_channels: z.int().positive().default(3),
  channels: z.array(z.int().positive()).min(1).default([320, 640, 1280, 1280]),
  num_res_blocks: z.int().nonnegative().default(2),
  downscale_factor: z.int().positive().default(8),
  adapter_type: z.enum(['full_adapter', 'full_adapter_xl', 'light_adapter']).default('full_adapter'),
})
export type T2IAdapterConfig = z.output<typeof configSchema>

/** What one graph is built for: sizes of the control picture. */
export interface T2IAdapterSizes {
  readonly batch: number
  readonly height: number
  readonly width: number
}

/** T2IAdapter (diffusers; Mou et al. 2023, arXiv:2302.08453): a control picture to one value for each level of a UNet.
 *  Input: image [batch, in_channels, height, width] in [0, 1], sides a multiple of downscale_factor.
 *  Outputs: down_intrablock_additional_residuals.N as UNet2DConditionModel takes them; scale them for a weaker control. */
export const t2iAdapter: Family<T2IAdapterConfig, T2IAdapterSizes> = {
  className: 'T2IAdapter',
  config: configSchema,
  graphs: { control },
  usesAllWeights: true,
}

function control(root: Layer, config: T2IAdapterConfig, { batch, height, width }: T2IAdapterSizes): void {
  const { graph } = root
  const { channels, adapter_type: type } = config
  const layer = root.at('adapter')
  const image = graph.input('image', 'float32', [batch, config.in_channels, height, width])
  const unshuffled = unshuffle(image, config.downscale_factor)
  const isLight = type === 'light_adapter'
  const halvings = {
    full_adapter: channels.map((_, level) => level > 0),
    // Stable Diffusion XL works at half the size, so one halving is enough.
    full_adapter_xl: channels.map((_, level) => level === 2),
    light_adapter: [...channels, 0].map((_, level) => level > 0),
  }[type]
  let hidden = isLight ? unshuffled : convolution(layer.at('conv_in'), unshuffled, channels[0])
  for (const [level, isHalved] of halvings.entries()) {
    const block = layer.at('body', level)
    const out = channels[Math.min(level, channels.length - 1)]
    const x = isHalved ? halveOrMore(hidden) : hidden
    hidden = block.build(() => (isLight ? lightBlock(block, x, out, config) : fullBlock(block, x, out, config)))
    graph.output(`down_intrablock_additional_residuals.${level}`, hidden)
  }
}

/** Squares of places to channels: [batch, channels, height, width] -> [batch, channels x size^2, height / size, width / size] */
function unshuffle(x: Value, size: number): Value {
  const [batch, channels, height, width] = x.shape
  const [rows, columns] = [Math.floor(height / size), Math.floor(width / size)]
  const apart = transpose(reshape(x, [batch, channels, rows, size, columns, size]), [0, 1, 3, 5, 2, 4])
  return reshape(apart, [batch, channels * size ** 2, rows, columns])
}

function fullBlock(block: Layer, x: Value, out: number, config: T2IAdapterConfig): Value {
  const start = x.shape[1] === out ? x : convolution(block.at('in_conv'), x, out, { kernel: 1 })
  return residualBlocks(block, start, config, 1)
}

function lightBlock(block: Layer, x: Value, out: number, config: T2IAdapterConfig): Value {
  const start = convolution(block.at('in_conv'), x, Math.floor(out / 4), { kernel: 1 })
  return convolution(block.at('out_conv'), residualBlocks(block, start, config, 3), out, { kernel: 1 })
}

function residualBlocks(block: Layer, x: Value, config: T2IAdapterConfig, kernel: number): Value {
  let hidden = x
  for (let k = 0; k < config.num_res_blocks; k++) {
    const inside = block.at('resnets', k)
    const channels = hidden.shape[1]
    const first = relu(convolution(inside.at('block1'), hidden, channels))
    hidden = add(convolution(inside.at('block2'), first, channels, { kernel }), hidden)
  }
  return hidden
}
