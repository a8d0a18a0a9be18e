import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { openModel } from '../weights/open-model.ts'
import { readStored } from '../weights/safetensors.ts'
import { trainFineTune } from './train-fine-tune.ts'

const source = 'native-models/sticker-world'
const running = (memoryBudget: number) => new Runtime({ target: targets.cpu, threads: 2, memoryBudget })

async function teach(changes: object, runtime = running(2 ** 32)) {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-fine-tune-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const images = join(home, 'pictures')
  mkdirSync(images)
  writeFileSync(join(images, '1.png'), '')
  const readPicture = async () => ({ width: 8, height: 8, data: new Uint8Array(192).fill(200) })
  const target = join(home, 'models', 'taught')
  const encodePicture = async ({ data }: RgbImage) => data
  const workshop = {
    runtime,
    home,
    readPicture,
    encodePicture,
    isEnough: () => false,
    rest: async () => {},
    job: 'a job',
  }
  const making = { source, target, hashes: {}, mergedLoras: () => [] }
  const given = { images, class: 'thing', steps: 2, batch: 1, seed: 5n, warmUp: 0, ...changes }
  const parameters = trainFineTune.parameters.parse(given)
  const checkpoint = new Checkpoint(source, runtime)
  const context = { checkpoint, workshop, making, signal: new AbortController().signal, wantsPreviews: false }
  const run = trainFineTune.run(context, { ...parameters, seed: parameters.seed ?? 0n })
  const phases: string[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { made: target, phases, home }
    phases.push(next.value.phase)
  }
}

/** Keys of a component's weights whose bytes or types differ. */
function changedKeys(path: string, component: string): string[] {
  const [before, after] = [source, path].map(model => openModel(model).component(component).weights)
  expect([...after.keys()]).toEqual([...before.keys()])
  return [...before.keys()].filter(key => {
    const [old, own] = [before.find(key), after.find(key)]
    if (!old || !own) throw new Error(key)
    expect(own.entry.dtype).toBe(old.entry.dtype)
    return Buffer.compare(readStored(old.file, old.entry), readStored(own.file, own.entry)) !== 0
  })
}

test('only what learns differs from the first model, to the byte; the new model opens as the old one did', async () => {
  const { made, phases } = await teach({ layers: 'cross-attention', learningRate: 1e-3, classImages: 1, name: 'Other' })
  expect(phases).toContain('Drawing class image 1 of 1')
  const path = made
  const changed = changedKeys(path, 'unet')
  expect(changed.length).toBeGreaterThan(0)
  expect(changed.every(key => key.includes('.attn2.'))).toBe(true)
  const learned = [...openModel(path).component('unet').weights.keys()].filter(key => key.includes('.attn2.'))
  expect(changed.length / learned.length).toBeGreaterThan(0.9)
  expect([...changedKeys(path, 'vae'), ...changedKeys(path, 'text_encoder')]).toEqual([])
  const { name, ...now } = new Checkpoint(path, running(2 ** 32)).description
  const { name: _, ...before } = new Checkpoint(source, running(2 ** 32)).description
  expect(name).toBe('Other')
  expect({ ...now, path: '', bytes: 0 }).toEqual({ ...before, path: '', bytes: 0 })
})

test('where what Adam keeps cannot fit, it is refused before anything is drawn or read', async () => {
  await expect(teach({ classImages: 1, images: '/nowhere' }, running(2 ** 24))).rejects.toMatchObject({
    code: 'MEMORY',
  })
})
