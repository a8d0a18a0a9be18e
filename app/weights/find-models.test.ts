import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { findModels } from './find-models.ts'

const root = mkdtempSync(join(tmpdir(), 'sfumato-find-'))
afterAll(() => rmSync(root, { recursive: true }))

function put(...path: string[]): string {
  const file = join(root, ...path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, '')
  return file
}

test('folders of other programs: files of models are found in all their folders, pictures and pieces are not', () => {
  put('ComfyUI/models/checkpoints/one.safetensors')
  put('ComfyUI/models/loras/style/two.safetensors')
  put('ComfyUI/models/loras/style/two.preview.png')
  put('ComfyUI/models/embeddings/three.pt')
  put('ComfyUI/models/checkpoints/.hidden.safetensors')
  put('ComfyUI/models/checkpoints/big-00001-of-00002.safetensors')
  put('ComfyUI/models/sdxl/model_index.json')
  put('ComfyUI/models/sdxl/unet/diffusion_pytorch_model.safetensors')
  put('ComfyUI/models/controlnet/canny/config.json')
  put('ComfyUI/models/controlnet/canny/diffusion_pytorch_model.safetensors')
  const found = findModels(join(root, 'ComfyUI')).map(path => relative(join(root, 'ComfyUI/models'), path))
  expect(found).toEqual([
    'checkpoints/one.safetensors',
    'controlnet/canny',
    'embeddings/three.pt',
    'loras/style/two.safetensors',
    'sdxl',
  ])
})

test('the Hugging Face cache: links are found by their names, the blobs behind them are not; a loop of links ends', () => {
  const blob = put('hub/models--me--thing/blobs/0a1b')
  const snapshot = join(root, 'hub/models--me--thing/snapshots/abc')
  mkdirSync(snapshot, { recursive: true })
  symlinkSync(blob, join(snapshot, 'thing.safetensors'))
  symlinkSync(blob, join(snapshot, 'same.safetensors'))
  symlinkSync(join(root, 'hub'), join(snapshot, 'loop'), 'junction')
  symlinkSync(join(root, 'gone'), join(snapshot, 'broken.safetensors'))
  expect(findModels(join(root, 'hub'))).toEqual([join(snapshot, 'same.safetensors')])
})

test('a file or a model is itself; what does not exist is said', () => {
  const file = put('alone.ckpt')
  expect(findModels(file)).toEqual([file])
  expect(() => findModels(join(root, 'nothing'))).toThrow('does not exist')
})
