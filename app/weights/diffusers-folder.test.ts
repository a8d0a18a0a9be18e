import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { openDiffusersFolder } from './diffusers-folder.ts'
import { writeSafetensors } from './safetensors.ts'
import { openWeightFile } from './weight-files.ts'

const root = realpathSync(mkdtempSync(join(tmpdir(), 'sfumato-folder-')))
afterAll(() => rmSync(root, { recursive: true }))

let model = root
let number = 0
const at = (...names: string[]) => join(model, ...names)

function write(path: string, content: unknown): string {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

/** A file of weights with the given shapes, all zero. */
function weights(path: string, shapes: Record<string, number[]>): string {
  mkdirSync(dirname(path), { recursive: true })
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    return [name, { dtype: 'F32', shape, data: new Float32Array(shape.reduce((a, b) => a * b, 1)) }] as const
  })
  writeSafetensors(path, tensors)
  return path
}

const problem = (run: () => unknown): Problem => {
  try {
    run()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('it did not fail')
}

beforeEach(() => {
  model = join(root, `model-${++number}`)
  write(at('model_index.json'), {
    _class_name: 'StableDiffusionPipeline',
    _diffusers_version: '0.42.1',
    requires_safety_checker: false,
    safety_checker: [null, null],
    feature_extractor: ['transformers', 'CLIPImageProcessor'],
    unet: ['diffusers', 'UNet2DConditionModel'],
    vae: ['diffusers', 'AutoencoderKL'],
    tokenizer: ['transformers', 'CLIPTokenizer'],
  })
  write(at('unet', 'config.json'), { sample_size: 3 })
  write(at('vae', 'config.json'), { latent_channels: 5 })
})

test('all components are listed, nulls and unused ones too, and nothing of them is opened', () => {
  write(at('unet', 'diffusion_pytorch_model.safetensors'), 'broken')
  const { className, components, path } = openDiffusersFolder(model)
  expect([className, path]).toEqual(['StableDiffusionPipeline', model])
  expect([...components].map(([name, { className }]) => [name, className])).toEqual([
    ['safety_checker', undefined],
    ['feature_extractor', 'CLIPImageProcessor'],
    ['unet', 'UNet2DConditionModel'],
    ['vae', 'AutoencoderKL'],
    ['tokenizer', 'CLIPTokenizer'],
  ])
})

test('only the component that is asked for is read', () => {
  write(at('unet', 'diffusion_pytorch_model.safetensors'), 'broken')
  weights(at('vae', 'diffusion_pytorch_model.safetensors'), { 'conv.weight': [2, 3] })
  const folder = openDiffusersFolder(at('model_index.json'))
  const vae = folder.component('vae', ['AutoencoderKL'])
  expect(vae.config).toEqual({ latent_channels: 5 })
  expect(vae.weights.require('conv.weight', [2, 3]).entry.length).toBe(24)
  expect(problem(() => folder.component('unet').weights).code).toBe('SAFETENSORS_TRUNCATED')
})

describe('a component that cannot be used is named, with what to do', () => {
  test('null, absent, its folder missing', () => {
    const folder = openDiffusersFolder(model)
    expect(problem(() => folder.component('safety_checker')).message).toContain('safety_checker')
    expect(problem(() => folder.component('text_encoder')).message).toMatch(/model_index\.json names no text_encoder/)
    expect(problem(() => folder.component('tokenizer')).message).toContain(`${at('tokenizer')} is missing`)
  })

  test('of an unknown class', () => {
    const { code, sentence } = problem(() => openDiffusersFolder(model).component('unet', ['UNet3D', 'UViT']))
    expect(code).toBe('COMPONENT_UNKNOWN')
    expect(sentence).toMatch(/unet of .* is of class UNet2DConditionModel, .* is of class UNet3D or UViT/)
  })

  test('without weights, with pickles only, without a config', () => {
    const none = () => openDiffusersFolder(model).component('vae').weights
    expect(problem(none).message).toContain(`${at('vae')} holds no weights`)
    write(at('vae', 'diffusion_pytorch_model.bin'), 'x')
    const { code, sentence } = problem(none)
    expect([code, sentence]).toEqual([
      'WEIGHTS_PICKLE',
      expect.stringMatching(/diffusion_pytorch_model\.bin.*\.safetensors version/),
    ])
    rmSync(at('vae', 'config.json'))
    expect(problem(() => openDiffusersFolder(model).component('vae').config).message).toContain(
      'config.json does not exist',
    )
  })

  test('with a config that is broken', () => {
    for (const [content, found] of [
      ['{', 'not sound JSON'],
      ['[]', 'JSON object'],
      ['version https://git-lfs', 'LFS'],
    ]) {
      write(at('vae', 'config.json'), content)
      expect(problem(() => openDiffusersFolder(model).component('vae').config).message).toContain(found)
    }
  })
})

describe('which file holds the weights', () => {
  const opened = () => openDiffusersFolder(model).component('vae').weights
  const chosen = () => [...opened().keys()]

  test('the plain one before variants, fp16 before unknown ones, both base names', () => {
    weights(at('vae', 'diffusion_pytorch_model.non_ema.safetensors'), { odd: [1] })
    expect(chosen()).toEqual(['odd'])
    weights(at('vae', 'diffusion_pytorch_model.fp16.safetensors'), { fp16: [1] })
    expect(chosen()).toEqual(['fp16'])
    weights(at('vae', 'model.safetensors'), { plain: [1] })
    expect(chosen()).toEqual(['plain'])
  })

  const shards = (map: Record<string, unknown>, name = 'diffusion_pytorch_model.safetensors.index.json') =>
    write(at('vae', name), { metadata: { total_size: 8 }, weight_map: map })
  const [first, second] = [
    'diffusion_pytorch_model-00001-of-00002.safetensors',
    'diffusion_pytorch_model-00002-of-00002.safetensors',
  ]

  test('shards by their index, of a variant too', () => {
    weights(at('vae', first), { a: [1] })
    weights(at('vae', second), { b: [2] })
    shards({ a: first, b: second }, 'diffusion_pytorch_model.safetensors.index.fp16.json')
    expect(chosen()).toEqual(['a', 'b'])
    expect(opened().find('b')?.file.path).toBe(at('vae', second))
  })

  test('a shard that is missing, a tensor that no shard has, a tensor that two have', () => {
    weights(at('vae', first), { a: [1] })
    shards({ a: first, b: second })
    expect(problem(opened).message).toContain(`${second} does not exist`)
    weights(at('vae', second), {})
    expect(problem(opened).message).toContain('promises "b"')
    weights(at('vae', second), { a: [1], b: [1] })
    expect(problem(opened).message).toContain('"a" in two')
  })

  test('an index cannot lead out of its folder', () => {
    weights(join(model, 'secret.safetensors'), { a: [1] })
    for (const name of ['../secret.safetensors', join(model, 'secret.safetensors'), '..', 7, null, 'a.bin']) {
      shards({ a: name })
      expect(problem(opened).code).toBe('WEIGHTS_INDEX')
    }
  })

  test('links of a download cache are followed, errors name the link', () => {
    const blob = weights(join(root, 'blobs', 'abc123'), { a: [4] })
    symlinkSync(blob, at('vae', 'diffusion_pytorch_model.safetensors'))
    expect(opened().find('a')?.file.path).toBe(blob)
    expect(problem(() => opened().require('a', [3])).message).toContain(
      at('vae', 'diffusion_pytorch_model.safetensors'),
    )
  })
})

describe('a path that is no model says what it is', () => {
  test('a part of a model, the cache of a model, another file, nothing', () => {
    const hint = (path: string) => problem(() => openDiffusersFolder(path)).sentence
    expect(hint(at('unet'))).toMatch(
      new RegExp(`unet is only a part of a model\\. Choose the whole model: ${model}\\.`),
    )
    write(at('cache', 'snapshots', 'c0ffee', 'model_index.json'), {})
    expect(hint(at('cache', 'snapshots'))).toContain('has no model_index.json')
    rmSync(at('model_index.json'))
    expect(hint(at('cache'))).toContain(`Choose its snapshot: ${at('cache', 'snapshots', 'c0ffee')}.`)
    expect(hint(write(at('a.safetensors'), ''))).toContain('is a file')
    expect(hint(at('none'))).toContain('none does not exist')
  })

  test('a model_index.json whose component is a path', () => {
    write(at('model_index.json'), { '../unet': ['diffusers', 'UNet2DConditionModel'] })
    expect(problem(() => openDiffusersFolder(model)).code).toBe('MODEL_FOLDER')
  })
})

describe('parameters', () => {
  const open = (shapes: Record<string, number[]>) => openWeightFile(weights(at('w.safetensors'), shapes))

  test('a text encoder is found with and without text_model, buffers are left out', () => {
    const old = { 'text_model.embeddings.position_ids': [1, 77], 'text_model.final_layer_norm.bias': [4] }
    expect(open(old).find('final_layer_norm.bias')?.entry.name).toBe('text_model.final_layer_norm.bias')
    expect([...open(old).keys()]).toEqual(['text_model.final_layer_norm.bias'])
    expect(open({ 'encoder.layers.0.x': [4] }).find('text_model.encoder.layers.0.x')?.entry.name).toBe(
      'encoder.layers.0.x',
    )
  })

  test('the old names of an autoencoder, as linear layers or as 1x1 convolutions', () => {
    const prefix = 'decoder.mid_block.attentions.0'
    const old = open({
      [`${prefix}.query.weight`]: [4, 2, 1, 1],
      [`${prefix}.proj_attn.weight`]: [4, 2],
      [`${prefix}.key.bias`]: [4],
    })
    expect(old.require(`${prefix}.to_q.weight`, [4, 2]).entry.name).toBe(`${prefix}.query.weight`)
    expect(old.require(`${prefix}.to_out.0.weight`, [4, 2]).entry.name).toBe(`${prefix}.proj_attn.weight`)
    expect(old.require(`${prefix}.to_k.bias`, [4]).entry.name).toBe(`${prefix}.key.bias`)
    expect(old.find(`${prefix}.to_v.bias`)).toBeUndefined()
    expect(old.find(`${prefix}.transformer_blocks.0.attn1.to_q.weight`)).toBeUndefined()
  })

  test('a missing key and a wrong shape are named with what was expected', () => {
    const file = open({ a: [2, 3], b: [2, 1, 3] })
    expect(problem(() => file.require('c', [5])).message).toMatch(/w\.safetensors has no "c", .* expects as \[5\]/)
    expect(problem(() => file.require('a', [3, 3])).message).toMatch(
      /^"a" in .*w\.safetensors is \[2,3\], but .* expects \[3,3\]\.$/,
    )
    expect(problem(() => file.require('a', [3, 2])).hint).toMatch(/transposed/)
    expect(problem(() => file.require('a', [6])).code).toBe('WEIGHTS_SHAPE')
    expect(file.require('b', [2, 3]).entry.shape).toEqual([2, 1, 3])
  })
})
