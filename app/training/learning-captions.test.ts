import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { plainWords } from '../models/prompt/schedule.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { TorchGenerator } from '../tensor/random.ts'
import type { Tensor } from '../tensor/tensor.ts'
import { layersOf } from '../weights/lora.ts'
import { openModel } from '../weights/open-model.ts'
import { trainedView } from './draw.ts'
import { learningCaptions } from './learning-captions.ts'
import { chosenLayers, writeKohyaLora } from './low-rank.ts'
import { modelNoising } from './noising.ts'
import { textToImageTask } from './text-to-image-task.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 31 })
afterAll(() => runtime.release())

const choice = { rank: 2, alpha: 3, feedForward: true, convolutions: false }
const golden = (name: string) => resolve(import.meta.dirname, '../../test/parity/goldens/models', name)

/** A training of UNet and text encoders, opened; with numbers for all factors. */
function learning(name: string) {
  const checkpoint = new Checkpoint(golden(name), runtime)
  const captions = learningCaptions(runtime, checkpoint, choice)
  const trained = { factors: chosenLayers(layersOf(openModel(golden(name)).component('unet').weights), choice) }
  const { trainable } = textToImageTask({
    ...{ runtime, checkpoint, captions, trained, seed: 1n, batch: 1, emptyCaptions: 0, noiseOffset: 0, priorWeight: 1 },
    set: { examples: [example], read: () => Promise.reject(new Error('not read')) },
    noising: modelNoising(checkpoint.schedulerConfig),
    start: () => new Map(),
  })
  const shapes = trainable.parameters
  const numbers = new Map(
    [...shapes].map(([key, shape], k) => [
      key,
      new TorchGenerator(BigInt(k)).normal(shape).data.map(value => value * 0.3),
    ]),
  )
  return { checkpoint, captions, trained, shapes, numbers }
}

const example = {
  ...{ caption: '', size: { width: 16, height: 16 }, isClassImage: false, mayFlip: false, contentHash: '' },
}

async function seen(checkpoint: Checkpoint): Promise<Record<string, Tensor>> {
  const prompt = { sections: plainWords('a sks cat on a mat') }
  const [{ positive }] = await checkpoint.condition([{ prompt, size: { width: 16, height: 16 } }], 'cut')
  const shape = checkpoint.latentShape(1, { width: 16, height: 16 })
  const predict = await checkpoint.predictor(shape, positive.encoder_hidden_states.shape[1], false)
  return { ...positive, answer: await predict(new TorchGenerator(1n).normal(shape), 500, positive) }
}

const furthest = (a: Tensor, b: Tensor): number =>
  a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0)

test.each([
  ['sd1', ['encoder_hidden_states']],
  ['sdxl', ['encoder_hidden_states', 'text_embeds']],
])(
  '%s: what is drawn with while it learns is what the file then draws with, in every text encoder',
  async (name, texts) => {
    const folder = mkdtempSync(join(tmpdir(), 'sfumato-words-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const path = join(folder, 'made.safetensors')
    const { checkpoint, captions, trained, shapes, numbers } = learning(name)
    writeKohyaLora(path, { numbers, shapes }, choice.alpha, {})
    const fromFile = new Checkpoint(golden(name), runtime, { loras: [{ path, strength: 1 }] })
    expect(fromFile.unmatched).toEqual([])
    const view = trainedView(checkpoint, { unet: trained, ...captions.trained }, shapes)(numbers)
    const [now, later, before] = [await seen(view), await seen(fromFile), await seen(checkpoint)]
    for (const key of [...texts, 'answer']) {
      expect(furthest(now[key], later[key])).toBeLessThan(1e-5)
      expect(furthest(now[key], before[key])).toBeGreaterThan(1e-3)
    }
  },
)

test('layers that nothing reads get no factors: the last of the first encoder of two', () => {
  const factors = (name: string, encoder: 'text_encoder' | 'text_encoder_2') => [
    ...(learning(name).captions.trained[encoder]?.factors?.keys() ?? []),
  ]
  const count = (name: string, encoder: 'text_encoder' | 'text_encoder_2') =>
    new Set(factors(name, encoder).map(layer => /^encoder\.layers\.\d+/.exec(layer)?.[0])).size
  const layersIn = (name: string, encoder: string) =>
    Number(openModel(golden(name)).component(encoder).config.num_hidden_layers)
  expect(count('sd1', 'text_encoder')).toBe(layersIn('sd1', 'text_encoder'))
  expect(count('sdxl', 'text_encoder')).toBe(layersIn('sdxl', 'text_encoder') - 1)
  expect(count('sdxl', 'text_encoder_2')).toBe(layersIn('sdxl', 'text_encoder_2'))
})
