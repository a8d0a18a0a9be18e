import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { identify } from '../weights/identify.ts'
import { writeSafetensors } from '../weights/safetensors.ts'
import { additionFiles, additionsOf } from './additions.ts'
import { checkControls } from './check-controls.ts'
import { withImageEncoders } from './image-prompts.ts'
import { planOf } from './plan.ts'
import { textToImage } from './text-to-image.ts'

const models = 'test/parity/goldens/models'
const source = `${models}/sd1`
const encoder = `${models}/clip_vision_proj`
const adapter = (name: string) => `${models}/ip_adapters/${name}.safetensors`
const folder = mkdtempSync(join(tmpdir(), 'sfumato-image-prompts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })

const picture = (seed: number): RgbImage => ({
  ...{ width: 40, height: 20 },
  data: Uint8Array.from({ length: 2400 }, (_, i) => (i * seed) % 256),
})
const pictures = { read: async (name: string) => picture(Number(name)) }
const size = { width: 32, height: 32 }

async function drawn(controls: readonly object[], guidance = 3, changes: object = {}): Promise<Uint8Array> {
  const said = { prompt: 'a photo', steps: 3, guidance, sampler: 'DDIMScheduler', ...size, controls, ...changes }
  const parameters = textToImage.parameters.parse(said)
  const checkpoint = new Checkpoint(source, runtime, additionsOf(parameters))
  const complete = { ...checkpoint.description.defaults, ...parameters, seed: 1n, steps: 3, guidance, ...size }
  const context = { checkpoint, pictures, signal: new AbortController().signal, wantsPreviews: false }
  const run = textToImage.run(context, { ...complete, sampler: 'DDIMScheduler' })
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image.data
  }
}

test('a picture changes what is drawn as it is told to; without weight or part of the run it changes nothing', async () => {
  const plain = await drawn([])
  const prompt = { model: adapter('sd1_plus'), image: '37', encoder }
  const told = await drawn([prompt])
  expect(told).not.toEqual(plain)
  expect(await drawn([{ ...prompt, image: '41' }])).not.toEqual(told)
  expect(await drawn([{ ...prompt, weight: 0 }])).toEqual(plain)
  expect(await drawn([{ ...prompt, start: 1 }])).toEqual(plain)
  expect(await drawn([{ ...prompt, end: 0.5 }])).not.toEqual(told)
  expect(await drawn([{ ...prompt, also: ['41'] }])).not.toEqual(told)
  expect(await drawn([prompt, { ...prompt, model: adapter('sd1_whole') }])).not.toEqual(told)
  expect(await drawn([prompt], 1)).not.toEqual(await drawn([], 1))
  const itself = { perturbedGuidance: 2 }
  const guided = await drawn([prompt], 3, itself)
  expect(guided).not.toEqual(await drawn([], 3, itself))
  expect(guided).not.toEqual(told)
})

test('the image encoder is the one beside the file, or one that is as wide; without one it is said which is missing', () => {
  const said = { controls: [{ model: adapter('sd1_whole'), image: '37' }] }
  const found = withImageEncoders(said, () => [`${models}/controlnet_b`, encoder])
  expect(additionsOf(found).imagePrompts).toEqual([{ path: adapter('sd1_whole'), encoder, pictures: 1 }])
  expect(additionFiles(found)).toEqual([adapter('sd1_whole'), encoder, '37'])
  expect(() => withImageEncoders(said, () => [])).toThrow(
    expect.objectContaining({ code: 'IMAGE_ENCODER', hint: expect.stringContaining('width 16') }),
  )
  symlinkSync(resolve(adapter('sd1_plus')), join(folder, 'plus.safetensors'))
  symlinkSync(resolve(encoder), join(folder, 'image_encoder'), 'junction')
  const beside = withImageEncoders({ controls: [{ model: join(folder, 'plus.safetensors'), image: '37' }] }, () => [])
  expect(additionsOf(beside).imagePrompts?.[0].encoder).toBe(join(folder, 'image_encoder'))
})

test('one that was made for other models is refused before anything waits, with those that fit', () => {
  const named = { path: source, name: 'Tiny' }
  const check = (name: string) =>
    checkControls({ controls: [{ model: adapter(name), image: 'x' }] }, named, () => [
      ...[adapter('sdxl_plus'), adapter('sd1_plus'), `${models}/controlnet_b`],
    ])
  expect(() => check('sd1_plus')).not.toThrow()
  expect(() => check('sdxl_whole')).toThrow(
    expect.objectContaining({
      code: 'CONTROL_MISFIT',
      message: expect.stringMatching(
        /IP-Adapter sdxl_whole.*gives tokens of width 56, the model reads text of width 24/,
      ),
      hint: 'Choose sd1_plus.safetensors.',
    }),
  )
  const imagePrompts = [{ path: adapter('sdxl_plus'), encoder, pictures: 1 }]
  expect(() => new Checkpoint(source, runtime, { imagePrompts })).toThrow(
    expect.objectContaining({ code: 'CONTROL_MISFIT' }),
  )
  expect(() => new Checkpoint(source, runtime, { controls: [adapter('sd1_plus')] })).toThrow(
    expect.objectContaining({ code: 'IMAGE_ENCODER' }),
  )
})

test('what a picture will take counts its image prompts', () => {
  const chosen = { sampler: 'DDIMScheduler', steps: 4, guidance: 3, ...size }
  const plan = (imagePrompts: { path: string; encoder: string; pictures: number }[]) => {
    const checkpoint = new Checkpoint(source, runtime, { imagePrompts })
    const found = planOf({ checkpoint } as Parameters<typeof planOf>[0], 'checkpoint', chosen)
    if (found === undefined) throw new Error('no plan')
    return found
  }
  const [plain, one] = [plan([]), plan([{ path: adapter('sd1_plus'), encoder, pictures: 1 }])]
  const three = plan([{ path: adapter('sd1_plus'), encoder, pictures: 3 }])
  expect(one.drawing.footprint.weights).toBeGreaterThan(plain.drawing.footprint.weights)
  expect(one.drawing.work).toBeGreaterThan(plain.drawing.work)
  expect(three.drawing.work).toBeGreaterThan(one.drawing.work)
  expect(three.otherWork).toBeGreaterThan(one.otherWork)
})

test('files say what they are; one for faces is refused with what to take instead', () => {
  expect(identify(adapter('sd1_whole'))).toMatchObject({ kind: 'ip-adapter', precision: 'fp32' })
  expect(identify(encoder)).toMatchObject({ kind: 'image-encoder' })
  expect(identify(`${models}/clip_full`)).toMatchObject({ kind: 'text-encoder' })
  const tensor = (shape: number[]) => ({
    ...{ dtype: 'F32' as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)) },
  })
  const keys = { 'ip_adapter.1.to_k_ip.weight': tensor([4, 768]), 'ip_adapter.1.to_v_ip.weight': tensor([4, 768]) }
  const write = (name: string, projection: Record<string, number[]>) => {
    const path = join(folder, name)
    const made = Object.entries(projection).map(([key, shape]) => [`image_proj.${key}`, tensor(shape)] as const)
    writeSafetensors(path, [...Object.entries(keys), ...made])
    return path
  }
  const plain = write('plain.safetensors', { 'proj.weight': [4 * 768, 8], 'proj.bias': [4 * 768] })
  expect(identify(plain)).toMatchObject({ kind: 'ip-adapter', family: 'sd1' })
  const faces = write('faces.safetensors', { 'proj.0.weight': [8, 4], 'proj.2.weight': [8, 8], 'norm.weight': [8] })
  expect(() => identify(faces)).toThrow(expect.objectContaining({ code: 'IP_ADAPTER_FORM' }))
})
