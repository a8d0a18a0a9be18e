import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { Problem } from '../problem.ts'
import { tensor } from '../tensor/tensor.ts'
import { Checkpoint } from './checkpoint.ts'
import { Runtime } from './runtime.ts'

const model = resolve('native-models/sticker-world')
const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** A copy of a model, the embedded one by default, whose weights are links, with changes to one of its configs. */
function changed(component: string, changes: Record<string, unknown>, source = model): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-model-'))
  folders.push(folder)
  cpSync(source, folder, { recursive: true, filter: file => !file.endsWith('.safetensors') })
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.safetensors')) symlinkSync(join(source, file), join(folder, file))
  }
  const path = join(folder, component, 'config.json')
  writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...changes }))
  return folder
}

async function problemOf(path: string): Promise<Problem> {
  try {
    const checkpoint = new Checkpoint(path, runtime)
    await checkpoint.condition([{ prompt: { sections: plainWords('') }, size: { width: 128, height: 128 } }], 'cut')
    await checkpoint.predictor([1, 8, 16, 16], 32, true)
    await checkpoint.decode(tensor([1, 8, 16, 16]))
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was wrong')
}

test.each<[string, string, Record<string, unknown>, string, RegExp]>([
  [
    'an option that cannot be built',
    'unet',
    { act_fn: 'tanh' },
    'MODEL_CONFIG',
    /unet\/config\.json asks for act_fn = "tanh"/,
  ],
  ['a block that cannot be built', 'unet', { mid_block_type: 'X' }, 'MODEL_CONFIG', /mid_block_type = "X"/],
  [
    'more layers than the file has',
    'unet',
    { layers_per_block: 2 },
    'WEIGHTS_MISSING',
    /has no "down_blocks\.0\.resnets\.1\./,
  ],
  [
    'fewer layers than the file has',
    'vae',
    { layers_per_block: 2 },
    'WEIGHTS_MISSING',
    /decoder\.up_blocks\.\d\.resnets\.2/,
  ],
  ['other widths', 'unet', { block_out_channels: [64, 128, 256] }, 'WEIGHTS_SHAPE', /is \[192.*expects \[256/],
  [
    'groups that do not divide',
    'unet',
    { norm_num_groups: 24 },
    'GRAPH_SHAPE',
    /64 channels cannot be normalised in 24 groups/,
  ],
  ['a UNet for other latents', 'unet', { in_channels: 4 }, 'MODEL_INPUTS', /takes 4 channels, the autoencoder gives 8/],
  ['a UNet with classes', 'unet', { num_class_embeds: 9 }, 'MODEL_INPUTS', /wants class_labels/],
  [
    'text of another width',
    'text_encoder',
    { hidden_size: 128 },
    'MODEL_CONFIG',
    /expects text of width 256.*gives 128/,
  ],
])('%s is refused with its name', async (_, component, changes, code, message) => {
  const problem = await problemOf(changed(component, changes))
  expect(problem.message).toMatch(message)
  expect(problem.code).toBe(code)
})

test('an SDXL UNet that has no room for what it is told of sizes beside the text is refused', async () => {
  const xl = resolve('test/parity/goldens/models/sdxl')
  const sizes = { addition_time_embed_dim: 7 }
  expect((await problemOf(changed('unet', sizes, xl))).message).toMatch(/does not fit its text encoder/)
})

test('weights that the config does not describe are refused: the picture would be wrong', async () => {
  const smaller = { block_out_channels: [64, 128], attention_head_dim: [2, 4] }
  const blocks = {
    down_block_types: ['CrossAttnDownBlock2D', 'CrossAttnDownBlock2D'],
    up_block_types: ['CrossAttnUpBlock2D', 'CrossAttnUpBlock2D'],
  }
  const problem = await problemOf(changed('unet', { ...smaller, ...blocks }))
  expect(problem.code).toMatch(/WEIGHTS_/)
  expect(problem.message).toMatch(/unet/)
})

test('a size that cannot fit is refused before anything is opened', async () => {
  const small = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 1e9 })
  const checkpoint = new Checkpoint(model, small)
  await expect(checkpoint.predictor([1, 8, 1024, 1024], 32, true)).rejects.toThrow(
    /needs about \d+ GB of memory \(.* to compute with\); models may use 1\.0 GB/,
  )
  await checkpoint.predictor([1, 8, 16, 16], 32, true)
  await small.release()
})
