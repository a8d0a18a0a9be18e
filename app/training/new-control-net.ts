import { controlNet } from '../models/controlnet.ts'
import { Problem } from '../problem.ts'
import type { Trainable } from '../runtime/trainable.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import type { JsonObject } from '../weights/json-file.ts'
import type { Component } from '../weights/model-source.ts'
import { WeightFiles } from '../weights/weight-files.ts'
import { streamOf } from './loop.ts'

/** Options of a UNet that its copy in a ControlNet has too, as the reference's `ControlNetModel.from_unet` copies them. */
const shared = [
  ...['encoder_hid_dim', 'encoder_hid_dim_type', 'addition_embed_type', 'addition_time_embed_dim'],
  ...['transformer_layers_per_block', 'in_channels', 'flip_sin_to_cos', 'freq_shift', 'down_block_types'],
  ...['only_cross_attention', 'block_out_channels', 'layers_per_block', 'downsample_padding'],
  ...['mid_block_scale_factor', 'act_fn', 'norm_num_groups', 'norm_eps', 'cross_attention_dim'],
  ...['attention_head_dim', 'num_attention_heads', 'use_linear_projection', 'class_embed_type', 'num_class_embeds'],
  ...['upcast_attention', 'resnet_time_scale_shift', 'projection_class_embeddings_input_dim', 'mid_block_type'],
]

/** Channels of the layers that the control picture goes through, finest first: the reference's. */
const pictureWidths = [16, 32, 96, 256]

/** Weights of a UNet that a ControlNet has no use for: the way up, and what only UNets are told. */
const leftOut = /^(?:up_blocks|conv_norm_out|conv_out|time_embedding\.cond_proj)\b/

/** Weights of a ControlNet that its UNet has not. */
export const isNewInControlNet = (key: string): boolean =>
  /^controlnet_(?:cond_embedding|down_blocks|mid_block)\./.test(key)

/** A ControlNet that is a copy of a UNet's way down (Zhang et al. 2023, arXiv:2302.05543, section 3.1; the reference's
 *  `ControlNetModel.from_unet`): its weights are the ranges of the UNet's own file. Those that `isNewInControlNet` names are in no file yet.
 *  @param stride pixels of the control picture for each latent: a power of 2
 *  @throws Problem TRAINING_CONTROL where the UNet has blocks that no ControlNet has */
export function copiedControlNet(unet: Component, stride: number): Component {
  const config = controlNetConfig(unet, stride)
  const { label, files } = unet.weights
  const kept = files.map(file => ({
    ...file,
    tensors: new Map([...file.tensors].filter(([name]) => !leftOut.test(name))),
  }))
  return {
    ...{ name: 'controlnet', className: controlNet.className, folder: `${unet.folder} copied as a ControlNet` },
    ...{ configPath: unet.configPath, config, weights: new WeightFiles(label, kept) },
  }
}

function controlNetConfig({ config: unet, configPath }: Component, stride: number): JsonObject {
  const levels = Math.log2(stride) + 1
  const widths = Array.from({ length: levels }, (_, k) => pictureWidths[Math.min(k, pictureWidths.length - 1)])
  const config = {
    _class_name: controlNet.className,
    ...Object.fromEntries(Object.entries(unet).filter(([key]) => shared.includes(key))),
    ...{ conditioning_channels: 3, controlnet_conditioning_channel_order: 'rgb' },
    ...{ conditioning_embedding_out_channels: widths, global_pool_conditions: false },
  }
  const { error } = controlNet.config.safeParse(config)
  if (error === undefined && Number.isInteger(levels)) return config
  const [issue] = error?.issues ?? []
  throw new Problem(
    'TRAINING_CONTROL',
    `No ControlNet can be made for this model: ${configPath} asks for ${issue?.path.join('.') ?? `a stride of ${stride}`}, which ControlNets do not have.`,
    { hint: 'Choose a model of Stable Diffusion 1, 2 or XL.' },
  )
}

/** Where the parameters of a ControlNet begin. What its file or its UNet holds is taken from there; of a new one the convolutions that lead into the
 *  UNet are zero, so that it changes nothing at first (zero convolutions), and so is the last one of the picture's own layers; the others begin as
 *  torch begins convolutions: uniform up to 1 / sqrt(inputs).
 *  @param prefix of the parameters' names before their state-dict keys */
export function firstControlWeights({ parameters, stored }: Trainable, prefix: string, seed: bigint) {
  return new Map(
    [...parameters].map(([name, shape]) => {
      const key = name.slice(prefix.length)
      const weight = parameters.get(name.replace(/bias$/, 'weight')) ?? shape
      return [name, stored(name) ?? newWeights(key, shape, weight, seed)] as const
    }),
  )
}

function newWeights(key: string, shape: Shape, weight: Shape, seed: bigint): Float32Array {
  const isZero = !/^controlnet_cond_embedding\.(?!conv_out\.)/.test(key)
  if (isZero) return new Float32Array(sizeOf(shape))
  const high = 1 / Math.sqrt(sizeOf(weight.slice(1)))
  return streamOf(seed, `start of ${key}`).uniform(shape, { low: -high, high }).data
}
