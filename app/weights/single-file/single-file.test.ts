import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { readRaw, readTensor, type TensorToWrite, writeSafetensors } from '../safetensors.ts'
import { openAutoencoderFile, openControlNetFile, openSingleFile } from './single-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-single-'))
afterAll(() => rmSync(folder, { recursive: true }))

let next = 1
/** Tensors that count on, so that none equals another. */
const counted = (shape: readonly number[]): TensorToWrite & { readonly data: Float32Array } => ({
  dtype: 'F32',
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => next++),
})
const integer = (value: number): TensorToWrite => ({ dtype: 'I64', shape: [], data: BigInt64Array.of(BigInt(value)) })

function write(tensors: Record<string, TensorToWrite>, metadata: Record<string, string> = {}): string {
  const path = join(folder, `${next}.bin`)
  writeSafetensors(path, Object.entries(tensors), metadata)
  return path
}

const transformer = (path: string, width: number, context: number, linear = false) => ({
  [`${path}.proj_in.weight`]: counted(linear ? [width, width] : [width, width, 1, 1]),
  [`${path}.transformer_blocks.0.attn1.to_q.weight`]: counted([width, width]),
  [`${path}.transformer_blocks.0.attn1.to_k.weight`]: counted([width, width]),
  [`${path}.transformer_blocks.0.attn2.to_k.weight`]: counted([width, context]),
})

const unet = 'model.diffusion_model'
const tinyUNet = (context: number, { channels = 4, linear = false } = {}) => ({
  [`${unet}.input_blocks.0.0.weight`]: counted([32, channels, 3, 3]),
  [`${unet}.input_blocks.1.0.in_layers.2.weight`]: counted([32, 32, 3, 3]),
  ...transformer(`${unet}.input_blocks.1.1`, 32, context, linear),
  [`${unet}.input_blocks.2.0.op.weight`]: counted([32, 32, 3, 3]),
  [`${unet}.input_blocks.3.0.in_layers.2.weight`]: counted([64, 32, 3, 3]),
  ...transformer(`${unet}.middle_block.1`, 64, context, linear),
  [`${unet}.output_blocks.0.0.in_layers.2.weight`]: counted([64, 128, 3, 3]),
  [`${unet}.output_blocks.1.0.in_layers.2.weight`]: counted([64, 96, 3, 3]),
  [`${unet}.output_blocks.1.1.conv.weight`]: counted([64, 64, 3, 3]),
  ...transformer(`${unet}.output_blocks.2.1`, 32, context, linear),
  [`${unet}.out.2.weight`]: counted([4, 32, 3, 3]),
})

const openClip = (prefix: string, layers: number) => ({
  [`${prefix}.token_embedding.weight`]: counted([49408, 2]),
  [`${prefix}.positional_embedding`]: counted([77, 2]),
  [`${prefix}.text_projection`]: counted([2, 3]),
  ...Object.fromEntries(
    Array.from({ length: layers }, (_, k) => [
      [`${prefix}.transformer.resblocks.${k}.attn.in_proj_weight`, counted([6, 2])],
      [`${prefix}.transformer.resblocks.${k}.attn.in_proj_bias`, counted([6])],
      [`${prefix}.transformer.resblocks.${k}.mlp.c_fc.weight`, counted([8, 2])],
    ]).flat(),
  ),
})

test('Stable Diffusion 1: blocks are counted into levels; what comes after the upsampling belongs to the next one', () => {
  const model = openSingleFile(write({ ...tinyUNet(768), betas: counted([4]), 'model_ema.decay': counted([]) }))
  expect(model.family).toBe('sd1')
  expect(model.className).toBe('StableDiffusionPipeline')
  const { config, weights } = model.component('unet')
  expect(config).toMatchObject({
    in_channels: 4,
    block_out_channels: [32, 64],
    down_block_types: ['CrossAttnDownBlock2D', 'DownBlock2D'],
    up_block_types: ['UpBlock2D', 'CrossAttnUpBlock2D'],
    layers_per_block: 1,
    attention_head_dim: 8,
    cross_attention_dim: 768,
    use_linear_projection: false,
    sample_size: 64,
  })
  const keys = model.keyMap.get('unet')
  expect(keys?.get('down_blocks.0.downsamplers.0.conv.weight')).toBe(`${unet}.input_blocks.2.0.op.weight`)
  expect(keys?.get('up_blocks.0.upsamplers.0.conv.weight')).toBe(`${unet}.output_blocks.1.1.conv.weight`)
  expect(keys?.get('up_blocks.1.attentions.0.proj_in.weight')).toBe(`${unet}.output_blocks.2.1.proj_in.weight`)
  expect([...weights.keys()]).toHaveLength(Object.keys(tinyUNet(768)).length)
  expect(model.component('scheduler').className).toBe('PNDMScheduler')
})

test.each([
  [9, 'StableDiffusionInpaintPipeline'],
  [8, 'StableDiffusionInstructPix2PixPipeline'],
  [5, 'StableDiffusionDepth2ImgPipeline'],
])('a UNet of %i channels is of the %s', (channels, pipeline) => {
  expect(openSingleFile(write(tinyUNet(768, { channels }))).className).toBe(pipeline)
})

test.each([
  [875000, 4, {}, 'epsilon', 64],
  [110000, 4, {}, 'v_prediction', 96],
  [110000, 9, {}, 'epsilon', 64],
  [110000, 4, { 'modelspec.prediction_type': 'epsilon' }, 'epsilon', 64],
])(
  'Stable Diffusion 2 after %i steps with %i channels and metadata %o predicts %s',
  (steps, channels, metadata, prediction, size) => {
    const tensors = { ...tinyUNet(1024, { channels, linear: true }), ...openClip('cond_stage_model.model', 24) }
    const model = openSingleFile(write({ ...tensors, global_step: integer(steps) }, metadata))
    expect(model.family).toBe('sd2')
    expect(model.component('scheduler').config.prediction_type).toBe(prediction)
    expect(model.component('unet').config.sample_size).toBe(size)
    // The reference leaves the last of OpenCLIP's 24 layers out.
    expect(model.component('text_encoder').config).toMatchObject({ num_hidden_layers: 23, hidden_act: 'gelu' })
  },
)

test('Stable Diffusion XL: joined matrices are cut, the projection is transposed, numbers are counted', () => {
  const clip = openClip('conditioner.embedders.1.model', 2)
  const addition = { [`${unet}.label_emb.0.0.weight`]: counted([128, 3 + 6 * 8]) }
  const model = openSingleFile(
    write({ ...tinyUNet(2048, { linear: true }), ...clip, ...addition, v_pred: counted([0]) }),
  )
  expect(model.family).toBe('sdxl')
  expect(model.component('unet').config).toMatchObject({
    addition_embed_type: 'text_time',
    addition_time_embed_dim: 8,
    projection_class_embeddings_input_dim: 51,
  })
  const second = model.component('text_encoder_2')
  expect(second.className).toBe('CLIPTextModelWithProjection')
  expect(second.config).toMatchObject({ projection_dim: 3, num_hidden_layers: 2, eos_token_id: 49407 })
  const [view] = second.weights.files
  const whole = clip['conditioner.embedders.1.model.transformer.resblocks.1.attn.in_proj_weight'].data
  const parts = ['q', 'k', 'v'].map(name =>
    readTensor(view, `text_model.encoder.layers.1.self_attn.${name}_proj.weight`),
  )
  expect(parts.flatMap(part => [...part])).toEqual(Array.from(whole as Float32Array))
  const [a, b, c, d, e, f] = clip['conditioner.embedders.1.model.text_projection'].data as Float32Array
  expect(view.tensors.get('text_projection.weight')?.shape).toEqual([3, 2])
  expect([...readTensor(view, 'text_projection.weight')]).toEqual([a, d, b, e, c, f])
  expect(model.component('scheduler').config.prediction_type).toBe('v_prediction')
})

test('Flux: the last modulation is read with its halves swapped, joined layers are cut into unequal parts', () => {
  const modulation = counted([4, 2])
  const joined = counted([3 * 2 + 8, 2])
  const model = openSingleFile(
    write({
      'double_blocks.0.img_attn.qkv.weight': counted([6, 2]),
      'img_in.weight': counted([2, 64]),
      'single_blocks.0.linear1.weight': joined,
      'final_layer.adaLN_modulation.1.weight': modulation,
    }),
  )
  expect([model.family, model.className]).toEqual(['flux', 'FluxPipeline'])
  const [view] = model.component('transformer').weights.files
  const bytes = Buffer.from(readRaw(view, 'norm_out.linear.weight'))
  const stored = Buffer.from(modulation.data.buffer)
  expect(bytes).toEqual(Buffer.concat([stored.subarray(16), stored.subarray(0, 16)]))
  expect(view.tensors.get('single_transformer_blocks.0.proj_mlp.weight')?.shape).toEqual([8, 2])
  expect([...readTensor(view, 'single_transformer_blocks.0.proj_mlp.weight')]).toEqual([...joined.data].slice(12))
})

test('what is missing is said with the name of the file', () => {
  const path = write(tinyUNet(768))
  expect(() => openSingleFile(path).component('vae')).toThrow(`${path} holds no vae`)
  const other = write({ 'lora_unet_mid_block.lora_up.weight': counted([2, 2]) })
  expect(() => openSingleFile(other)).toThrow(`${other} holds no checkpoint`)
  expect(() => openControlNetFile(other)).toThrow(`${other} holds no controlnet`)
  expect(() => openAutoencoderFile(other, 'sd1')).toThrow(`${other} holds no vae`)
})
