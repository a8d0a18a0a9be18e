import { expect, test } from 'vitest'
import { Graph } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { controlNet } from './controlnet.ts'
import { ditTransformer2D } from './dit-transformer-2d.ts'
import { type Family, parseConfig } from './family.ts'
import { fluxTransformer2D } from './flux-transformer-2d.ts'
import { Layer } from './layers/layer.ts'
import { storedParameters } from './parameters.ts'
import { sd3Transformer2D } from './sd3-transformer-2d.ts'
import { unet2D } from './unet-2d.ts'
import { unet2DCondition } from './unet-2d-condition.ts'

/** How many parameters a family asks for, at the size of a published model. */
function parametersOf<Config, Sizes>(family: Family<Config, Sizes>, config: object, sizes: Sizes): number {
  const graph = new Graph(targets.cpu)
  const found = new Map<string, number>()
  const source = storedParameters((key, shape) => {
    found.set(key, sizeOf(shape))
    return { path: '/model.safetensors', dtype: 'F32', offset: 0, length: 0 }
  })
  const [write] = Object.values(family.graphs)
  write(new Layer(graph, source), parseConfig(family, config, 'config.json'), sizes)
  return [...found.values()].reduce((sum, size) => sum + size)
}

const sizes = { batch: 1, height: 64, width: 64, tokens: 77, timesteps: 'one', contextMask: false } as const
const [down, up] = ['DownBlock2D', 'UpBlock2D']
const [crossDown, crossUp] = ['CrossAttnDownBlock2D', 'CrossAttnUpBlock2D']
const xl = {
  block_out_channels: [320, 640, 1280],
  down_block_types: [down, crossDown, crossDown],
  cross_attention_dim: 2048,
  attention_head_dim: [5, 10, 20],
  use_linear_projection: true,
  transformer_layers_per_block: [1, 2, 10],
  addition_embed_type: 'text_time',
  addition_time_embed_dim: 256,
  projection_class_embeddings_input_dim: 2816,
}
const refiner = {
  ...xl,
  block_out_channels: [384, 768, 1536, 1536],
  down_block_types: [down, crossDown, crossDown, down],
  up_block_types: [up, crossUp, crossUp, up],
  cross_attention_dim: [1280, 1280, 1280, 1280],
  attention_head_dim: [6, 12, 24, 24],
  transformer_layers_per_block: 4,
  projection_class_embeddings_input_dim: 2560,
}
const upscaler = {
  in_channels: 7,
  block_out_channels: [256, 512, 512, 1024],
  cross_attention_dim: 1024,
  use_linear_projection: true,
  num_class_embeds: 1000,
  only_cross_attention: [true, true, true, false],
  down_block_types: [down, crossDown, crossDown, crossDown],
  up_block_types: [crossUp, crossUp, crossUp, up],
}
const sd2 = { cross_attention_dim: 1024, attention_head_dim: [5, 10, 20, 20], use_linear_projection: true }

// The counts are those of the reference's modules, buffers that are stored included.
test.each<[string, object, number]>([
  ['Stable Diffusion 1.5', { cross_attention_dim: 768 }, 859_520_964],
  ['Stable Diffusion 2.1', sd2, 865_910_724],
  ['Stable Diffusion XL', { ...xl, up_block_types: [crossUp, crossUp, up] }, 2_567_463_684],
  ['the x4 upscaler', upscaler, 473_398_020],
  ['a latent consistency model', { cross_attention_dim: 768, time_cond_proj_dim: 256 }, 859_602_884],
])('the UNet of %s', (_, config, count) => {
  expect(parametersOf(unet2DCondition, config, sizes)).toBe(count)
})

test("the UNet of Stable Diffusion XL's refiner, which is told five numbers of sizes", () => {
  expect(parametersOf(unet2DCondition, refiner, { ...sizes, timeIds: 5 })).toBe(2_259_526_660)
})

test.each<[string, object, number]>([
  ['Stable Diffusion 1.5', { cross_attention_dim: 768 }, 361_279_120],
  ['Stable Diffusion XL', xl, 1_251_014_160],
])('a ControlNet of %s', (_, config, count) => {
  expect(parametersOf(controlNet, config, { ...sizes, guessMode: false })).toBe(count)
})

const [skipDown, skipUp] = ['SkipDownBlock2D', 'SkipUpBlock2D']
test.each<[string, object, number]>([
  [
    'DDPM on CIFAR-10',
    {
      attention_head_dim: null,
      block_out_channels: [128, 256, 256, 256],
      down_block_types: [down, 'AttnDownBlock2D', down, down],
      up_block_types: [up, up, 'AttnUpBlock2D', up],
      downsample_padding: 0,
      norm_eps: 1e-6,
    },
    35_746_307,
  ],
  [
    'NCSN++ at 256 pixels',
    {
      attention_head_dim: null,
      block_out_channels: [128, 128, 256, 256, 256, 256, 256],
      down_block_types: [skipDown, skipDown, skipDown, skipDown, 'AttnSkipDownBlock2D', skipDown, skipDown],
      up_block_types: [skipUp, skipUp, 'AttnSkipUpBlock2D', skipUp, skipUp, skipUp, skipUp],
      norm_num_groups: null,
      time_embedding_type: 'fourier',
    },
    65_574_549,
  ],
])('the UNet of %s', (_, config, count) => {
  expect(parametersOf(unet2D, config, sizes)).toBe(count)
})

test('DiT-XL/2', () => {
  expect(parametersOf(ditTransformer2D, { out_channels: 8 }, sizes)).toBe(749_826_464)
})

const sd3 = { num_layers: 24, num_attention_heads: 24, caption_projection_dim: 1536, pos_embed_max_size: 192 }
const dual = Array.from({ length: 13 }, (_, k) => k)
test.each<[string, object, number]>([
  ['3 medium', sd3, 2_084_951_104],
  ['3.5 medium', { ...sd3, pos_embed_max_size: 384, qk_norm: 'rms_norm', dual_attention_layers: dual }, 2_469_663_936],
  [
    '3.5 large',
    { ...sd3, num_layers: 38, num_attention_heads: 38, caption_projection_dim: 2432, qk_norm: 'rms_norm' },
    8_146_280_768,
  ],
])('the transformer of Stable Diffusion %s', (_, config, count) => {
  expect(parametersOf(sd3Transformer2D, config, sizes)).toBe(count)
})

test.each<[string, object, number]>([
  ['dev', { guidance_embeds: true }, 11_901_408_320],
  ['schnell', {}, 11_891_178_560],
])('the transformer of FLUX.1 %s', (_, config, count) => {
  expect(parametersOf(fluxTransformer2D, config, { ...sizes, places: 1024 })).toBe(count)
})

const reading =
  <Config>(family: Family<Config, never>) =>
  (config: object) =>
    parseConfig(family, config, 'config.json')

test.each<[string, (config: object) => unknown, object, RegExp]>([
  [
    'lists for other levels',
    reading(unet2DCondition),
    { attention_head_dim: [5, 10] },
    /attention_head_dim = \[5,10\].*4 levels/,
  ],
  [
    'nested depths without their way back',
    reading(unet2DCondition),
    { transformer_layers_per_block: [1, [2, 2], 1, 1] },
    /transformer_layers_per_block.*reverse_transformer_layers_per_block/,
  ],
  ['an image embedding', reading(unet2DCondition), { addition_embed_type: 'image' }, /addition_embed_type = "image"/],
  [
    'sizes without their width',
    reading(unet2DCondition),
    { addition_embed_type: 'text_time' },
    /projection_class_embeddings_input_dim/,
  ],
  ['boxes of GLIGEN', reading(unet2DCondition), { attention_type: 'gated' }, /attention_type = "gated"/],
  [
    'a projection that its copy lacks',
    reading(controlNet),
    { class_embed_type: 'simple_projection' },
    /class_embed_type/,
  ],
  ['another skip block', reading(unet2D), { down_block_types: ['KDownBlock2D'] }, /down_block_types/],
  ['another rotation', reading(fluxTransformer2D), { axes_dims_rope: [16, 16, 16] }, /axes_dims_rope/],
  ['another norm', reading(sd3Transformer2D), { qk_norm: 'layer_norm' }, /qk_norm = "layer_norm"/],
])('%s are refused by name', (_, read, config, message) => {
  expect(() => read(config)).toThrow(message)
})
