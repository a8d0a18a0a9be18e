import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { temporaryFolder, testLibrary } from '../testing.ts'
import { Downloads } from './downloads.ts'
import type { Download } from './records.ts'
import { quickNetwork, type Repository, safetensors, type TestHub } from './testing.ts'

/** A small model on a hub of the test, and downloads of it. */

export const json = (value: unknown) => Buffer.from(JSON.stringify(value))

export const model: Repository = {
  card: { license: 'creativeml-openrail-m' },
  files: {
    'model_index.json': json({
      _class_name: 'StableDiffusionPipeline',
      unet: ['diffusers', 'UNet2DConditionModel'],
      tokenizer: ['transformers', 'CLIPTokenizer'],
      safety_checker: [null, null],
    }),
    'README.md': Buffer.from('---\nlicense: creativeml-openrail-m\n---\n'),
    'unet/config.json': json({ _class_name: 'UNet2DConditionModel' }),
    'unet/diffusion_pytorch_model.safetensors': safetensors(40_000),
    'unet/diffusion_pytorch_model.fp16.safetensors': safetensors(20_000, 3),
    'unet/diffusion_pytorch_model.bin': Buffer.from('pickle'),
    'tokenizer/vocab.json': json({ a: 1 }),
    'tokenizer/merges.txt': Buffer.from('#version: 0.2\n'),
    'model.ckpt': Buffer.from('pickle'),
  },
}
export const wanted = [
  ...['README.md', 'model_index.json', 'tokenizer/merges.txt', 'tokenizer/vocab.json'],
  ...['unet/config.json', 'unet/diffusion_pytorch_model.fp16.safetensors'],
]
export const weights = 'unet/diffusion_pytorch_model.fp16.safetensors'

export const html = Buffer.from('<!doctype html><title>Log in</title>')

/** Everything under a folder, as paths. */
export const filesUnder = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter(entry => entry.isFile())
        .map(entry => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort()
    : []

export function downloadsIn(hub: TestHub, home = temporaryFolder()) {
  const library = testLibrary({ home })
  const seen: Download[] = []
  const downloads = new Downloads({
    ...{ home, models: library.models, hub: hub.address, network: quickNetwork },
    onChange: download => seen.push(download),
  })
  onTestFinished(() => downloads.close())
  const get = async (reference: string) => {
    const { id } = await downloads.lookUp({ reference })
    downloads.get(id)
    return await downloads.settled(id)
  }
  return { home, library, downloads, seen, get }
}

export const isComplete = (home: string) => {
  const folder = join(home, 'models', 'owner--small')
  expect(filesUnder(folder)).toEqual(wanted)
  for (const path of wanted) expect(readFileSync(join(folder, path)).equals(model.files[path])).toBe(true)
}

/** Nothing in the library, nothing in the folder of models. */
export const isNowhere = (home: string, { library }: Pick<ReturnType<typeof downloadsIn>, 'library'>) => {
  expect(library.models.list()).toEqual([])
  expect(filesUnder(join(home, 'models')).filter(path => !path.startsWith('.downloads/'))).toEqual([])
}
