import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { chooseCompanions } from '../weights/companions.ts'
import { identify } from '../weights/identify.ts'
import { openModel } from '../weights/open-model.ts'
import { openSafetensors, readTensor, type TensorToWrite, writeSafetensors } from '../weights/safetensors.ts'
import { flowFiles, partOf } from '../weights/testing.ts'
import { Checkpoint } from './checkpoint.ts'
import { Runtime } from './runtime.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const folder = mkdtempSync(join(tmpdir(), 'sfumato-beside-'))
afterAll(async () => {
  await runtime.release()
  rmSync(folder, { recursive: true })
})

const part = (source: string, prefix: string, name: string) => partOf(source, prefix, join(folder, name))

const flux = part('flux_dev.safetensors', 'model.diffusion_model.', 'flux1-dev.safetensors')
const clip = part('flux_dev.safetensors', 'text_encoders.clip_l.transformer.', 'clip_l.safetensors')
const t5 = part('flux_dev.safetensors', 'text_encoders.t5xxl.transformer.', 't5xxl.safetensors')
const vae = part('flux_dev.safetensors', 'vae.', 'ae.safetensors')
const bigClip = part('sd3.safetensors', 'text_encoders.clip_g.transformer.', 'clip_g.safetensors')
const sd3 = part('sd3.safetensors', 'model.diffusion_model.', 'sd3.safetensors')

async function drawn(checkpoint: Checkpoint) {
  const size = { width: 32, height: 48 }
  const words = { prompt: { sections: plainWords('A photo of mountain') }, unguided: true, size }
  const [{ positive }] = await checkpoint.condition([words], 'cut')
  const shape = checkpoint.latentShape(1, size)
  const predict = await checkpoint.predictor(shape, positive.encoder_hidden_states.shape[1], false)
  const noise = new TorchGenerator(3n).normal(shape)
  const guidance = { shape: [1], data: Float32Array.of(3.5) }
  return checkpoint.decode(await predict(noise, 800, { ...positive, guidance }))
}

test('a transformer alone draws with files beside it what the complete file draws', async () => {
  const whole = new Checkpoint(join(flowFiles, 'flux_dev.safetensors'), runtime)
  const alone = new Checkpoint(flux, runtime, { textEncoders: [t5, clip], vae })
  expect((await drawn(alone)).data).toEqual((await drawn(whole)).data)
  const latents = new TorchGenerator(5n).normal(alone.latentShape(2, { width: 32, height: 48 }))
  expect((await alone.preview(latents)).map(({ width, height }) => [width, height])).toEqual([
    [8, 12],
    [8, 12],
  ])
})

test('a transformer alone is described, and each of its files is what it is', () => {
  expect(describeCheckpoint(flux)).toMatchObject({ defaults: { width: 1024, steps: 28 }, promptTokens: 512 })
  expect([flux, clip, t5, vae].map(path => identify(path).kind)).toEqual([
    'checkpoint',
    'text-encoder',
    'text-encoder',
    'vae',
  ])
})

/** A transformer by the reference's names, as a folder of diffusers has it. */
function diffusersFile(source: string, name: string): string {
  const { weights } = openModel(join(flowFiles, source)).component('transformer')
  const tensors = [...weights.keys()].flatMap((key): [string, TensorToWrite][] => {
    const found = weights.find(key)
    return found ? [[key, { dtype: 'F32', shape: found.entry.shape, data: readTensor(found.file, key) }]] : []
  })
  const path = join(folder, name)
  writeSafetensors(path, tensors)
  return path
}

test('a transformer alone in the layout of diffusers draws the same', async () => {
  const file = diffusersFile('flux_dev.safetensors', 'diffusion_pytorch_model.safetensors')
  expect(identify(file)).toMatchObject({ kind: 'checkpoint', family: 'flux' })
  const whole = new Checkpoint(join(flowFiles, 'flux_dev.safetensors'), runtime)
  expect((await drawn(new Checkpoint(file, runtime, { textEncoders: [t5, clip], vae }))).data).toEqual(
    (await drawn(whole)).data,
  )
  const other = diffusersFile('sd3.safetensors', 'sd3_diffusers.safetensors')
  expect(identify(other)).toMatchObject({ kind: 'checkpoint', family: 'sd3' })
  const [named, own] = [other, join(flowFiles, 'sd3.safetensors')].map(
    path => openModel(path).component('transformer').config,
  )
  expect(named).toEqual(own)
})

/** transformers' CLIP as OpenCLIP published it: queries, keys and values in one, the projection transposed. */
function asOpenClip(path: string, name: string): string {
  const file = openSafetensors(path)
  const shapeOf = (key: string) => file.tensors.get(key)?.shape ?? []
  const write = (to: string, ...from: readonly string[]): [string, TensorToWrite] => {
    const data = Float32Array.from(from.flatMap(key => [...readTensor(file, key)]))
    const [rows, ...rest] = shapeOf(from[0])
    return [to, { dtype: 'F32', shape: [rows * from.length, ...rest], data }]
  }
  const root = 'text_model.'
  const layers = [...file.tensors.keys()].filter(key => /layer_norm1\.weight$/.test(key)).length
  const pair = (to: string, from: string) =>
    ['weight', 'bias'].map(kind => write(`${to}.${kind}`, `${root}${from}.${kind}`))
  const projection = readTensor(file, 'text_projection.weight')
  const [out, width] = shapeOf('text_projection.weight')
  const tensors = [
    write('positional_embedding', `${root}embeddings.position_embedding.weight`),
    write('token_embedding.weight', `${root}embeddings.token_embedding.weight`),
    ...pair('ln_final', 'final_layer_norm'),
    [
      'text_projection',
      {
        dtype: 'F32',
        shape: [width, out],
        data: projection.map((_, k) => projection[(k % out) * width + Math.floor(k / out)]),
      },
    ] satisfies [string, TensorToWrite],
    ...Array.from({ length: layers }, (_, k) => {
      const [to, from] = [`transformer.resblocks.${k}`, `encoder.layers.${k}`]
      const joined = (kind: string) =>
        write(
          `${to}.attn.in_proj_${kind}`,
          ...['q', 'k', 'v'].map(name => `${root}${from}.self_attn.${name}_proj.${kind}`),
        )
      return [
        ...pair(`${to}.ln_1`, `${from}.layer_norm1`),
        ...pair(`${to}.ln_2`, `${from}.layer_norm2`),
        ...pair(`${to}.mlp.c_fc`, `${from}.mlp.fc1`),
        ...pair(`${to}.mlp.c_proj`, `${from}.mlp.fc2`),
        ...pair(`${to}.attn.out_proj`, `${from}.self_attn.out_proj`),
        ...['weight', 'bias'].map(joined),
      ]
    }).flat(),
  ]
  const target = join(folder, name)
  writeSafetensors(target, tensors)
  return target
}

test("the big CLIP of Stable Diffusion 3 is read in OpenCLIP's layout too", async () => {
  const big = asOpenClip(bigClip, 'open_clip.safetensors')
  expect(identify(big).kind).toBe('text-encoder')
  const first = part('sd3.safetensors', 'text_encoders.clip_l.transformer.', 'clip_l_sd3.safetensors')
  const own = part('sd3.safetensors', 'first_stage_model.', 'vae_sd3.safetensors')
  const words = {
    prompt: { sections: plainWords('A photo of mountain') },
    unguided: true,
    size: { width: 32, height: 32 },
  }
  const read = async (encoder: string) => {
    const checkpoint = new Checkpoint(sd3, runtime, { textEncoders: [encoder, first], vae: own })
    const [{ positive }] = await checkpoint.condition([words], 'cut')
    return [...positive.encoder_hidden_states.data, ...(positive.pooled_projections?.data ?? [])]
  }
  const [expected, other] = [await read(bigClip), await read(big)]
  expect(Math.max(...expected.map((value, k) => Math.abs(value - other[k])))).toBeLessThan(1e-6)
})

const library =
  (...paths: readonly string[]) =>
  (kind: 'text-encoder' | 'vae') =>
    paths.filter(path => identify(path).kind === kind)

test('what fits is chosen from the library where there is one; what was chosen before stays', () => {
  const model = openModel(flux)
  const all = library(clip, t5, vae)
  expect(chooseCompanions(model, {}, all)).toEqual({ textEncoders: [clip, t5], vae })
  expect(chooseCompanions(model, { textEncoders: [t5], vae }, all)).toEqual({ textEncoders: [t5, clip], vae })
})

test('what is missing, and what is there twice, is said by name', () => {
  const model = openModel(flux)
  const missing = /flux1-dev\.safetensors holds no text encoder T5 \(mostly called t5xxl\), and no file/
  expect(() => chooseCompanions(model, {}, library(clip, vae))).toThrow(missing)
  const other = part('flux_schnell.safetensors', 'text_encoders.t5xxl.transformer.', 't5xxl_fp8.safetensors')
  const several = () => chooseCompanions(model, {}, library(clip, t5, other, vae))
  expect(several).toThrow(/several files fit: .*t5xxl\.safetensors, .*t5xxl_fp8\.safetensors/)
  expect(() => new Checkpoint(flux, runtime)).toThrow(/holds no text encoder CLIP-L .*, which is needed/)
  expect(() => new Checkpoint(flux, runtime, { textEncoders: [clip, bigClip] })).toThrow(/holds nothing that .* lacks/)
})

test('Stable Diffusion 3 tells its two CLIPs apart, and draws without T5', () => {
  const first = part('sd3.safetensors', 'text_encoders.clip_l.transformer.', 'clip_l3.safetensors')
  const own = part('sd3.safetensors', 'first_stage_model.', 'sd3_vae.safetensors')
  const chosen = chooseCompanions(openModel(sd3), {}, library(bigClip, first, t5, own))
  expect(chosen).toEqual({ textEncoders: [first, bigClip], vae: own })
  expect(new Checkpoint(sd3, runtime, chosen).kind).toBe('sd3')
})

test('what drawing takes is told of the text encoders and of the transformer apart', () => {
  const dev = new Checkpoint(join(flowFiles, 'flux_dev.safetensors'), runtime)
  const [small, large] = [4, 256].map(side => dev.loads([1, 16, side, side], false))
  const [reading] = small.others
  // T5's table of distances between 512 tokens is a constant of its graph.
  const distances = 512 * 512 * 8
  const texts = bytesOf('text_encoders.t5xxl.') + bytesOf('text_encoders.clip_l.') + distances
  expect(reading.footprint.weights / texts).toBeCloseTo(1, 2)
  expect(large.drawing.footprint.weights / bytesOf('model.diffusion_model.')).toBeCloseTo(1, 2)
  expect(large.drawing.footprint.activations).toBeGreaterThan(small.drawing.footprint.activations)
})

function bytesOf(prefix: string): number {
  const { tensors } = openSafetensors(join(flowFiles, 'flux_dev.safetensors'))
  return [...tensors.values()].reduce((sum, { name, length }) => (name.startsWith(prefix) ? sum + length : sum), 0)
}
