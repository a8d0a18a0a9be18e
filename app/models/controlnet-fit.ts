import type { ControlNetConfig } from './controlnet.ts'
import type { T2IAdapterConfig } from './t2i-adapter.ts'
import { at, type ConditionedConfig, type UNetConfig } from './unet/config.ts'
import { wantedInputs } from './unet-2d-condition.ts'

/** Why a ControlNet cannot stand beside a UNet, in words that follow "It": "reads text of width 768, the model gives 256"; undefined where
 *  it can. A ControlNet is a copy of a UNet's way down: what it reads and gives must have the same widths. */
export function misfitOf(control: ControlNetConfig, unet: UNetConfig): string | undefined {
  const differs = <Found>(ours: Found, theirs: Found) => JSON.stringify(ours) !== JSON.stringify(theirs)
  const texts = [control, unet].map(textWidthOf)
  if (texts[0] !== texts[1]) return `reads text of width ${texts[0]}, the model gives ${texts[1]}`
  if (control.in_channels !== unet.in_channels) {
    return `reads latents of ${control.in_channels} channels, the model has ${unet.in_channels}`
  }
  const [levels, others] = [control, unet].map(levelsOf)
  if (differs(levels, others)) return `has levels of ${levels.join(', ')}, the model of ${others.join(', ')}`
  const missing = wantedInputs(control).find(name => !wantedInputs(unet).includes(name))
  if (missing !== undefined) return `wants ${missing}, which the model is not told`
  const [added, expected] = [control, unet].map(
    ({ projection_class_embeddings_input_dim: width, addition_embed_type: type }) => (type == null ? undefined : width),
  )
  if (added !== undefined && added !== expected) {
    return `embeds ${added} numbers beside the text, the model ${expected}`
  }
  return undefined
}

const textWidthOf = (config: ConditionedConfig): number => config.encoder_hid_dim ?? at(config.cross_attention_dim, 0)

/** "320 x 2": channels of each level, and how many values it leaves for the way up. */
const levelsOf = (config: ConditionedConfig): string[] =>
  config.block_out_channels.map((channels, level) => `${channels} x ${at(config.layers_per_block, level)}`)

/** Channels of what an adapter gives, from fine to coarse. */
export const adapterLevels = ({ channels, adapter_type: type }: T2IAdapterConfig): number[] =>
  type === 'light_adapter' ? [...channels, channels[channels.length - 1]] : channels

/** Pixels for each latent: a UNet whose first level is plain takes the first value behind its halving. */
export const adapterStride = ({ downscale_factor: factor }: T2IAdapterConfig, unet: UNetConfig): number =>
  unet.down_block_types[0] === 'DownBlock2D' ? factor / 2 : factor

/** Why a T2I-Adapter cannot stand beside a UNet, in words that follow "It"; undefined where it can. */
export function adapterMisfit(adapter: T2IAdapterConfig, unet: UNetConfig): string | undefined {
  const { block_out_channels: expected } = unet
  const given = adapterLevels(adapter)
  const fits = given.every((channels, level) => channels === expected[Math.min(level, expected.length - 1)])
  if (!fits) return `gives levels of ${given.join(', ')} channels, the model has ${expected.join(', ')}`
  if (given.length > expected.length + 1) return `gives ${given.length} levels, the model takes ${expected.length}`
  return undefined
}
