import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { PixelModel } from '../runtime/pixel-model.ts'
import { Runtime } from '../runtime/runtime.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { openSafetensors, readTensor } from '../weights/safetensors.ts'
import { newPixelModel } from './new-pixel-model.ts'

test('a new model opens and draws; its first layers are as torch begins them', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'sfumato-new-'))
  onTestFinished(() => rmSync(parent, { recursive: true }))
  const folder = join(parent, 'model')
  newPixelModel(folder, { size: 16, widths: [32, 64], seed: 3n })
  expect(existsSync(join(folder, 'scheduler', 'scheduler_config.json'))).toBe(true)
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 30 })
  const model = new PixelModel(folder, runtime)
  expect(model.shape(1)).toEqual([1, 3, 16, 16])
  const predict = await model.predictor(model.shape(1))
  const out = await predict(new TorchGenerator(1n).normal(model.shape(1)), 500)
  expect(out.data.every(Number.isFinite)).toBe(true)
  await runtime.release()
  const file = openSafetensors(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'))
  const weight = readTensor(file, 'conv_in.weight')
  const bound = 1 / Math.sqrt(3 * 9)
  expect(Math.max(...weight)).toBeLessThan(bound)
  expect(Math.max(...weight)).toBeGreaterThan(0.95 * bound)
  expect(Math.max(...readTensor(file, 'conv_in.bias').map(Math.abs))).toBeGreaterThan(0.7 * bound)
  expect(new Set(readTensor(file, 'conv_norm_out.weight'))).toEqual(new Set([1]))
  expect(new Set(readTensor(file, 'conv_norm_out.bias'))).toEqual(new Set([0]))
})
