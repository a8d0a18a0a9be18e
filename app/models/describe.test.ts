import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { readCard } from './card.ts'
import { checkpointHash, fileHash } from './content-hash.ts'
import { describeCheckpoint } from './describe.ts'

const embedded = join(import.meta.dirname, '../../native-models/sticker-world')
const root = mkdtempSync(join(tmpdir(), 'sfumato-describe-'))
afterAll(() => rmSync(root, { recursive: true }))

let model = ''
let number = 0
beforeEach(() => {
  model = join(root, `My model ${++number}`)
  cpSync(embedded, model, { recursive: true })
})

function change(file: string, changes: Record<string, unknown>): void {
  const path = join(model, file)
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
}

test('the embedded model describes itself', () => {
  expect(describeCheckpoint(embedded)).toEqual({
    name: 'Sticker World',
    kind: 'checkpoint',
    path: embedded,
    defaults: { width: 128, height: 128, steps: 20, guidance: 5, sampler: 'DDIMScheduler' },
    beside: 'nothing',
    stride: 8,
    sizeMultiple: 8,
    samplers: 'diffusion',
    promptTokens: 32,
    precision: 'fp16',
    bytes: 8603240 + 23064016 + 5600862,
    licence: 'cc-by-4.0',
    examples: expect.arrayContaining(['a red apple, 3d style, on a blue background']),
  })
})

test.each([
  [17, 'mask'],
  [16, 'picture'],
  [9, 'depth'],
  [11, 'small picture'],
  [20, 'something else'],
])('a UNet that takes %i channels beside an autoencoder of 8 sees more: %s', (channels, beside) => {
  change('unet/config.json', { in_channels: channels })
  expect(describeCheckpoint(model).beside).toBe(beside)
})

test('without a card, the reference pipeline and the folder have the word', () => {
  rmSync(join(model, 'README.md'))
  expect(describeCheckpoint(model)).toMatchObject({
    name: `My model ${number}`,
    defaults: { steps: 50, guidance: 7.5 },
    examples: [],
  })
})

test('the size follows both configs: latents that are not square, other strides', () => {
  change('unet/config.json', { sample_size: [16, 24] })
  change('vae/config.json', { block_out_channels: [32, 64, 64], down_block_types: Array(3).fill('DownEncoderBlock2D') })
  expect(describeCheckpoint(model)).toMatchObject({ stride: 4, defaults: { height: 64, width: 96 } })
})

test('a UNet from before diffusers 0.9 that says less than 64 means 64', () => {
  change('unet/config.json', { _diffusers_version: '0.6.0', sample_size: 32 })
  expect(describeCheckpoint(model).defaults.width).toBe(512)
  change('unet/config.json', { _diffusers_version: '0.10.2' })
  expect(describeCheckpoint(model).defaults.width).toBe(256)
})

test('a snapshot in the download cache is named after its model', () => {
  const snapshot = join(root, 'models--someone--pretty-pictures', 'snapshots', 'c0ffee')
  cpSync(embedded, snapshot, { recursive: true })
  rmSync(join(snapshot, 'README.md'))
  expect(describeCheckpoint(snapshot).name).toBe('pretty-pictures')
})

describe('what will keep it from being used is said', () => {
  test('a class that cannot be built', () => {
    change('model_index.json', { vae: ['diffusers', 'AsymmetricAutoencoderKL'] })
    expect(() => describeCheckpoint(model)).toThrow(/vae of .* is of class AsymmetricAutoencoderKL/)
  })

  test('truncated weights of any part', () => {
    const weights = join(model, 'vae', 'diffusion_pytorch_model.safetensors')
    writeFileSync(weights, readFileSync(weights).subarray(0, -1))
    expect(() => describeCheckpoint(model)).toThrow(/vae.*its header promises 5600862/)
  })

  test('a config without sense', () => {
    change('unet/config.json', { sample_size: -1 })
    expect(() => describeCheckpoint(model)).toThrow(/unet\/config\.json .*sample_size/)
    change('unet/config.json', { sample_size: 16, down_block_types: ['MagicBlock'] })
    expect(() => describeCheckpoint(model)).toThrow(/unet\/config\.json .*down_block_types.*MagicBlock/)
  })
})

describe('cards', () => {
  const card = (text: string) => {
    writeFileSync(join(model, 'README.md'), text)
    return readCard(model)
  }

  test('the keys of the Hugging Face hub', () => {
    const yaml =
      'model_name: "A: b"\ninference:\n  parameters:\n    guidance_scale: 3.5\nwidget:\n- text: x\n- src: y.png\n'
    expect(card(`---\n${yaml}---\n# Title`)).toEqual({ name: 'A: b', guidance: 3.5, steps: undefined, examples: ['x'] })
    expect(card('---\r\nwidget:\r\n- text: x\r\n---\r\n').examples).toEqual(['x'])
  })

  test('parts without sense are left out, the others stay', () => {
    const yaml =
      'model_name: 7\ninference:\n  parameters:\n    num_inference_steps: many\n    guidance_scale: 4\nwidget: none'
    expect(card(`---\n${yaml}\n---\n`)).toEqual({ name: undefined, guidance: 4, steps: undefined, examples: [] })
    expect(card('---\ninference: false\nwidget:\n- text: x\n---\n').examples).toEqual(['x'])
  })

  test('broken or hostile ones say nothing', () => {
    const bomb = `a: &a [x]\n${[...'bcdefghij'].map((c, i) => `${c}: &${c} [${`*${'abcdefghi'[i]},`.repeat(9)}]`).join('\n')}`
    for (const text of ['', '# Title', '---\n- a\n---\n', '---\na: [\n---\n', '---\nno end', `---\n${bomb}\n---\n`]) {
      expect(card(text)).toMatchObject({ examples: [] })
    }
    rmSync(join(model, 'README.md'))
    mkdirSync(join(model, 'README.md'))
    expect(readCard(model)).toEqual({ examples: [] })
  })
})

describe('hashes', () => {
  const unet = () => join(model, 'unet', 'diffusion_pytorch_model.safetensors')

  test('a file has the SHA-256 that sha256sum prints', async () => {
    const [expected] = execFileSync('sha256sum', [unet()], { encoding: 'utf8' }).split(' ')
    expect(await fileHash(unet(), new Map())).toBe(expected)
  })

  test('a checkpoint keeps its hash when it moves, and changes it with its weights alone', async () => {
    const hash = await checkpointHash(embedded, new Map())
    rmSync(join(model, 'README.md'))
    expect(await checkpointHash(model, new Map())).toBe(hash)
    const bytes = readFileSync(unet())
    bytes[bytes.length - 1] ^= 1
    writeFileSync(unet(), bytes)
    expect(await checkpointHash(model, new Map())).not.toBe(hash)
  })

  test('what is remembered is not read again until the file changes', async () => {
    const cache = new Map<string, string>()
    const hash = await fileHash(unet(), cache)
    for (const key of cache.keys()) cache.set(key, 'remembered')
    expect(await fileHash(unet(), cache)).toBe('remembered')
    utimesSync(unet(), 1, 1)
    expect(await fileHash(unet(), cache)).toBe(hash)
  })

  test('it can be stopped', async () => {
    await expect(fileHash(unet(), new Map(), AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough')
  })
})
