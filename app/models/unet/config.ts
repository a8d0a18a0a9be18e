import { z } from 'zod'

const perLevel = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)])
const activation = z.enum(['silu', 'swish', 'mish', 'gelu', 'relu'])
const layerCounts = perLevel(z.int().nonnegative())

/** Kinds of blocks on the way down and up. */
export const downBlockTypes = [
  'CrossAttnDownBlock2D',
  'DownBlock2D',
  'AttnDownBlock2D',
  'ResnetDownsampleBlock2D',
  'SimpleCrossAttnDownBlock2D',
] as const
export const upBlockTypes = [
  'CrossAttnUpBlock2D',
  'UpBlock2D',
  'AttnUpBlock2D',
  'ResnetUpsampleBlock2D',
  'SimpleCrossAttnUpBlock2D',
] as const

/** Options that UNet2DConditionModel and ControlNetModel share, with the reference's defaults; values that are not written here are refused. */
export const conditionedOptions = {
  sample_size: z.union([z.int(), z.tuple([z.int(), z.int()])]).nullish(),
  in_channels: z.int().positive().default(4),
  flip_sin_to_cos: z.boolean().default(true),
  freq_shift: z.number().default(0),
  only_cross_attention: perLevel(z.boolean()).default(false),
  mid_block_only_cross_attention: z.boolean().nullish(),
  block_out_channels: z.array(z.int().positive()).default([320, 640, 1280, 1280]),
  layers_per_block: perLevel(z.int().positive()).default(2),
  downsample_padding: z.int().min(0).max(1).default(1),
  mid_block_scale_factor: z.number().default(1),
  act_fn: activation.default('silu'),
  norm_num_groups: z.int().positive().nullable().default(32),
  norm_eps: z.number().positive().default(1e-5),
  cross_attention_dim: perLevel(z.int().positive()).default(1280),
  transformer_layers_per_block: perLevel(layerCounts).default(1),
  encoder_hid_dim: z.int().positive().nullish(),
  encoder_hid_dim_type: z.literal('text_proj').nullish(),
  attention_head_dim: perLevel(z.int().positive()).default(8),
  num_attention_heads: perLevel(z.int().positive()).nullish(),
  dual_cross_attention: z.literal(false).default(false),
  use_linear_projection: z.boolean().default(false),
  class_embed_type: z.enum(['timestep', 'identity', 'projection', 'simple_projection']).nullish(),
  num_class_embeds: z.int().positive().nullish(),
  projection_class_embeddings_input_dim: z.int().positive().nullish(),
  addition_embed_type: z.literal('text_time').nullish(),
  addition_time_embed_dim: z.int().positive().nullish(),
  resnet_time_scale_shift: z.enum(['default', 'scale_shift']).default('default'),
  resnet_skip_time_act: z.boolean().default(false),
  resnet_out_scale_factor: z.number().default(1),
  time_embedding_type: z.enum(['positional', 'fourier']).default('positional'),
  time_embedding_dim: z.int().positive().nullish(),
  time_embedding_act_fn: activation.nullish(),
  timestep_post_act: activation.nullish(),
  time_cond_proj_dim: z.int().positive().nullish(),
  attention_type: z.literal('default').default('default'),
  class_embeddings_concat: z.boolean().default(false),
  cross_attention_norm: z.enum(['layer_norm', 'group_norm']).nullish(),
}

const unetObject = z.object({
  ...conditionedOptions,
  out_channels: z.int().positive().default(4),
  center_input_sample: z.boolean().default(false),
  down_block_types: z
    .array(z.enum([...downBlockTypes, 'KDownBlock2D', 'KCrossAttnDownBlock2D']))
    .default(['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D']),
  mid_block_type: z
    .enum(['UNetMidBlock2DCrossAttn', 'UNetMidBlock2DSimpleCrossAttn', 'UNetMidBlock2D'])
    .nullable()
    .default('UNetMidBlock2DCrossAttn'),
  up_block_types: z
    .array(z.enum([...upBlockTypes, 'KUpBlock2D', 'KCrossAttnUpBlock2D']))
    .default(['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D']),
  reverse_transformer_layers_per_block: z.array(layerCounts).nullish(),
  conv_in_kernel: z.int().positive().default(3),
  conv_out_kernel: z.int().positive().default(3),
  /** A key of ours, which the reference does not know: SmartBrush. The last channel that comes out says where the object is, and `class_labels` is how
   *  closely it follows the mask (0: exactly), one of `num_class_embeds`. */
  predicts_object_mask: z.boolean().default(false),
})
export type UNetConfig = z.output<typeof unetObject>
/** Options of a UNet2DConditionModel or of its copy in a ControlNet, as far as blocks and embeddings look at them. */
export type ConditionedConfig = Omit<
  UNetConfig,
  | 'out_channels'
  | 'up_block_types'
  | 'reverse_transformer_layers_per_block'
  | 'conv_out_kernel'
  | 'predicts_object_mask'
>

/** Options of the reference's UNet2DConditionModel with its defaults. */
export const unetConfig = unetObject.superRefine((config, context) => {
  refuseMisfits(config, context)
  refuseLength(config, 'up_block_types', context)
  const isNested =
    Array.isArray(config.transformer_layers_per_block) && config.transformer_layers_per_block.some(Array.isArray)
  if (isNested && config.reverse_transformer_layers_per_block == null) {
    refuse(context, 'transformer_layers_per_block', 'nested lists need reverse_transformer_layers_per_block')
  }
  if (config.predicts_object_mask && (config.num_class_embeds == null || config.class_embed_type != null)) {
    refuse(context, 'num_class_embeds', 'a network that predicts object masks is told how precise its mask is')
  }
  if (config.predicts_object_mask && config.out_channels < 2) {
    refuse(context, 'out_channels', 'an object mask is one channel beside the others')
  }
})

/** Refuses options that do not fit each other: lists that have not one value for each level, embeddings without their widths. */
export function refuseMisfits(config: ConditionedConfig, context: z.RefinementCtx): void {
  for (const key of Object.keys(config)) refuseLength(config, key, context)
  const needsWidth = /projection/.test(config.class_embed_type ?? '') || config.addition_embed_type != null
  if (needsWidth && config.projection_class_embeddings_input_dim == null) {
    refuse(context, 'projection_class_embeddings_input_dim', 'the embeddings that this model adds need it')
  }
  if (config.addition_embed_type != null && config.addition_time_embed_dim == null) {
    refuse(context, 'addition_time_embed_dim', 'text_time needs it')
  }
  if (config.encoder_hid_dim_type != null && config.encoder_hid_dim == null) {
    refuse(context, 'encoder_hid_dim', 'text_proj needs it')
  }
}

const notPerLevel = ['sample_size', 'conditioning_embedding_out_channels']

function refuseLength(config: Record<string, unknown>, key: string, context: z.RefinementCtx): void {
  const { down_block_types: levels, [key]: option } = config
  if (!Array.isArray(option) || !Array.isArray(levels) || notPerLevel.includes(key)) return
  if (option.length !== levels.length)
    refuse(context, key, `one value for each of the ${levels.length} levels is needed`)
}

const refuse = (context: z.RefinementCtx, key: string, message: string) =>
  context.addIssue({ code: 'custom', path: [key], message })

/** The value of an option for one level, where the config gives one for all or a list. */
export const at = <Item>(option: Item | readonly Item[], level: number): Item =>
  Array.isArray(option) ? option[level] : (option as Item)
