import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { identify } from './identify.ts'
import { type TensorToWrite, writeSafetensors } from './safetensors.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-identify-'))
afterAll(() => rmSync(folder, { recursive: true }))

const half = (shape: readonly number[]): TensorToWrite => ({
  dtype: 'F16',
  shape,
  data: new Uint16Array(shape.reduce((a, b) => a * b, 1)),
})

let count = 0
function write(tensors: Record<string, readonly number[]>, metadata: Record<string, string> = {}): string {
  const path = join(folder, `file-${count++}`)
  writeSafetensors(
    path,
    Object.entries(tensors).map(([name, shape]) => [name, half(shape)] as const),
    metadata,
  )
  return path
}

const kohya = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k'

test.each([
  [
    'kohya LoRA for 1.x',
    { [`${kohya}.lora_down.weight`]: [4, 768], [`${kohya}.lora_up.weight`]: [320, 4] },
    'lora',
    'sd1',
  ],
  ['kohya LoRA for 2.x', { [`${kohya}.lora_down.weight`]: [4, 1024], [`${kohya}.alpha`]: [] }, 'lora', 'sd2'],
  ['kohya LoRA for XL', { [`${kohya}.lora_down.weight`]: [4, 2048] }, 'lora', 'sdxl'],
  [
    'peft LoRA',
    { 'unet.down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.lora_A.weight': [4, 768] },
    'lora',
    'sd1',
  ],
  ['Flux LoRA', { 'transformer.single_transformer_blocks.0.attn.to_q.lora_A.weight': [4, 3072] }, 'lora', 'flux'],
  ['LyCORIS', { 'lora_te2_text_model_encoder_layers_0_mlp_fc1.hada_w1_a': [4, 4] }, 'lora', 'sdxl'],
  ['A1111 embedding', { emb_params: [3, 768] }, 'embedding', 'sd1'],
  ['SDXL embedding', { clip_l: [2, 768], clip_g: [2, 1280] }, 'embedding', 'sdxl'],
  ['embedding by its token', { '<cat-toy>': [1024] }, 'embedding', 'sd2'],
  ['one matrix that is none', { weight: [300, 100] }, 'unknown', 'unknown'],
  ['VAE', { 'decoder.conv_in.weight': [8, 4, 3, 3], 'encoder.conv_in.weight': [8, 3, 3, 3] }, 'vae', 'sd1'],
  ['VAE with a prefix', { 'first_stage_model.decoder.conv_in.weight': [8, 16, 3, 3] }, 'vae', 'unknown'],
  ['text encoder', { 'text_model.embeddings.token_embedding.weight': [9, 4] }, 'text-encoder', 'unknown'],
  [
    'T5',
    { 'encoder.block.0.layer.0.SelfAttention.q.weight': [4, 4], 'shared.weight': [9, 4] },
    'text-encoder',
    'unknown',
  ],
  ['ESRGAN', { 'model.1.sub.0.RDB1.conv1.0.weight': [4, 4, 3, 3] }, 'upscaler', 'unknown'],
  [
    'Real-ESRGAN',
    { 'conv_first.weight': [4, 3, 3, 3], 'body.0.rdb1.conv1.weight': [4, 4, 3, 3] },
    'upscaler',
    'unknown',
  ],
  ['ControlNet', { 'control_model.input_hint_block.0.weight': [16, 3, 3, 3] }, 'controlnet', 'unknown'],
  [
    'ControlNet of the reference',
    { 'controlnet_cond_embedding.conv_in.weight': [16, 3, 3, 3], 'a.attn2.to_k.weight': [9, 2048] },
    'controlnet',
    'sdxl',
  ],
  ['SD3', { 'model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight': [12, 4] }, 'checkpoint', 'sd3'],
  [
    'UNet alone',
    {
      'input_blocks.0.0.weight': [8, 4, 3, 3],
      'out.2.weight': [4, 8, 3, 3],
      'input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight': [8, 1024],
    },
    'checkpoint',
    'sd2',
  ],
])('%s', (_, tensors, kind, family) => {
  expect(identify(write(tensors))).toMatchObject({ kind, family, precision: 'fp16' })
})

test('an embedding is called by the word in its file, else by the name of the file', () => {
  expect(identify(write({ '<cat-toy>': [1024] })).triggerWords).toEqual(['<cat-toy>'])
  const path = write({ emb_params: [3, 768] }, { 'modelspec.trigger_phrase': 'something else' })
  expect(identify(path).triggerWords).toEqual([basename(path)])
})

test('a LoRA that says what it was trained for is believed before its widths', () => {
  const path = write({ [`${kohya}.lora_down.weight`]: [4, 768] }, { ss_base_model_version: 'sdxl_base_v1-0' })
  expect(identify(path).family).toBe('sdxl')
})

test('title, licence, trigger words and preview are read from metadata; what makes no sense is left out', () => {
  const tags = JSON.stringify({ '10_cat': { 'my cat': 12, grass: 3 }, '2_more': { 'my cat': 2, red: 14 } })
  const tagged = write({ [`${kohya}.lora_down.weight`]: [4, 768] }, { ss_output_name: 'cat', ss_tag_frequency: tags })
  expect(identify(tagged)).toMatchObject({ title: 'cat', triggerWords: ['my cat', 'red'] })
  const spec = {
    'modelspec.title': ' My\u0000 model ',
    'modelspec.license': 'CC0',
    'modelspec.trigger_phrase': 'one, two ,,one',
    'modelspec.thumbnail': 'data:image/png;base64,iVBORw0=',
    ss_tag_frequency: '{broken',
  }
  expect(identify(write({ [`${kohya}.lora_down.weight`]: [4, 768] }, spec))).toMatchObject({
    title: 'My  model',
    licence: 'CC0',
    triggerWords: ['one', 'two'],
    preview: 'data:image/png;base64,iVBORw0=',
  })
  const hostile = { 'modelspec.thumbnail': 'javascript:alert(1)', ss_tag_frequency: '[1]' }
  const { preview, triggerWords } = identify(write({ [`${kohya}.lora_down.weight`]: [4, 768] }, hostile))
  expect([preview, triggerWords]).toEqual([undefined, []])
})

test('folders: a whole model, and one of its parts', () => {
  const model = resolve(import.meta.dirname, '../../native-models/sticker-world')
  expect(identify(model)).toMatchObject({ kind: 'checkpoint', precision: 'fp16' })
  expect(identify(join(model, 'vae')).kind).toBe('vae')
  expect(identify(join(model, 'text_encoder')).kind).toBe('text-encoder')
})
