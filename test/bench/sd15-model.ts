import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Graph } from '../../app/graph/graph.ts'
import { targets } from '../../app/graph/targets.ts'
import { autoencoderKL } from '../../app/models/autoencoder-kl.ts'
import { clipText } from '../../app/models/clip-text.ts'
import { type Family, parseConfig } from '../../app/models/family.ts'
import { Layer, type ParameterSource } from '../../app/models/layers/layer.ts'
import { unet2DCondition } from '../../app/models/unet-2d-condition.ts'
import { TorchGenerator } from '../../app/tensor/random.ts'
import { type Shape, sizeOf } from '../../app/tensor/tensor.ts'
import { float32ToFloat16 } from '../../app/weights/half.ts'
import { writeSafetensors } from '../../app/weights/safetensors.ts'

/** Configs of Stable Diffusion 1.5, as its repository has them. */
const unetConfig = {
  _class_name: 'UNet2DConditionModel',
  _diffusers_version: '0.6.0',
  act_fn: 'silu',
  attention_head_dim: 8,
  block_out_channels: [320, 640, 1280, 1280],
  center_input_sample: false,
  cross_attention_dim: 768,
  down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'CrossAttnDownBlock2D', 'DownBlock2D'],
  downsample_padding: 1,
  flip_sin_to_cos: true,
  freq_shift: 0,
  in_channels: 4,
  layers_per_block: 2,
  mid_block_scale_factor: 1,
  norm_eps: 1e-5,
  norm_num_groups: 32,
  out_channels: 4,
  sample_size: 64,
  up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
}
const autoencoderConfig = {
  _class_name: 'AutoencoderKL',
  _diffusers_version: '0.6.0',
  act_fn: 'silu',
  block_out_channels: [128, 256, 512, 512],
  down_block_types: new Array(4).fill('DownEncoderBlock2D'),
  in_channels: 3,
  latent_channels: 4,
  layers_per_block: 2,
  norm_num_groups: 32,
  out_channels: 3,
  sample_size: 512,
  up_block_types: new Array(4).fill('UpDecoderBlock2D'),
}
const textConfig = {
  architectures: ['CLIPTextModel'],
  model_type: 'clip_text_model',
  bos_token_id: 0,
  eos_token_id: 2,
  hidden_act: 'quick_gelu',
  hidden_size: 768,
  initializer_range: 0.02,
  intermediate_size: 3072,
  layer_norm_eps: 1e-5,
  max_position_embeddings: 77,
  num_attention_heads: 12,
  num_hidden_layers: 12,
  pad_token_id: 1,
  projection_dim: 768,
  torch_dtype: 'float32',
  vocab_size: 49408,
}
const schedulerConfig = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  clip_sample: false,
}
const modelIndex = {
  _class_name: 'StableDiffusionPipeline',
  _diffusers_version: '0.6.0',
  feature_extractor: [null, null],
  safety_checker: [null, null],
  requires_safety_checker: false,
  scheduler: ['diffusers', 'PNDMScheduler'],
  text_encoder: ['transformers', 'CLIPTextModel'],
  tokenizer: ['transformers', 'CLIPTokenizer'],
  unet: ['diffusers', 'UNet2DConditionModel'],
  vae: ['diffusers', 'AutoencoderKL'],
}

/** How its weights are stored. */
export type StoredType = 'F16' | 'F32'

const tokenizer = join(import.meta.dirname, '../parity/goldens/models/clip_bpe_real')

/** Writes a checkpoint of Stable Diffusion 1.5's size and layout with random values, the same ones in both types but for roundings: 2.1 GB in fp16,
 *  4.3 GB in fp32. @returns parameters of the UNet */
export function writeSd15(folder: string, dtype: StoredType): number {
  const part = (name: string, files: Readonly<Record<string, unknown>>) => {
    mkdirSync(join(folder, name), { recursive: true })
    for (const [file, content] of Object.entries(files))
      writeFileSync(join(folder, name, file), JSON.stringify(content, null, 2))
  }
  part('', { 'model_index.json': modelIndex })
  part('scheduler', { 'scheduler_config.json': schedulerConfig })
  part('unet', { 'config.json': unetConfig })
  part('vae', { 'config.json': autoencoderConfig })
  part('text_encoder', { 'config.json': textConfig })
  part('tokenizer', {})
  for (const file of readdirSync(tokenizer)) copyFileSync(join(tokenizer, file), join(folder, 'tokenizer', file))

  const text = shapesOf(clipText, textConfig, { encode: { batch: 1, tokens: 77, mask: false, skip: 0 } })
  writeRandom(join(folder, 'text_encoder', 'model.safetensors'), prefixed(text, 'text_model.'), dtype)
  const pixels = { batch: 1, height: 64, width: 64 }
  const autoencoder = shapesOf(autoencoderKL, autoencoderConfig, { encode: pixels, decode: pixels })
  writeRandom(join(folder, 'vae', 'diffusion_pytorch_model.safetensors'), autoencoder, dtype)
  const latents = { batch: 1, height: 8, width: 8, tokens: 77, timesteps: 'one', contextMask: false } as const
  const unet = shapesOf(unet2DCondition, unetConfig, { predict: latents })
  writeRandom(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'), unet, dtype)
  return [...unet.values()].reduce((sum, shape) => sum + sizeOf(shape), 0)
}

const prefixed = (shapes: ReadonlyMap<string, Shape>, prefix: string) =>
  new Map([...shapes].map(([key, shape]) => [key.startsWith(prefix) ? key : `${prefix}${key}`, shape]))

/** The parameters that a family asks for, with their shapes: what is built with a source that only takes notes. */
function shapesOf<Config, Sizes>(
  family: Family<Config, Sizes>,
  config: object,
  graphs: Readonly<Record<string, Sizes>>,
): Map<string, Shape> {
  const shapes = new Map<string, Shape>()
  const nothing = { file: '/', offset: 0, length: 0 }
  const source: ParameterSource = {
    parameter(graph, key, shape, use) {
      shapes.set(key, shape)
      return graph.external(key, 'float32', use, nothing)
    },
    table(graph, key, shape) {
      shapes.set(key, shape)
      return graph.external(key, 'float32', shape, nothing)
    },
  }
  for (const [name, sizes] of Object.entries(graphs))
    family.graphs[name](new Layer(new Graph(targets.cpu), source), parseConfig(family, config, 'bench'), sizes)
  return shapes
}

/** Normal values; each tensor takes them from another place of one list, so that a thousand million of them take seconds. */
const normals = new TorchGenerator(1n).normal([(1 << 22) + 1]).data

/** Values keep the activations' size: weights are divided by the square root of their inputs, scales are about 1, the rest is small. */
function writeRandom(path: string, shapes: ReadonlyMap<string, Shape>, dtype: StoredType): void {
  let start = 0
  const tensors = [...shapes].map(([name, shape]) => {
    const isScale = shape.length === 1 && name.endsWith('weight')
    const isTable = name.includes('embedding.weight')
    const size = shape.length === 1 ? 0.05 : isTable ? 0.02 : sizeOf(shape.slice(1)) ** -0.5
    const data = () => {
      const values = new Float32Array(sizeOf(shape))
      for (let i = 0; i < values.length; i++)
        values[i] = (isScale ? 1 : 0) + size * normals[(start + i) % normals.length]
      start = (start + values.length * 7 + 1) % normals.length
      return dtype === 'F16' ? float32ToFloat16(values) : values
    }
    return [name, { dtype, shape, data }] as const
  })
  writeSafetensors(path, tensors)
}
