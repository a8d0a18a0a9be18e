import type { JsonObject } from '../json-file.ts'
import type { TensorEntry } from '../safetensors.ts'
import { countOf } from './key-table.ts'

/* Configs of a UNet and a ControlNet from the shapes of their parameters, by the reference's names. */

type Tensors = ReadonlyMap<string, TensorEntry>

/** Options that shapes cannot say and the kind of model does. */
export interface UNetRule {
  /** Heads of an attention over so many channels. */
  readonly heads: (channels: number) => number
  readonly sampleSize: number
  /** How many numbers (picture size, crop ...) Stable Diffusion XL embeds beside the pooled text, and that text's width if it is known. */
  readonly addition: { readonly numbers: number; readonly pooledWidth: number | undefined } | undefined
}

/** The config of the reference's UNet2DConditionModel. */
export const unetConfig = (tensors: Tensors, rule: UNetRule): JsonObject => ({
  _class_name: 'UNet2DConditionModel',
  ...bodyConfig(tensors, rule),
  ...upConfig(tensors),
  mid_block_type: depthOf(tensors, 'mid_block.attentions.0') > 0 ? 'UNetMidBlock2DCrossAttn' : null,
  out_channels: tensors.get('conv_out.weight')?.shape[0],
  ...(saysWhereObjectsAre(tensors) && { predicts_object_mask: true }),
  sample_size: rule.sampleSize,
})

/** Whether it is a SmartBrush: it sees one channel beside the latents and gives one, and is told one of some levels. Class-conditional networks see
 *  nothing more than they give, and upscalers more. */
function saysWhereObjectsAre(tensors: Tensors): boolean {
  const [seen, given] = [tensors.get('conv_in.weight')?.shape[1], tensors.get('conv_out.weight')?.shape[0]]
  return tensors.has('class_embedding.weight') && seen === given && Number(given) % 4 === 1
}

/** The config of the reference's ControlNetModel. */
export function controlNetConfig(tensors: Tensors, rule: UNetRule): JsonObject {
  const hint = (layer: string) => tensors.get(`controlnet_cond_embedding.${layer}.weight`)
  // Every second block leads to the next width.
  const widths = Array.from({ length: countOf(tensors, 'controlnet_cond_embedding.blocks') / 2 }, (_, k) =>
    hint(`blocks.${2 * k + 1}`),
  )
  return {
    _class_name: 'ControlNetModel',
    ...bodyConfig(tensors, rule),
    conditioning_channels: hint('conv_in')?.shape[1],
    conditioning_embedding_out_channels: [hint('conv_in'), ...widths].map(entry => entry?.shape[0]),
  }
}

const depthOf = (tensors: Tensors, attention: string): number => countOf(tensors, `${attention}.transformer_blocks`)

/** What the way down and the middle say. */
function bodyConfig(tensors: Tensors, rule: UNetRule): JsonObject {
  const levels = Array.from({ length: countOf(tensors, 'down_blocks') }, (_, level) => `down_blocks.${level}`)
  const channels = levels.map(level => tensors.get(`${level}.resnets.0.conv1.weight`)?.shape[0] ?? 0)
  const depths = levels.map(level => depthOf(tensors, `${level}.attentions.0`))
  // The middle takes the last level's depth.
  const middle = depthOf(tensors, 'mid_block.attentions.0')
  const known = depths.map((depth, index) => depth || (index === levels.length - 1 ? middle : 0))
  const cross = [...tensors].find(([key]) => key.endsWith('.attn2.to_k.weight'))?.[1]
  const projection = [...tensors].find(([key]) => /attentions\.\d+\.proj_in\.weight$/.test(key))?.[1]
  const onlyCross = levels.map(level => seesTextAlone(tensors, `${level}.attentions.0`))
  const scaled = tensors.get('mid_block.resnets.0.time_emb_proj.weight')?.shape[0] === 2 * (channels.at(-1) ?? 0)
  return {
    in_channels: tensors.get('conv_in.weight')?.shape[1],
    block_out_channels: channels,
    down_block_types: depths.map(depth => (depth > 0 ? 'CrossAttnDownBlock2D' : 'DownBlock2D')),
    layers_per_block: same(levels.map(level => countOf(tensors, `${level}.resnets`))),
    transformer_layers_per_block: same(
      known.filter(depth => depth > 0),
      known.map(depth => depth || 1),
    ),
    attention_head_dim: same(channels.map(rule.heads)),
    only_cross_attention: onlyCross.includes(true) ? onlyCross : false,
    cross_attention_dim: cross?.shape[1],
    use_linear_projection: projection?.shape.length === 2,
    resnet_time_scale_shift: scaled ? 'scale_shift' : 'default',
    norm_num_groups: groupsFor(channels),
    norm_eps: 1e-5,
    act_fn: 'silu',
    downsample_padding: 1,
    flip_sin_to_cos: true,
    freq_shift: 0,
    ...addedConfig(tensors, rule),
  }
}

/** Whether the first attention of a block looks at the text instead of the picture: its keys then have the width of the text. */
function seesTextAlone(tensors: Tensors, attention: string): boolean {
  const [query, key] = ['to_q', 'to_k'].map(name =>
    tensors.get(`${attention}.transformer_blocks.0.attn1.${name}.weight`),
  )
  return query?.shape[1] !== key?.shape[1]
}

function upConfig(tensors: Tensors): JsonObject {
  const levels = Array.from({ length: countOf(tensors, 'up_blocks') }, (_, level) => `up_blocks.${level}`)
  const depths = levels.map(level => depthOf(tensors, `${level}.attentions.0`))
  const down = levels.map((_, level) => depthOf(tensors, `down_blocks.${levels.length - 1 - level}.attentions.0`))
  const types = { up_block_types: depths.map(depth => (depth > 0 ? 'CrossAttnUpBlock2D' : 'UpBlock2D')) }
  const isMirrored = depths.every((depth, level) => depth === 0 || depth === down[level])
  return isMirrored ? types : { ...types, reverse_transformer_layers_per_block: depths.map(depth => depth || 1) }
}

/** What is added to the time embedding: sizes and pooled text (SDXL), a class, or the noise level of a low-resolution picture (upscaler). */
function addedConfig(tensors: Tensors, rule: UNetRule): JsonObject {
  const levels = tensors.get('class_embedding.weight')
  return { ...(levels && { num_class_embeds: levels.shape[0] }), ...projectionConfig(tensors, rule) }
}

function projectionConfig(tensors: Tensors, { addition }: UNetRule): JsonObject {
  const added = tensors.get('add_embedding.linear_1.weight')?.shape[1]
  const width = added ?? tensors.get('class_embedding.linear_1.weight')?.shape[1]
  if (width === undefined) return {}
  const projection = { projection_class_embeddings_input_dim: width }
  if (added === undefined || addition === undefined) return { class_embed_type: 'projection', ...projection }
  const { numbers, pooledWidth = width - numbers * publishedNumberWidth } = addition
  const perNumber = (width - pooledWidth) / numbers
  return { addition_embed_type: 'text_time', addition_time_embed_dim: perNumber, ...projection }
}

/** Width of the embedding of each number in the published Stable Diffusion XL. */
const publishedNumberWidth = 256

/** One value where all levels have the same. @param list what is said otherwise */
const same = <Item>(values: readonly Item[], list: readonly Item[] = values): Item | readonly Item[] =>
  values.length > 0 && values.every(value => value === values[0]) ? values[0] : list

/** 32 groups, as all published models have; the most that divide the widths where those are too narrow for it. */
export function groupsFor(channels: readonly number[]): number {
  let groups = 32
  while (groups > 1 && channels.some(width => width % groups !== 0)) groups /= 2
  return groups
}
