import type { JsonObject } from '../json-file.ts'
import type { TensorEntry } from '../safetensors.ts'
import { below, countOf, type Target } from './key-table.ts'
import { groupsFor } from './unet-config.ts'

type Tensors = ReadonlyMap<string, TensorEntry>

/** How a kind of model scales its latents: (latents - shift) x scale is what the UNet sees. */
export interface LatentScale {
  readonly scale: number
  readonly shift?: number
  /** Set where half precision is too small for its numbers. */
  readonly upcast?: true
}

const resnetLeaves = [
  ['norm1', 'norm1'],
  ['conv1', 'conv1'],
  ['norm2', 'norm2'],
  ['conv2', 'conv2'],
  ['nin_shortcut', 'conv_shortcut'],
] as const

/** The key table of CompVis' autoencoder (`first_stage_model.` in its files). */
export const autoencoderRows = (tensors: Tensors): [string, Target][] => [
  ...codecRows(tensors, 'encoder', 'down'),
  ...codecRows(tensors, 'decoder', 'up'),
]

/** The config of the reference's AutoencoderKL, from shapes by its own names. */
export function autoencoderConfig(
  tensors: Tensors,
  { scale, shift, upcast }: LatentScale,
  sampleSize: number,
): JsonObject {
  const levels = Array.from({ length: countOf(tensors, 'decoder.up_blocks') }, (_, level) => level).reverse()
  const widths = levels.map(level => tensors.get(`decoder.up_blocks.${level}.resnets.0.conv1.weight`)?.shape[0] ?? 0)
  return {
    _class_name: 'AutoencoderKL',
    in_channels: tensors.get('encoder.conv_in.weight')?.shape[1] ?? 3,
    out_channels: tensors.get('decoder.conv_out.weight')?.shape[0],
    down_block_types: widths.map(() => 'DownEncoderBlock2D'),
    up_block_types: widths.map(() => 'UpDecoderBlock2D'),
    block_out_channels: widths,
    layers_per_block: countOf(tensors, 'decoder.up_blocks.0.resnets') - 1,
    latent_channels: tensors.get('decoder.conv_in.weight')?.shape[1],
    norm_num_groups: groupsFor(widths),
    act_fn: 'silu',
    sample_size: sampleSize,
    scaling_factor: scale,
    shift_factor: shift ?? null,
    ...(upcast && { force_upcast: true }),
    use_quant_conv: tensors.has('quant_conv.weight'),
    use_post_quant_conv: tensors.has('post_quant_conv.weight'),
    mid_block_add_attention: [...tensors.keys()].some(key => key.startsWith('decoder.mid_block.attentions.0.')),
  }
}

/** Levels of the decoder are counted from fine to coarse in the file, from coarse to fine by the reference. */
function codecRows(tensors: Tensors, codec: 'encoder' | 'decoder', way: 'down' | 'up'): [string, Target][] {
  const levels = countOf(tensors, `${codec}.${way}`)
  const rows: [string, Target][] = [
    [`${codec}.norm_out`, `${codec}.conv_norm_out`],
    ...below(`${codec}.mid.block_1`, `${codec}.mid_block.resnets.0`, resnetLeaves),
    ...below(`${codec}.mid.block_2`, `${codec}.mid_block.resnets.1`, resnetLeaves),
    ...attentionRows(`${codec}.mid.attn_1`, `${codec}.mid_block.attentions.0`),
  ]
  for (let level = 0; level < levels; level++) {
    const stored = `${codec}.${way}.${level}`
    const wanted = `${codec}.${way}_blocks.${way === 'up' ? levels - 1 - level : level}`
    rows.push([`${stored}.${way}sample.conv`, `${wanted}.${way}samplers.0.conv`])
    for (let k = 0; k < countOf(tensors, `${stored}.block`); k++) {
      rows.push(...below(`${stored}.block.${k}`, `${wanted}.resnets.${k}`, resnetLeaves))
    }
  }
  return rows
}

/** Its matrices are kept as 1x1 convolutions. */
const attentionRows = (from: string, to: string): [string, Target][] => [
  [`${from}.norm`, `${to}.group_norm`],
  [`${from}.q`, { matrix: `${to}.to_q` }],
  [`${from}.k`, { matrix: `${to}.to_k` }],
  [`${from}.v`, { matrix: `${to}.to_v` }],
  [`${from}.proj_out`, { matrix: `${to}.to_out.0` }],
]
