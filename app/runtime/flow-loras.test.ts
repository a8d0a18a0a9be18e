import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openModel } from '../weights/open-model.ts'
import { type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { flowFiles } from '../weights/testing.ts'
import { fitLoras } from './fit-loras.ts'

/* What adapters of diffusers' layout draw is replayed by test/parity (07_pipelines/{sd3,flux}). */

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

const unet = openModel(join(flowFiles, 'flux_dev.safetensors')).component('transformer')
const fittedOf = (path: string) => fitLoras([{ path, strength: 1 }], { unet })

test('layers of a transformer are found by the names of diffusers, also in a file of the authors', () => {
  const fitted = fittedOf(lora('own.safetensors', 'transformer.transformer_blocks.0.attn.add_q_proj', [64, 64]))
  expect([...(fitted.fitted.unet?.[0].fitted.deltas.keys() ?? [])]).toEqual(['transformer_blocks.0.attn.add_q_proj'])
})

test("kohya's names for Flux are refused as what they are", () => {
  const kohya = lora('kohya.safetensors', 'lora_unet_double_blocks_0_img_attn_qkv', [192, 64])
  expect(() => fittedOf(kohya)).toThrow(expect.objectContaining({ code: 'LORA_LAYOUT' }))
  const other = lora('sd1.safetensors', 'lora_unet_mid_block_attentions_0_proj_in', [8, 8])
  expect(() => fittedOf(other)).toThrow(expect.objectContaining({ code: 'LORA_BASE' }))
})
