import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { controlNet } from '../models/controlnet.ts'
import { parseConfig } from '../models/family.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { firstWeights } from '../training/first-weights.ts'
import { copiedControlNet } from '../training/new-control-net.ts'
import { writeControlNet, writeControlNetFile } from '../weights/control-net.ts'
import { openModel } from '../weights/open-model.ts'
import { checkControls } from './check-controls.ts'
import { planOf } from './plan.ts'
import { textToImage } from './text-to-image.ts'

const source = 'native-models/sticker-world'
const folder = mkdtempSync(join(tmpdir(), 'sfumato-controls-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
const sizes = {
  ...{ batch: 1, height: 8, width: 8, tokens: 32, contextMask: false, guessMode: false },
  timesteps: 'one',
} as const

/** A ControlNet of random weights. @returns its path */
function made(name: string, changes: object = {}, write: 'folder' | 'file' = 'folder'): string {
  const path = join(folder, name)
  const { config } = copiedControlNet(openModel(source).component('unet'), 8)
  const own = { ...config, ...changes }
  const tensors = firstWeights(controlNet, 'control', parseConfig(controlNet, own, name), sizes, 3n)
  const written = { config: own, tensors, metadata: {} }
  if (write === 'folder') writeControlNet(path, written, '')
  else writeControlNetFile(path, written)
  return path
}
const [fitting, alone, other] = [
  made('fitting'),
  made('alone.safetensors', {}, 'file'),
  made('other', { cross_attention_dim: 64 }),
]

const picture: RgbImage = { width: 40, height: 20, data: Uint8Array.from({ length: 2400 }, (_, i) => (i * 37) % 256) }
const black: RgbImage = { ...picture, data: new Uint8Array(2400) }
const pictures = { read: async (name: string) => (name === 'black' ? black : picture) }

async function drawn(controls: readonly object[], changes: object = {}): Promise<Uint8Array> {
  const parameters = textToImage.parameters.parse({
    ...{ prompt: 'a red apple', seed: 1, steps: 4, guidance: 3, sampler: 'DDIMScheduler', width: 64, height: 64 },
    ...{ controls, ...changes },
  })
  const paths = [...new Set(parameters.controls.map(({ model }) => model))]
  const checkpoint = new Checkpoint(source, runtime, { controls: paths })
  const complete = { ...checkpoint.description.defaults, ...parameters, seed: 1n, steps: 4 }
  const { sampler = '', guidance = 1, width = 64, height = 64 } = parameters
  const context = { checkpoint, pictures, signal: new AbortController().signal, wantsPreviews: false }
  const run = textToImage.run(context, { ...complete, sampler, guidance, width, height })
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image.data
  }
}

test('a control changes the picture, at no weight or in no part of the run it changes nothing; a file draws as its folder does', async () => {
  const control = { model: fitting, image: 'x' }
  const plain = await drawn([])
  const held = await drawn([control])
  expect(held).not.toEqual(plain)
  expect(await drawn([{ ...control, weight: 0 }])).toEqual(plain)
  expect(await drawn([{ ...control, start: 1 }])).toEqual(plain)
  expect(await drawn([{ ...control, model: alone }])).toEqual(held)
  expect(await drawn([control], { guessMode: true })).not.toEqual(held)
  expect(
    await drawn([
      { ...control, weight: 0.5 },
      { ...control, weight: 0.5 },
    ]),
  ).not.toEqual(plain)
})

test('who decides makes another picture; a picture that says nothing is refused in a sentence', async () => {
  const drawings = await Promise.all(
    ['balanced', 'prompt', 'control'].map(mode => drawn([{ model: fitting, image: 'x', mode }], { steps: 2 })),
  )
  expect(new Set(drawings.map(data => data.join())).size).toBe(3)
  await expect(drawn([{ model: fitting, image: 'black' }])).rejects.toMatchObject({
    code: 'CONTROL_EMPTY',
    message: 'The control picture black is black all over, which says nothing to a control.',
  })
})

test('one that was made for other models is refused before anything waits, with those that fit', () => {
  const description = { path: source, name: 'Sticker World' }
  const check = (model: string) =>
    checkControls({ controls: [{ model, image: 'x' }] }, description, () => [other, fitting])
  expect(() => check(fitting)).not.toThrow()
  expect(() => check(other)).toThrow(
    expect.objectContaining({
      code: 'CONTROL_MISFIT',
      message: expect.stringMatching(/other does not fit: .*reads text of width 64, the model gives 256/),
      hint: 'Choose fitting.',
    }),
  )
  expect(() => new Checkpoint(source, runtime, { controls: [other] })).toThrow(
    expect.objectContaining({ code: 'CONTROL_MISFIT' }),
  )
})

test('what a picture will take counts its controls', () => {
  const chosen = { sampler: 'DDIMScheduler', steps: 4, guidance: 3, width: 64, height: 64 }
  const loads = (controls: string[]) => {
    const checkpoint = new Checkpoint(source, runtime, { controls })
    const plan = planOf({ checkpoint } as Parameters<typeof planOf>[0], 'checkpoint', chosen)
    if (plan === undefined) throw new Error('no plan')
    return plan.drawing
  }
  const [plain, held] = [loads([]), loads([fitting])]
  expect(held.footprint.weights).toBeGreaterThan(plain.footprint.weights + 2e7)
  expect(held.work).toBeGreaterThan(plain.work * 1.2)
})

test('what would never act, since it ends before it begins, is refused', async () => {
  const never = { code: 'STEPS_NONE', message: expect.stringMatching(/^From 0\.9 until 0\.1 of the steps is never/) }
  await expect(drawn([{ model: fitting, image: 'a', start: 0.9, end: 0.1 }])).rejects.toMatchObject(never)
  const pulled = { guideColour: '#00ff00', guideStart: 0.9, guideEnd: 0.1 }
  await expect(drawn([], pulled)).rejects.toMatchObject(never)
})
