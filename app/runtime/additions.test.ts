import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test, vi } from 'vitest'
import { targets } from '../graph/targets.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import { openDiffusersFolder } from '../weights/diffusers-folder.ts'
import { openSafetensors, readTensor, writeSafetensors } from '../weights/safetensors.ts'
import { Checkpoint, type CheckpointAdditions } from './checkpoint.ts'
import type { Conditioning } from './conditioning.ts'
import { Runtime } from './runtime.ts'
import { Session } from './session.ts'

/* What LoRAs, learned words and another autoencoder do to a checkpoint; their numbers are held to the reference by test/parity. */

const GOLDENS = join(import.meta.dirname, '../../test/parity/goldens')
const model = join(GOLDENS, 'models/sd1')
const lora = join(GOLDENS, 'models/lora/kohya.safetensors')
const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
const folder = mkdtempSync(join(tmpdir(), 'sfumato-additions-'))
afterAll(async () => {
  await runtime.release()
  rmSync(folder, { recursive: true })
})

const sample = tensor(
  [1, 4, 8, 8],
  Float32Array.from({ length: 256 }, (_, k) => Math.sin(k)),
)

async function predicted(additions: CheckpointAdditions): Promise<Tensor> {
  const checkpoint = new Checkpoint(model, runtime, additions)
  const positive = await encoded('a cat', checkpoint)
  const [, tokens] = positive.encoder_hidden_states.shape
  return (await checkpoint.predictor(sample.shape, tokens, false))(sample, 500, positive)
}

async function encoded(prompt: string, checkpoint: Checkpoint): Promise<Conditioning> {
  const request = { prompt: { sections: plainWords(prompt) }, size: checkpoint.description.defaults }
  return (await checkpoint.condition([request], 'cut'))[0].positive
}

const distance = (a: Tensor, b: Tensor) => Math.max(...a.data.map((value, k) => Math.abs(value - b.data[k])))

test('strengths change between runs of the same sessions', async () => {
  const open = vi.spyOn(Session, 'open')
  const plain = await predicted({})
  const full = await predicted({ loras: [{ path: lora, strength: 1 }] })
  const before = open.mock.calls.length
  const none = await predicted({ loras: [{ path: lora, strength: 0 }] })
  expect(open.mock.calls.length).toBe(before)
  expect(distance(none, plain)).toBeLessThan(1e-5)
  expect(distance(full, plain)).toBeGreaterThan(0.01)
  open.mockRestore()
})

test('the same LoRA twice at half strength is the LoRA', async () => {
  const once = await predicted({ loras: [{ path: lora, strength: 0.8 }] })
  const half = { path: lora, strength: 0.4 }
  expect(distance(await predicted({ loras: [half, half] }), once)).toBeLessThan(1e-4)
})

test('a LoRA file that was written again is read again', async () => {
  const path = join(folder, 'changing.safetensors')
  cpSync(lora, path)
  const first = await predicted({ loras: [{ path, strength: 1 }] })
  const { tensors, ...file } = openSafetensors(path)
  const doubled = [...tensors.values()].map(({ name, shape }) => {
    const data = readTensor({ ...file, tensors }, name).map(value => (name.endsWith('lora_up.weight') ? -value : value))
    return [name, { dtype: 'F32', shape, data }] as const
  })
  writeSafetensors(path, doubled)
  expect(distance(await predicted({ loras: [{ path, strength: 1 }] }), first)).toBeGreaterThan(0.01)
  const turned = await predicted({ loras: [{ path: lora, strength: -1 }] })
  expect(distance(await predicted({ loras: [{ path, strength: 1 }] }), turned)).toBeLessThan(1e-4)
})

test('a LoRA for another model is refused by name', () => {
  const path = join(folder, 'other.safetensors')
  const data = new Float32Array(16)
  writeSafetensors(path, [
    ['lora_te2_text_projection.lora_down.weight', { dtype: 'F32', shape: [2, 8], data }],
    ['lora_te2_text_projection.lora_up.weight', { dtype: 'F32', shape: [8, 2], data }],
  ])
  const open = () => new Checkpoint(model, runtime, { loras: [{ path, strength: 1 }] })
  expect(open).toThrow(`${path} belongs to another base model: it changes a text_encoder_2, which this one lacks.`)
})

test("a learned word changes only prompts with it; the text's other words keep their rows", async () => {
  const path = join(GOLDENS, 'models/embeddings/learned_embeds_multi.safetensors')
  const contextOf = async (prompt: string, additions: CheckpointAdditions) =>
    (await encoded(prompt, new Checkpoint(model, runtime, additions))).encoder_hidden_states
  const embeddings = [{ path }]
  expect(distance(await contextOf('a cat', { embeddings }), await contextOf('a cat', {}))).toBe(0)
  const word = await contextOf('a <multi>', { embeddings })
  expect(distance(word, await contextOf('a <multi>', {}))).toBeGreaterThan(0.01)
  expect(distance(word, await contextOf('a dog', { embeddings: [{ path, word: 'dog' }] }))).toBe(0)
})

test('a learned word that is in the vocabulary is refused', () => {
  const path = join(GOLDENS, 'models/embeddings/learned_embeds.safetensors')
  const word = 'a</w>'
  expect(() => new Checkpoint(model, runtime, { embeddings: [{ path, word }] })).toThrow(
    expect.objectContaining({ code: 'EMBEDDING_WORD' }),
  )
})

/** An autoencoder's folder like the model's own, with changes to its config. */
function autoencoder(name: string, changes: Record<string, unknown>): string {
  const path = join(folder, name)
  cpSync(join(model, 'vae'), path, { recursive: true })
  const config = join(path, 'config.json')
  writeFileSync(config, JSON.stringify({ ...JSON.parse(readFileSync(config, 'utf8')), ...changes }))
  return path
}

test('another autoencoder decodes: from its folder, from its file, from its model', async () => {
  const decoded = (vae?: string) => new Checkpoint(model, runtime, { vae }).decode(sample)
  const own = await decoded()
  const scaled = autoencoder('scaled', { scaling_factor: 0.5 })
  expect(distance(await decoded(scaled), own)).toBeGreaterThan(0.01)
  expect(distance(await decoded(model), own)).toBe(0)
  // A file alone takes the model's own config; with a config beside it, that one.
  const { files } = openDiffusersFolder(model).component('vae').weights
  const alone = join(folder, 'alone.safetensors')
  cpSync(files[0].path, alone)
  expect(distance(await decoded(alone), own)).toBe(0)
  expect(distance(await decoded(join(scaled, 'diffusion_pytorch_model.safetensors')), await decoded(scaled))).toBe(0)
})

test.each([
  ['other latents', { latent_channels: 16 }, 'VAE_LATENTS'],
  ['another class', { _class_name: 'AutoencoderTiny' }, 'COMPONENT_UNKNOWN'],
])('an autoencoder with %s is refused', (name, changes, code) => {
  const vae = autoencoder(name, changes)
  expect(() => new Checkpoint(model, runtime, { vae })).toThrow(expect.objectContaining({ code }))
})
