import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { add, concat, multiply, reduceMean, slice } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { convolution, silu } from './layers/basic.ts'
import { computed } from './layers/half.ts'
import type { Layer } from './layers/layer.ts'
import { type ConditionedSizes, downPath, middleOf, startPass } from './unet/conditioned.ts'
import { conditionedOptions, downBlockTypes, refuseMisfits } from './unet/config.ts'

/** Options of the reference's ControlNetModel with its defaults; what only UNets have keeps the UNet's default. */
const configSchema = z
  .object({
    ...conditionedOptions,
    class_embed_type: z.enum(['timestep', 'identity', 'projection']).nullish(),
    down_block_types: z
      .array(z.enum(downBlockTypes))
      .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
    mid_block_type: z.enum(['UNetMidBlock2DCrossAttn', 'UNetMidBlock2D']).default('UNetMidBlock2DCrossAttn'),
    conditioning_channels: z.int().positive().default(3),
    controlnet_conditioning_channel_order: z.enum(['rgb', 'bgr']).default('rgb'),
    conditioning_embedding_out_channels: z.array(z.int().positive()).min(1).default([16, 32, 96, 256]),
    global_pool_conditions: z.boolean().default(false),
  })
  .transform(config => ({ ...config, conv_in_kernel: 3, center_input_sample: false }))
  .superRefine(refuseMisfits)
export type ControlNetConfig = z.output<typeof configSchema>

/** What one graph of a ControlNet is built for. */
export interface ControlNetSizes extends ConditionedSizes {
  /** Weak for fine levels, strong for coarse ones: the picture alone guides (Zhang et al. 2023, arXiv:2302.05543, section 4.1). */
  readonly guessMode: boolean
  /** It is fed what the graph `embedding` made of the picture, which is the same in all calls of a run, instead of the picture. */
  readonly isEmbedded?: boolean
}

/** Pixels of the control picture for each latent. */
export const controlStrideOf = (config: ControlNetConfig): number =>
  2 ** (config.conditioning_embedding_out_channels.length - 1)

/** ControlNetModel (diffusers; Zhang et al. 2023, arXiv:2302.05543): a control picture to values that a UNet adds on its way.
 *  Inputs of `control`: those of UNet2DConditionModel, controlnet_cond [batch, conditioning_channels, height x stride, width x stride] in [0, 1],
 *  conditioning_scale [1]. Outputs, as the UNet takes them: down_block_additional_residuals.N, mid_block_additional_residual.
 *  `embedding` makes controlnet_embedding [batch, block_out_channels[0], height, width] of controlnet_cond. */
export const controlNet: Family<ControlNetConfig, ControlNetSizes> = {
  className: 'ControlNetModel',
  config: configSchema,
  graphs: { control, embedding },
  usesAllWeights: true,
}

function control(layer: Layer, config: ControlNetConfig, sizes: ControlNetSizes): void {
  const { graph } = layer
  const { sample, pass } = startPass(layer, config, sizes)
  const picture = sizes.isEmbedded
    ? computed(graph.input('controlnet_embedding', 'float32', sample.shape.with(1, config.block_out_channels[0])))
    : conditioningEmbedding(layer.at('controlnet_cond_embedding'), config, sizes)
  const first = add(convolution(layer.at('conv_in'), sample, config.block_out_channels[0]), picture)
  const { hidden, residuals } = downPath(layer, first, config, pass)
  const middle = middleOf(layer, hidden, config, pass)

  const scale = computed(graph.input('conditioning_scale', 'float32', [1]))
  const strength = strengths(residuals.length + 1, sizes.guessMode && !config.global_pool_conditions)
  const finish = (name: string, zero: Layer, value: Value, index: number) => {
    const out = convolution(zero, value, value.shape[1], { kernel: 1 })
    const scaled = multiply(out, strength === undefined ? scale : multiply(scale, strength[index]))
    graph.output(name, config.global_pool_conditions ? reduceMean(reduceMean(scaled, 2), 3) : scaled)
  }
  for (const [k, value] of residuals.entries()) {
    finish(`down_block_additional_residuals.${k}`, layer.at('controlnet_down_blocks', k), value, k)
  }
  finish('mid_block_additional_residual', layer.at('controlnet_mid_block'), middle, residuals.length)
}

function embedding(layer: Layer, config: ControlNetConfig, sizes: ControlNetSizes): void {
  layer.graph.output(
    'controlnet_embedding',
    conditioningEmbedding(layer.at('controlnet_cond_embedding'), config, sizes),
  )
}

/** From 0.1 to 1 in equal ratios in guess mode, else undefined. */
const strengths = (count: number, guessMode: boolean): number[] | undefined =>
  guessMode ? Array.from({ length: count }, (_, k) => 10 ** (k / (count - 1) - 1)) : undefined

/** The reference's `ControlNetConditioningEmbedding`: the control picture at the size of the latents. */
function conditioningEmbedding(layer: Layer, config: ControlNetConfig, sizes: ControlNetSizes): Value {
  const stride = controlStrideOf(config)
  const { batch, height, width } = sizes
  const shape = [batch, config.conditioning_channels, height * stride, width * stride]
  const fed = layer.graph.input('controlnet_cond', 'float32', shape)
  const widths = config.conditioning_embedding_out_channels
  return layer.build(() => {
    const picture = config.controlnet_conditioning_channel_order === 'bgr' ? reversedChannels(fed) : fed
    let hidden = silu(convolution(layer.at('conv_in'), picture, widths[0]))
    for (let k = 0; k < widths.length - 1; k++) {
      hidden = silu(convolution(layer.at('blocks', 2 * k), hidden, widths[k]))
      hidden = silu(convolution(layer.at('blocks', 2 * k + 1), hidden, widths[k + 1], { stride: 2 }))
    }
    return convolution(layer.at('conv_out'), hidden, config.block_out_channels[0])
  })
}

function reversedChannels(picture: Value): Value {
  const channels = Array.from({ length: picture.shape[1] }, (_, k) => slice(picture, 1, k, k + 1))
  return concat(channels.reverse(), 1)
}
