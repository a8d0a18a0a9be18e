import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openModel } from '../weights/open-model.ts'
import { type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { flowFiles } from '../weights/testing.ts'
import { fitLoras } from './fit-loras.ts'

/* What adapters of diffusers' layout draw is replayed by test/parity (07_pipelines/{sd3,flux}), of the authors' by 07_pipelines/flow_loras. */

const folder = mkdtempSync(join(tmpdir(), 'sfumato-flow-loras-'))
afterAll(() => rmSync(folder, { recursive: true }))

function lora(name: string, layer: string, [out, width]: readonly [number, number]): string {
  const factor = (rows: number, columns: number): TensorToWrite => {
    return { dtype: 'F32', shape: [rows, columns], data: new Float32Array(rows * columns).fill(0.1) }
  }
  const path = join(folder, name)
  writeSafetensors(path, [
    [`${layer}.lora_down.weight`, factor(2, width)],
    [`${layer}.lora_up.weight`, factor(out, 2)],
  ])
  return path
}

const authors = 'flux_dev.safetensors'
const unet = openModel(join(flowFiles, authors)).component('transformer')
const fittedOf = (path: string) => fitLoras([{ path, strength: 1 }], { unet })

test('layers of a transformer are found by the names of diffusers, also in a file of the authors', () => {
  const fitted = fittedOf(lora('own.safetensors', 'transformer.transformer_blocks.0.attn.add_q_proj', [64, 64]))
  expect([...(fitted.fitted.unet?.[0].fitted.deltas.keys() ?? [])]).toEqual(['transformer_blocks.0.attn.add_q_proj'])
})

test('queries, keys and values that the authors keep in one are three layers, with their own rows of the factor', () => {
  const path = lora('kohya.safetensors', 'lora_unet_double_blocks_0_img_attn_qkv', [192, 64])
  const [{ fitted }] = fittedOf(path).fitted.unet ?? []
  expect([...fitted.deltas.keys()]).toEqual(['to_q', 'to_k', 'to_v'].map(name => `transformer_blocks.0.attn.${name}`))
  const offsets = [...fitted.deltas.values()].map(delta => {
    if (delta.kind !== 'low-rank') throw new Error(delta.kind)
    expect(delta.up.shape).toEqual([64, 2])
    return fitted.lora.file.tensors.get(delta.up.key)?.offset
  })
  const [{ offset = 0 }] = [fitted.lora.file.tensors.get('lora_unet_double_blocks_0_img_attn_qkv.lora_up.weight') ?? {}]
  expect(offsets).toEqual([0, 1, 2].map(k => offset + k * 64 * 2 * 4))
})

test('a layer of the authors that has other sizes, or is of another model, is refused', () => {
  const narrow = lora('narrow.safetensors', 'lora_unet_double_blocks_0_img_attn_qkv', [96, 64])
  expect(() => fittedOf(narrow)).toThrow(
    expect.objectContaining({ code: 'LORA_BASE', message: expect.stringContaining('192 outputs') }),
  )
  const other = lora('sd1.safetensors', 'lora_unet_mid_block_attentions_0_proj_in', [8, 8])
  expect(() => fittedOf(other)).toThrow(expect.objectContaining({ code: 'LORA_BASE' }))
  const sd3 = lora('sd3.safetensors', 'lora_unet_joint_blocks_0_x_block_attn_qkv', [192, 64])
  expect(() => fittedOf(sd3)).toThrow(expect.objectContaining({ code: 'LORA_BASE' }))
})

test('a part of a text encoder is found under the names of every program', () => {
  const model = openModel(join(flowFiles, authors))
  const t5 = model.component('text_encoder_2')
  const [, width = 0] = t5.weights.find('encoder.block.0.layer.0.SelfAttention.q.weight')?.entry.shape ?? []
  const [out = 0] = t5.weights.find('encoder.block.0.layer.0.SelfAttention.q.weight')?.entry.shape ?? []
  for (const [k, name] of [
    'lora_te3_encoder_block_0_layer_0_SelfAttention_q',
    'lora_te2_encoder_block_0_layer_0_SelfAttention_q',
    'text_encoder_2.encoder.block.0.layer.0.SelfAttention.q',
    'text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.q',
  ].entries()) {
    const { fitted, unmatched } = fitLoras([{ path: lora(`t5_${k}.safetensors`, name, [out, width]), strength: 1 }], {
      unet,
      t5,
    })
    expect([...(fitted.t5?.[0].fitted.deltas.keys() ?? [])]).toEqual(['encoder.block.0.layer.0.SelfAttention.q'])
    expect(unmatched).toEqual([])
  }
})
