import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { controlledPredictor } from '../diffusion/control.ts'
import { targets } from '../graph/targets.ts'
import { parseConfig } from '../models/family.ts'
import { t2iAdapter } from '../models/t2i-adapter.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { firstWeights } from '../training/first-weights.ts'
import { identify } from '../weights/identify.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { openT2IAdapter } from '../weights/t2i-adapter.ts'

const goldens = 'test/parity/goldens/models'
const folder = mkdtempSync(join(tmpdir(), 'sfumato-adapters-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
const random = (shape: readonly number[], seed: bigint) => new TorchGenerator(seed).normal([...shape])

/** An adapter of random weights, as a folder, and as a file under its authors' names. */
function made(name: string, changes: object): { readonly folder: string; readonly file: string } {
  const config = { _class_name: 'T2IAdapter', channels: [16, 32], num_res_blocks: 2, ...changes }
  const parsed = parseConfig(t2iAdapter, config, name)
  const weights = firstWeights(t2iAdapter, 'control', parsed, { batch: 1, height: 64, width: 64 }, 3n)
  const path = join(folder, name)
  mkdirSync(path)
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  const write = (to: string, rename: (key: string) => string) =>
    writeSafetensors(
      to,
      weights.entries().map(([key, { shape, data }]) => [rename(key), { dtype: 'F32', shape, data }] as const),
      {},
    )
  write(join(path, 'diffusion_pytorch_model.safetensors'), key => key)
  const isLight = parsed.adapter_type === 'light_adapter'
  const authors = (key: string) => {
    const rest = key.replace('adapter.', '')
    if (isLight) return rest.replace('resnets', 'body')
    const [, level, block, leaf] = /^body\.(\d+)\.resnets\.(\d+)\.(.*)$/.exec(rest) ?? []
    if (leaf !== undefined) return `body.${Number(level) * 2 + Number(block)}.${leaf}`
    return rest.replace(/^body\.(\d+)\.in_conv/, (_, each) => `body.${Number(each) * 2}.in_conv`)
  }
  write(`${path}.safetensors`, authors)
  return { folder: path, file: `${path}.safetensors` }
}
const full = made('full', {})

test.each([
  ['full', full, { adapter_type: 'full_adapter', channels: [16, 32], in_channels: 3, downscale_factor: 8 }],
  [
    'light',
    made('light', { adapter_type: 'light_adapter', channels: [16] }),
    { adapter_type: 'light_adapter', channels: [16] },
  ],
  [
    'XL',
    made('large', {
      adapter_type: 'full_adapter_xl',
      downscale_factor: 16,
      in_channels: 1,
      channels: [16, 32, 64, 64],
    }),
    { adapter_type: 'full_adapter_xl', downscale_factor: 16, in_channels: 1, channels: [16, 32, 64, 64] },
  ],
])(
  '%s adapters are known by their keys, and their authors’ files are read as the reference’s',
  (_, { folder, file }, config) => {
    for (const path of [folder, file]) expect(identify(path).kind).toBe('t2i-adapter')
    const opened = openT2IAdapter(file)
    expect(opened.config).toMatchObject({ ...config, num_res_blocks: 2 })
    const names = (path: string) => [...openT2IAdapter(path).weights.keys()].toSorted()
    expect(names(file)).toEqual(names(folder))
  },
)

/** What the UNet of a tiny model answers under an adapter. */
async function answered(path: string | undefined, weight: number, part = { start: 0, end: 1 }): Promise<Tensor> {
  const checkpoint = new Checkpoint(join(goldens, 'sd1'), runtime, path === undefined ? {} : { controls: [path] })
  const picture = tensor([1, 3, 64, 64], random([1, 3, 64, 64], 5n).data.map(Math.abs))
  const controls = path === undefined ? [] : [{ network: checkpoint.control(path), picture, weight, ...part }]
  const network = await controlledPredictor(checkpoint, controls, { calls: 2, guessMode: false })(
    [1, 4, 8, 8],
    77,
    true,
  )
  const encoder_hidden_states = random([2, 77, 24], 7n)
  return network(random([2, 4, 8, 8], 8n), 500, { encoder_hidden_states })
}

test('an adapter acts by its weight and in its part of the run; a file acts as its folder does', async () => {
  const plain = await answered(undefined, 1)
  const held = await answered(full.folder, 1)
  expect(held.data).not.toEqual(plain.data)
  expect(await answered(full.folder, 0)).toEqual(plain)
  expect(await answered(full.folder, 1, { start: 0.5, end: 1 })).toEqual(plain)
  expect(await answered(full.file, 1)).toEqual(held)
})

test('one that was made for another kind of model is refused', () => {
  const { folder } = made('other', { channels: [8, 16] })
  expect(() => new Checkpoint(join(goldens, 'sd1'), runtime, { controls: [folder] })).toThrow(
    expect.objectContaining({ code: 'CONTROL_MISFIT' }),
  )
})
