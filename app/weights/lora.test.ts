import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Shape } from '../tensor/tensor.ts'
import { sizeOf } from '../tensor/tensor.ts'
import { ldmNames } from './ldm-names.ts'
import { fitLora, layersOf, openLora } from './lora.ts'
import { otherMethod, parseAdapterKey } from './lora-keys.ts'
import { writeSafetensors } from './safetensors.ts'
import { openWeightFile } from './weight-files.ts'

/* Numbers are held to the reference by test/parity (08_lora); here: names, factors and refusals. */

const GOLDENS = join(import.meta.dirname, '../../test/parity/goldens')
const folder = mkdtempSync(join(tmpdir(), 'sfumato-lora-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A file with zeros of the given shapes, or single numbers. */
function file(name: string, tensors: Record<string, Shape | number>, metadata: Record<string, string> = {}): string {
  const path = join(folder, `${name}.safetensors`)
  const entries = Object.entries(tensors).map(([key, value]) => {
    const shape = typeof value === 'number' ? [] : value
    const data = new Float32Array(sizeOf(shape)).fill(typeof value === 'number' ? value : 0)
    return [key, { dtype: 'F32', shape, data }] as const
  })
  writeSafetensors(path, entries, metadata)
  return path
}

test.each([
  ['lora_unet_mid_block_attentions_0_proj_in.lora_down.weight', 'unet', 'mid_block_attentions_0_proj_in', 'down'],
  [
    'lora_te1_text_model_encoder_layers_0_mlp_fc1.alpha',
    'text_encoder',
    'text_model_encoder_layers_0_mlp_fc1',
    'alpha',
  ],
  ['lora_te2_text_projection.lora_up.weight', 'text_encoder_2', 'text_projection', 'up'],
  ['lora_unet_conv_in.lora_mid.weight', 'unet', 'conv_in', 'mid'],
  ['lora_unet_conv_in.hada_t1', 'unet', 'conv_in', 'hada_t1'],
  ['lora_unet_conv_in.lokr_w2_b', 'unet', 'conv_in', 'lokr_w2_b'],
  ['lora_unet_conv_in.dora_scale', 'unet', 'conv_in', 'magnitude'],
  ['unet.mid_block.resnets.0.conv1.lora_A.weight', 'unet', 'mid_block.resnets.0.conv1', 'down'],
  ['unet.mid_block.resnets.0.conv1.lora_magnitude_vector', 'unet', 'mid_block.resnets.0.conv1', 'magnitude'],
  ['unet.mid.attn1.processor.to_out_lora.up.weight', 'unet', 'mid.attn1.to_out.0', 'up'],
  ['mid.attn1.processor.to_q_lora.down.weight', 'unet', 'mid.attn1.to_q', 'down'],
  [
    'text_encoder.text_model.encoder.layers.0.self_attn.to_out_lora.down.weight',
    'text_encoder',
    'text_model.encoder.layers.0.self_attn.out_proj',
    'down',
  ],
  [
    'text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.up.weight',
    'text_encoder',
    'text_model.encoder.layers.0.mlp.fc1',
    'up',
  ],
  ['base_model.model.mid_block.resnets.0.conv1.lora_B.weight', 'unet', 'mid_block.resnets.0.conv1', 'up'],
])('%s', (key, network, layer, factor) => {
  expect(parseAdapterKey(key)).toEqual({ network, layer, factor })
})

test('keys of other files are no adapter', () => {
  for (const key of ['conv_in.weight', 'emb_params', 'model.diffusion_model.out.2.weight']) {
    expect(parseAdapterKey(key)).toBeUndefined()
    expect(otherMethod(key)).toBeUndefined()
  }
})

test.each(['sd1', 'sdxl'])('every layer of the UNet of %s is found under its original name', variant => {
  const text = readFileSync(join(GOLDENS, 'cases/09_single_file/convert/case.json'), 'utf8')
  const map: Record<string, string> = JSON.parse(text).variants[variant].expected.key_map.unet
  const pairs = Object.entries(map).filter(([key]) => /\.weight$/.test(key) && !/\.norm\d?\.weight$/.test(key))
  const bare = (key: string) => key.replace('model.diffusion_model.', '').replace(/\.weight$/, '')
  const layers = Object.keys(map).map(bare)
  const names = ldmNames(layers)
  expect(pairs.length).toBeGreaterThan(60)
  for (const [key, original] of pairs) expect([key, names.get(bare(key))]).toEqual([key, bare(original)])
})

test("kohya's file for SDXL, with the original names of all blocks, fits the UNet layer by layer", () => {
  const weights = openWeightFile(join(GOLDENS, 'models/sdxl/unet/diffusion_pytorch_model.safetensors'))
  const text = readFileSync(join(GOLDENS, 'cases/09_single_file/convert/case.json'), 'utf8')
  const map: Record<string, string> = JSON.parse(text).variants.sdxl.expected.key_map.unet
  const layers = layersOf(weights)
  const tensors = [...layers].flatMap(([layer, [out, inputs, ...kernel]]): [string, Shape][] => {
    const original = map[`${layer}.weight`].replace('model.diffusion_model.', '').replace(/\.weight$/, '')
    const name = `lora_unet_${original.replaceAll('.', '_')}`
    return [
      [`${name}.lora_down.weight`, [2, inputs, ...kernel]],
      [`${name}.lora_up.weight`, [out, 2, ...kernel.map(() => 1)]],
    ]
  })
  const fit = fitLora(openLora(file('sdxl', Object.fromEntries(tensors))), 'unet', layers)
  expect(fit?.unmatched).toEqual([])
  expect([...(fit?.deltas ?? [])].map(([layer]) => layer).sort()).toEqual([...layers.keys()].sort())
})

const unet = layersOf(openWeightFile(join(GOLDENS, 'models/sd1/unet/diffusion_pytorch_model.safetensors')))
const layer = 'mid_block.attentions.0.transformer_blocks.0.attn1.to_q' // [32, 32]
const flat = `lora_unet_${layer.replaceAll('.', '_')}`

const scaleOf = (path: string) => fitLora(openLora(path), 'unet', unet)?.deltas.get(layer)?.scale

test('the factor is alpha / rank, and 1 without alpha', () => {
  const factors = { [`${flat}.lora_down.weight`]: [4, 32], [`${flat}.lora_up.weight`]: [32, 4] }
  expect(scaleOf(file('alpha', { ...factors, [`${flat}.alpha`]: 6 }))).toBe(1.5)
  expect(scaleOf(file('no-alpha', factors))).toBe(1)
})

test("diffusers' metadata gives alpha, also for single layers and by the root of the rank", () => {
  const factors = { [`unet.${layer}.lora_A.weight`]: [4, 32], [`unet.${layer}.lora_B.weight`]: [32, 4] }
  const withMetadata = (name: string, config: Record<string, unknown>) =>
    scaleOf(file(name, factors, { lora_adapter_metadata: JSON.stringify(config) }))
  expect(withMetadata('metadata', { 'unet.lora_alpha': 8, 'unet.r': 4 })).toBe(2)
  expect(withMetadata('other', { 'text_encoder.lora_alpha': 8 })).toBe(1)
  expect(withMetadata('root', { 'unet.lora_alpha': 8, 'unet.use_rslora': true })).toBe(4)
  expect(withMetadata('pattern', { 'unet.lora_alpha': 8, 'unet.alpha_pattern': { 'attn1.to_q': 12 } })).toBe(3)
})

test('LoKr of two whole matrices has no rank: its alpha does nothing', () => {
  const factors = { [`${flat}.lokr_w1`]: [4, 4], [`${flat}.lokr_w2`]: [8, 8], [`${flat}.alpha`]: 1e10 }
  expect(scaleOf(file('lokr', factors))).toBe(1)
})

test('layers that the model lacks are listed, unless there are no others', () => {
  const factors = { [`${flat}.lora_down.weight`]: [4, 32], [`${flat}.lora_up.weight`]: [32, 4] }
  const other = { 'lora_unet_nowhere.lora_down.weight': [4, 32], 'lora_unet_nowhere.lora_up.weight': [32, 4] }
  expect(fitLora(openLora(file('some', { ...factors, ...other })), 'unet', unet)?.unmatched).toEqual(['nowhere'])
  const none = openLora(file('none', other))
  expect(() => fitLora(none, 'unet', unet)).toThrow(/belongs to another base model: it changes "nowhere"/)
  expect(fitLora(none, 'text_encoder', unet)).toBeUndefined()
})

test.each<[string, Record<string, Shape>, string]>([
  ['another width', { [`${flat}.lora_down.weight`]: [4, 48], [`${flat}.lora_up.weight`]: [32, 4] }, 'LORA_BASE'],
  ['two ranks', { [`${flat}.lora_down.weight`]: [4, 32], [`${flat}.lora_up.weight`]: [32, 5] }, 'LORA_BASE'],
  ['half of it', { [`${flat}.lora_down.weight`]: [4, 32] }, 'LORA_FACTORS'],
  ['half a LoHa', { [`${flat}.hada_w1_a`]: [32, 4], [`${flat}.hada_w1_b`]: [4, 32] }, 'LORA_FACTORS'],
  ['a LoKr for 64', { [`${flat}.lokr_w1`]: [8, 8], [`${flat}.lokr_w2`]: [8, 8] }, 'LORA_BASE'],
  [
    'lengths of inputs',
    { [`${flat}.lora_down.weight`]: [4, 32], [`${flat}.lora_up.weight`]: [32, 4], [`${flat}.dora_scale`]: [1, 32] },
    'LORA_METHOD',
  ],
  [
    'no rank',
    { [`${flat}.lora_down.weight`]: [0, 32], [`${flat}.lora_up.weight`]: [32, 0], [`${flat}.alpha`]: [1] },
    'LORA_FACTORS',
  ],
  ['OFT', { [`${flat}.oft_blocks`]: [4, 8, 8] }, 'LORA_METHOD'],
  ['a whole difference', { [`${flat}.diff`]: [32, 32] }, 'LORA_METHOD'],
  ['a checkpoint', { 'conv_in.weight': [16, 4, 3, 3] }, 'LORA_FILE'],
])('refused: %s', (name, tensors, code) => {
  const path = file(name, tensors)
  expect(() => fitLora(openLora(path), 'unet', unet)).toThrow(expect.objectContaining({ code }))
})

test('metadata that is no JSON is refused', () => {
  const factors = { [`unet.${layer}.lora_A.weight`]: [4, 32], [`unet.${layer}.lora_B.weight`]: [32, 4] }
  const path = file('spoiled', factors, { lora_adapter_metadata: '{' })
  expect(() => fitLora(openLora(path), 'unet', unet)).toThrow(expect.objectContaining({ code: 'LORA_FILE' }))
})

test('a pickle is not opened', () => {
  const path = join(folder, 'old.safetensors')
  writeFileSync(path, Buffer.from('PK\x03\x04rest of a zip archive'))
  expect(() => openLora(path)).toThrow(expect.objectContaining({ code: 'SAFETENSORS_PICKLE' }))
})
