import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { temporaryFolder } from '../app/library/testing.ts'
import { operations } from '../app/operations/index.ts'
import { sizeOf } from '../app/tensor/tensor.ts'
import {
  openSafetensors,
  readTensor,
  type SafetensorsFile,
  type TensorToWrite,
  writeSafetensors,
} from '../app/weights/safetensors.ts'
import { engineHere, jobIn, temporaryHome, until } from '../test/faults/studio.ts'

const embedded = join(import.meta.dirname, '../native-models/sticker-world')
const goldens = join(import.meta.dirname, '../test/parity/goldens/models')
const flowFiles = join(goldens, 'flow_files')
const [sd1, sdxl] = ['sd1', 'sdxl'].map(name => join(goldens, `single_file/${name}.safetensors`))

/** The real worker and the real operations. */
async function studio() {
  const home = temporaryHome()
  const engine = await engineHere({ home, operations, worker: join(import.meta.dirname, 'worker.ts') })
  return { home, client: engine.client, blobPath: (hash: string) => engine.blobPath(hash) }
}

/** A copy of a file whose numbers are others. */
function changedFile(path: string, from: string, change: (value: number, index: number) => number): void {
  const file = openSafetensors(from)
  const tensors = [...file.tensors].map(([name, { shape }]) => {
    return [name, { dtype: 'F32', shape, data: readTensor(file, name).map(change) }] as const
  })
  writeSafetensors(path, tensors, file.metadata)
}

/** Numbers from -1 to 1 that follow each other without order. */
const noise = (count: number, scale: number) =>
  Float32Array.from({ length: count }, (_, k) => scale * Math.sin(12.9898 * (k + 1) * (k % 7)))

/** A LoRA of rank 2 for some layers of the embedded model's UNet. */
function someLora(path: string): void {
  const { tensors } = openSafetensors(join(embedded, 'unet/diffusion_pytorch_model.safetensors'))
  const layers = [...tensors.values()].filter(({ name }) =>
    /attn\d\.to_[qv]\.weight$|resnets\.0\.conv1\.weight$/.test(name),
  )
  const factors = layers.flatMap(({ name, shape: [out, inner, ...kernel] }) => {
    const layer = name.replace(/\.weight$/, '')
    const down = [2, inner, ...kernel]
    const up = [out, 2, ...kernel.map(() => 1)]
    const of = (shape: number[]): TensorToWrite => {
      return { dtype: 'F32', shape, data: noise(sizeOf(shape), 0.2) }
    }
    return [
      [`unet.${layer}.lora_A.weight`, of(down)],
      [`unet.${layer}.lora_B.weight`, of(up)],
    ] as const
  })
  writeSafetensors(path, factors)
}

const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')

const values = (file: SafetensorsFile, pick: (name: string) => boolean) =>
  [...file.tensors.keys()].filter(pick).flatMap(name => [...readTensor(file, name)])

test('two single files become one, all tensors of all networks, with their hashes in it', async () => {
  const { client, home } = await studio()
  const other = join(temporaryFolder(), 'other.safetensors')
  changedFile(other, sd1, (value, index) => value + 0.25 * (index % 3))
  await client.models.import({ paths: [sd1, other] })
  const parameters = { second: other, weight: 0.25, name: 'Half way' }
  const events = await client.system.events()
  const { id } = await client.jobs.submit({ operation: 'merge-models', model: sd1, parameters })
  const seen = await until(events, event => event.type === 'job' && event.job.state === 'done')
  expect(seen.some(({ type }) => type === 'models')).toBe(true)
  const phases = seen.flatMap(event => (event.type === 'progress' ? [event.progress.phase] : []))
  expect(phases.at(-1)).toMatch(/^Merging weights, (\d+) of \1$/)
  const path = join(home, 'models', 'Half way.safetensors')
  const [a, merged] = [openSafetensors(sd1), openSafetensors(path)]
  expect([...merged.tensors.keys()].sort()).toEqual([...a.tensors.keys()].sort())
  const isWeight = (name: string) =>
    /^(?:model\.diffusion_model|first_stage_model|cond_stage_model\.transformer)\..*\.weight$/.test(name)
  const before = values(a, isWeight)
  expect(before.length).toBeGreaterThan(10_000)
  for (const [name] of merged.tensors) {
    if (!isWeight(name)) continue
    const [own, summed] = [readTensor(a, name), readTensor(merged, name)]
    for (let k = 0; k < own.length; k++) expect(Math.abs(summed[k] - (own[k] + 0.0625 * (k % 3)))).toBeLessThan(2e-6)
  }
  expect(JSON.parse(merged.metadata.sfumato_merge)).toEqual({
    method: 'weighted sum',
    parts: [
      { name: 'sd1.safetensors', sha256: sha256(sd1), factor: 0.75 },
      { name: 'other.safetensors', sha256: sha256(other), factor: 0.25 },
    ],
  })
  const models = await client.models.list()
  expect(models.find(model => model.path === path)).toMatchObject({
    name: 'Half way',
    kind: 'checkpoint',
    family: 'sd1',
    mergedFrom: 'sd1.safetensors, other.safetensors',
  })
  expect((await jobIn(client, id, 'done')).images).toEqual([])
  expect(readdirSync(join(home, 'models'))).toEqual(['Half way.safetensors'])
})

test('what a model learned beyond another is put on a third, with folders as with files', async () => {
  const { client, home } = await studio()
  const folder = temporaryFolder()
  const unet = 'unet/diffusion_pytorch_model.safetensors'
  const made = [1, 2].map(k => {
    const path = join(folder, `model${k}`)
    cpSync(embedded, path, { recursive: true })
    changedFile(join(path, unet), join(embedded, unet), value => value * (1 + 0.5 * k))
    return path
  })
  const parameters = { method: 'add difference', second: made[1], third: made[0], weight: 2, name: 'sum' }
  const { id } = await client.jobs.submit({ operation: 'merge-models', model: 'sticker-world', parameters })
  await jobIn(client, id, 'done', 60_000)
  const path = join(home, 'models', 'sum')
  const [before, after] = [embedded, path].map(root => openSafetensors(join(root, unet)))
  // a + 2 (2 a - 1.5 a)
  for (const name of ['conv_in.weight', 'conv_out.bias']) {
    const [own, merged] = [before, after].map(file => readTensor(file, name))
    for (let k = 0; k < own.length; k++)
      expect(Math.abs(merged[k] - 2 * own[k])).toBeLessThan(2e-3 * Math.abs(own[k]) + 1e-7)
  }
  expect(readFileSync(join(path, 'README.md'), 'utf8')).toContain('- model2, 2, sha256 ')
  expect(existsSync(join(path, 'tokenizer'))).toBe(true)
  expect((await client.models.list()).find(model => model.path === path)).toMatchObject({
    ...{ name: 'sum', mergedFrom: 'sticker-world, model2, model1' },
  })
}, 90_000)

test('a model with a LoRA in it draws what the LoRA beside it draws', async () => {
  const { client, home, blobPath } = await studio()
  const lora = join(temporaryFolder(), 'style.safetensors')
  someLora(lora)
  const loras = [{ model: lora, strength: 0.8 }]
  const { id } = await client.jobs.submit({
    ...{ operation: 'merge-loras', model: 'sticker-world' },
    parameters: { loras, name: 'With style' },
  })
  await jobIn(client, id, 'done', 60_000)
  const draw = async (model: string, beside: object) => {
    const parameters = { prompt: 'a red apple', seed: '5', steps: 6, ...beside }
    const job = await client.jobs.submit({ operation: 'text-to-image', model, parameters })
    const { images } = await jobIn(client, job.id, 'done', 60_000)
    const { hash } = await client.images.get({ id: images[0] })
    return await sharp(blobPath(hash)?.path).raw().toBuffer()
  }
  const path = join(home, 'models', 'With style')
  const [plain, beside, merged] = [
    await draw('sticker-world', {}),
    await draw('sticker-world', { loras }),
    await draw(path, {}),
  ]
  const difference = (a: Buffer, b: Buffer) => a.reduce((sum, value, k) => sum + Math.abs(value - b[k]), 0) / a.length
  expect(difference(plain, beside)).toBeGreaterThan(5)
  // The merged weights are rounded to the file's own half precision; the LoRA beside them is not.
  expect(difference(merged, beside)).toBeLessThan(0.5)
}, 120_000)

test('a merge is stopped at once, and nothing of it stays', async () => {
  const { client, home } = await studio()
  const other = join(temporaryFolder(), 'other')
  cpSync(embedded, other, { recursive: true })
  const parameters = { second: other, name: 'stopped' }
  const events = await client.system.events()
  const { id } = await client.jobs.submit({ operation: 'merge-models', model: 'sticker-world', parameters })
  await until(events, event => event.type === 'progress' && event.progress.step > 2)
  expect(readdirSync(join(home, 'models'))).toHaveLength(1)
  const start = performance.now()
  expect((await client.jobs.cancel({ id })).state).toBe('cancelled')
  expect(performance.now() - start).toBeLessThan(1000)
  expect(readdirSync(join(home, 'models'))).toEqual([])
  const known = await client.models.list({ kinds: ['checkpoint'] })
  expect(known.filter(({ path, name }) => path.startsWith(home) || name === 'stopped')).toEqual([])
}, 60_000)

test('what cannot be merged is refused in a sentence, and nothing is left', async () => {
  const { client, home } = await studio()
  const submit = async (operation: string, parameters: object) => {
    try {
      const { id } = await client.jobs.submit({ operation, model: sd1, parameters: { ...parameters } })
      return (await jobIn(client, id, 'failed', 30_000)).problem
    } catch (error) {
      return error instanceof ORPCError ? error.data : error
    }
  }
  expect(await submit('merge-models', { second: sdxl, name: 'x' })).toMatchObject({
    code: 'MERGE_FAMILY',
    message: expect.stringMatching(/is of the kind sd1, but .* is of the kind sdxl/),
  })
  expect(await submit('merge-models', { name: 'x' })).toMatchObject({ message: 'The second model is missing.' })
  expect(await submit('merge-models', { second: sd1, name: '../x' })).toMatchObject({
    code: 'PARAMETER_INVALID',
    field: 'name',
  })
  expect(await submit('merge-loras', { name: 'x' })).toMatchObject({ message: 'There is no LoRA to merge.' })
  const nowhere = join(home, 'models')
  mkdirSync(join(nowhere, 'taken.safetensors'), { recursive: true })
  expect(await submit('merge-models', { second: sd1, name: 'taken' })).toMatchObject({ code: 'MODEL_NAME' })
  const less = join(temporaryFolder(), 'less.safetensors')
  const file = openSafetensors(sd1)
  const kept = [...file.tensors].filter(([name]) => name !== 'model.diffusion_model.out.2.bias')
  writeSafetensors(
    less,
    kept.map(([name, { shape }]) => [name, { dtype: 'F32', shape, data: readTensor(file, name) }]),
  )
  const refused = await submit('merge-models', { second: less, name: 'x' })
  expect(refused).toMatchObject({ code: expect.stringMatching(/^MERGE_MISSING$|^WEIGHTS_MISSING$/) })
  expect(readdirSync(nowhere)).toEqual(['taken.safetensors'])
}, 60_000)

/** What a merge of single files writes, and the file that it began with. */
async function mergedFile(operation: 'merge-models' | 'merge-loras', first: string, parameters: object) {
  const { client, home } = await studio()
  const loras = 'loras' in parameters ? z.array(z.object({ model: z.string() })).parse(parameters.loras) : []
  const others = 'second' in parameters ? [String(parameters.second)] : loras.map(({ model }) => model)
  await client.models.import({ paths: [first, ...others] })
  const { id } = await client.jobs.submit({ operation, model: first, parameters: { ...parameters, name: 'new' } })
  await jobIn(client, id, 'done', 60_000)
  return [openSafetensors(first), openSafetensors(join(home, 'models', 'new.safetensors'))] as const
}

test.each(['sd3', 'flux_dev'])(
  'two files of %s become one, in the layout of its authors',
  async name => {
    const first = join(flowFiles, `${name}.safetensors`)
    const second = join(temporaryFolder(), 'second.safetensors')
    changedFile(second, first, (value, index) => value + 0.5 * (index % 5))
    const [before, after] = await mergedFile('merge-models', first, { second, weight: 0.5 })
    expect([...after.tensors.keys()].sort()).toEqual([...before.tensors.keys()].sort())
    const fused = [...before.tensors.keys()].filter(key =>
      /qkv\.weight|linear1\.weight|final_layer\.adaLN.*weight|T5|shared/.test(key),
    )
    expect(fused.length).toBeGreaterThan(3)
    for (const key of fused) {
      const [own, merged] = [before, after].map(file => readTensor(file, key))
      // The words' tables are stored in half precision.
      const most = before.tensors.get(key)?.dtype === 'F16' ? 2e-3 : 2e-6
      for (let k = 0; k < own.length; k += 7) expect(Math.abs(merged[k] - own[k] - 0.25 * (k % 5))).toBeLessThan(most)
    }
  },
  60_000,
)

test("a LoRA in kohya's layout goes into the joined weights of a transformer that lies in its file alone", async () => {
  const folder = temporaryFolder()
  const alone = join(folder, 'transformer.safetensors')
  const whole = openSafetensors(join(flowFiles, 'flux_dev.safetensors'))
  const own = [...whole.tensors.values()].filter(({ name }) => name.startsWith('model.diffusion_model.'))
  writeSafetensors(
    alone,
    own.map(({ name, shape }) => [name, { dtype: 'F32', shape, data: readTensor(whole, name) }]),
  )
  const layers = ['single_blocks.0.linear1', 'double_blocks.0.txt_attn.qkv', 'final_layer.adaLN_modulation.1', 'txt_in']
  const factors = layers.map(layer => {
    const [out, inner] = whole.tensors.get(`model.diffusion_model.${layer}.weight`)?.shape ?? []
    return { layer, out, inner, down: noise(2 * inner, 0.3), up: noise(2 * out, 0.2) }
  })
  const model = join(folder, 'lora.safetensors')
  const tensors = factors.flatMap(({ layer, out, inner, down, up }): [string, TensorToWrite][] => {
    const name = `lora_unet_${layer.replaceAll('.', '_')}`
    return [
      [`${name}.lora_down.weight`, { dtype: 'F32', shape: [2, inner], data: down }],
      [`${name}.lora_up.weight`, { dtype: 'F32', shape: [out, 2], data: up }],
      [`${name}.alpha`, { dtype: 'F32', shape: [], data: Float32Array.of(1) }],
    ]
  })
  writeSafetensors(model, tensors)
  const [before, after] = await mergedFile('merge-loras', alone, { loras: [{ model, strength: 0.8 }] })
  for (const { layer, out, inner, down, up } of factors) {
    const [plain, merged] = [before, after].map(file => readTensor(file, `model.diffusion_model.${layer}.weight`))
    for (let row = 0; row < out; row += 3) {
      for (let column = 0; column < inner; column += 5) {
        const product = up[2 * row] * down[column] + up[2 * row + 1] * down[inner + column]
        const k = row * inner + column
        expect(Math.abs(merged[k] - plain[k] - 0.4 * product)).toBeLessThan(1e-5)
      }
    }
  }
}, 60_000)

test('weights in 8 bits are not merged into', async () => {
  const { client } = await studio()
  const first = join(temporaryFolder(), 'few.safetensors')
  const whole = openSafetensors(join(flowFiles, 'flux_dev.safetensors'))
  const tensors = [...whole.tensors.values()].map(({ name, shape }): [string, TensorToWrite] => {
    const isWeight = /double_blocks.*\.weight$/.test(name)
    return [
      name,
      isWeight
        ? { dtype: 'F8_E4M3', shape, data: new Uint8Array(sizeOf(shape)) }
        : { dtype: 'F32', shape, data: readTensor(whole, name) },
    ]
  })
  writeSafetensors(first, tensors)
  await client.models.import({ paths: [first] })
  const second = join(flowFiles, 'flux_dev.safetensors')
  const { id } = await client.jobs.submit({
    operation: 'merge-models',
    model: first,
    parameters: { second, name: 'x' },
  })
  expect((await jobIn(client, id, 'failed', 30_000)).problem).toMatchObject({
    code: 'MERGE_PRECISION',
    message: expect.stringContaining('in 8 bits, which are too coarse to merge into'),
  })
}, 60_000)
