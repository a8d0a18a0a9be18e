import { expect, test } from 'vitest'
import { problemCode } from '../testing.ts'
import { componentAtRoot, folderFiles, onlyFile } from './choose-files.ts'

const filesOf = (paths: readonly string[]) =>
  paths.map(path => ({ path, size: 1, sha256: undefined, gitSha1: undefined }))

const index = {
  _class_name: 'P',
  unet: ['diffusers', 'U'],
  text_encoder: ['transformers', 'T'],
  scheduler: ['diffusers', 'S'],
  safety_checker: ['x', 'Y'],
  feature_extractor: [null, null],
  requires_safety_checker: true,
}

/** A folder as models of the hub have them, with everything that may lie in one. */
const everything = [
  ...[
    '.gitattributes',
    'README.md',
    'LICENSE.md',
    'model_index.json',
    'picture.png',
    'v1-5-pruned.safetensors',
    'v1-5.ckpt',
  ],
  ...['config', 'diffusion_pytorch_model.index.fp32'].map(name => `unet/${name}.json`),
  ...['', '.fp16', '.non_ema', '.bf16'].map(variant => `unet/diffusion_pytorch_model${variant}.safetensors`),
  ...['bin', 'msgpack', 'fp16.bin', 'onnx'].map(ending => `unet/diffusion_pytorch_model.${ending}`),
  'unet/deep/model.safetensors',
  'text_encoder/config.json',
  'text_encoder/flax_model.msgpack.index.json',
  'text_encoder/pytorch_model.bin.index.json',
  'text_encoder/model.safetensors.index.json',
  'text_encoder/model-00001-of-00002.safetensors',
  'text_encoder/model-00002-of-00002.safetensors',
  'text_encoder/model.safetensors.index.fp16.json',
  'text_encoder/model.fp16-00001-of-00002.safetensors',
  'text_encoder/model.fp16-00002-of-00002.safetensors',
  'text_encoder/openvino_model.xml',
  'scheduler/scheduler_config.json',
  'safety_checker/config.json',
  'safety_checker/pytorch_model.bin',
  'unlisted/model.safetensors',
]

const chosen = (precision: 'fp16' | 'fp32', paths: readonly string[] = everything) =>
  folderFiles('o/n', filesOf(paths), index, precision).map(({ path }) => path)

const always = [
  ...['README.md', 'LICENSE.md', 'model_index.json', 'unet/config.json', 'text_encoder/config.json'],
  'scheduler/scheduler_config.json',
]

test('one variant of the weights of each component, whole, and no other framework’s', () => {
  expect(chosen('fp16').sort()).toEqual(
    [
      ...always,
      'unet/diffusion_pytorch_model.fp16.safetensors',
      'text_encoder/model.safetensors.index.fp16.json',
      'text_encoder/model.fp16-00001-of-00002.safetensors',
      'text_encoder/model.fp16-00002-of-00002.safetensors',
    ].sort(),
  )
  expect(chosen('fp32').sort()).toEqual(
    [
      ...always,
      'unet/diffusion_pytorch_model.safetensors',
      'text_encoder/model.safetensors.index.json',
      'text_encoder/model-00001-of-00002.safetensors',
      'text_encoder/model-00002-of-00002.safetensors',
    ].sort(),
  )
})

test('where the wanted variant is not there or not whole, another one is taken', () => {
  const rest = everything.filter(path => !path.endsWith('.fp16.safetensors') && !path.includes('fp16-00002'))
  const paths = chosen('fp16', rest)
  expect(paths).toContain('unet/diffusion_pytorch_model.bf16.safetensors')
  expect(paths).toContain('text_encoder/model-00002-of-00002.safetensors')
})

test('a component that has only pickles is refused; one that nobody needs is left out', async () => {
  const rest = everything.filter(path => !/^unet\/.*safetensors$/.test(path))
  expect(await problemCode(() => chosen('fp16', rest))).toBe('WEIGHTS_PICKLE')
  expect(chosen('fp16').some(path => path.startsWith('safety_checker'))).toBe(false)
})

test('a single component, and a single file', async () => {
  const control = filesOf([
    'README.md',
    'config.json',
    'diffusion_pytorch_model.bin',
    'diffusion_pytorch_model.safetensors',
  ])
  expect(componentAtRoot('o/n', control, 'fp16')?.map(({ path }) => path)).toEqual([
    'README.md',
    'config.json',
    'diffusion_pytorch_model.safetensors',
  ])
  const lora = filesOf(['README.md', 'pytorch_lora_weights.safetensors'])
  expect(componentAtRoot('o/n', lora, 'fp16')).toBeUndefined()
  expect(onlyFile('o/n', lora).path).toBe('pytorch_lora_weights.safetensors')
  expect(await problemCode(() => onlyFile('o/n', filesOf(['a.ckpt'])))).toBe('WEIGHTS_PICKLE')
})
