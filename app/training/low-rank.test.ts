import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { fitLora, layersOf, openLora } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import { openSafetensors, readTensor } from '../weights/safetensors.ts'
import { chosenLayers, firstFactors, writeKohyaLora } from './low-rank.ts'

const model = openModel('native-models/sticker-world')
const layers = layersOf(model.component('unet').weights)
const choice = { rank: 4, alpha: 2, feedForward: false, convolutions: false }

test('attention alone: q, k, v and out of both attentions of each block', () => {
  const chosen = chosenLayers(layers, choice)
  const blocks = [...layers.keys()].filter(layer => layer.endsWith('attn1.to_q')).length
  expect(blocks).toBeGreaterThan(0)
  expect(chosen.size).toBe(8 * blocks)
  expect(chosen.get('mid_block.attentions.0.transformer_blocks.0.attn2.to_out.0')).toEqual({ rank: 4, scale: 0.5 })
})

test('feed-forward and convolutions are added where they are asked for', () => {
  const all = chosenLayers(layers, { ...choice, feedForward: true, convolutions: true })
  for (const layer of ['transformer_blocks.0.ff.net.2', 'resnets.0.conv1', 'downsamplers.0.conv']) {
    expect([...all.keys()].some(path => path.endsWith(layer))).toBe(true)
  }
  expect(all.has('conv_in')).toBe(false)
})

test('factors begin within 1 / sqrt(inputs) and at zero, each layer with its own numbers', () => {
  const shapes = new Map([
    ['a.lora_A.weight', [4, 100]],
    ['b.lora_A.weight', [4, 100]],
    ['a.lora_B.weight', [8, 4]],
  ])
  const start = firstFactors(shapes, 3n)
  const a = start.get('a.lora_A.weight') ?? new Float32Array()
  expect(Math.max(...a)).toBeLessThan(0.1)
  expect(Math.max(...a)).toBeGreaterThan(0.09)
  expect(Math.min(...a)).toBeLessThan(-0.09)
  expect(start.get('b.lora_A.weight')).not.toEqual(a)
  expect(start.get('a.lora_B.weight')).toEqual(new Float32Array(32))
})

test('the file is one that this program opens as a LoRA of that model: every layer fits, with its scale', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-lora-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'made.safetensors')
  const chosen = chosenLayers(layers, choice)
  const shapes = new Map<string, readonly number[]>()
  for (const layer of chosen.keys()) {
    const [out = 0, inputs = 0] = layers.get(layer) ?? []
    shapes.set(`${layer}.lora_A.weight`, [4, inputs]).set(`${layer}.lora_B.weight`, [out, 4])
  }
  const numbers = firstFactors(shapes, 1n)
  writeKohyaLora(path, { numbers, shapes }, 2, { 'modelspec.trigger_phrase': 'sks cat' })
  const fitted = fitLora(openLora(path), 'unet', layers)
  expect([...(fitted?.deltas.keys() ?? [])].sort()).toEqual([...chosen.keys()].sort())
  expect(fitted?.unmatched).toEqual([])
  for (const { scale } of fitted?.deltas.values() ?? []) expect(scale).toBe(0.5)
  const down = 'lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight'
  const own = numbers.get('mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight')
  expect(readTensor(openSafetensors(path), down)).toEqual(own)
})

test('factors of text encoders stand under kohya’s names for one encoder, and for two', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-lora-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const layersOfFile = (encoders: readonly string[]) => {
    const shapes = new Map<string, readonly number[]>([['mid_block.a.lora_A.weight', [4, 8]]])
    for (const encoder of encoders) shapes.set(`${encoder}/encoder.layers.0.mlp.fc1.lora_A.weight`, [4, 8])
    const path = join(folder, `${encoders.length}.safetensors`)
    writeKohyaLora(path, { numbers: firstFactors(shapes, 1n), shapes }, 2, {})
    const names = [...openSafetensors(path).tensors.keys()].filter(name => name.endsWith('.lora_down.weight'))
    return names.map(name => name.replace('.lora_down.weight', '')).sort()
  }
  const rest = 'text_model_encoder_layers_0_mlp_fc1'
  expect(layersOfFile(['text_encoder'])).toEqual([`lora_te_${rest}`, 'lora_unet_mid_block_a'])
  expect(layersOfFile(['text_encoder', 'text_encoder_2'])).toEqual([
    `lora_te1_${rest}`,
    `lora_te2_${rest}`,
    'lora_unet_mid_block_a',
  ])
})
