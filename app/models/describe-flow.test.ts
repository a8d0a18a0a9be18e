import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { identify } from '../weights/identify.ts'
import { describeCheckpoint } from './describe.ts'

const goldens = resolve(import.meta.dirname, '../../test/parity/goldens/models')

/** A folder as the reference's `save_pretrained` writes it. @param parts class and golden folder by component */
function modelOf(
  pipeline: string,
  parts: Readonly<Record<string, readonly [className: string, golden: string]>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-flow-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const index: Record<string, unknown> = { _class_name: pipeline, scheduler: ['', 'FlowMatchEulerDiscreteScheduler'] }
  mkdirSync(join(folder, 'scheduler'))
  writeFileSync(join(folder, 'scheduler', 'scheduler_config.json'), '{"shift": 3.0}')
  for (const [name, [className, golden]] of Object.entries(parts)) {
    index[name] = ['', className]
    symlinkSync(join(goldens, golden), join(folder, name), 'junction')
  }
  writeFileSync(join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}

const sd3 = {
  transformer: ['SD3Transformer2DModel', 'sd3_parts/transformer'],
  text_encoder: ['CLIPTextModelWithProjection', 'sd3_parts/text_encoder'],
  text_encoder_2: ['CLIPTextModelWithProjection', 'sd3_parts/text_encoder_2'],
  vae: ['AutoencoderKL', 'vae_sd3'],
} as const
const sampler = 'FlowMatchEulerDiscreteScheduler'

test('Stable Diffusion 3: size of its config, 28 steps, guidance 7; the window of CLIP, or of T5 where there is one', () => {
  const path = modelOf('StableDiffusion3Pipeline', sd3)
  const defaults = { width: 64, height: 64, steps: 28, guidance: 7, sampler }
  expect(describeCheckpoint(path)).toMatchObject({
    ...{ kind: 'checkpoint', defaults, stride: 8, sizeMultiple: 16, samplers: 'flow', promptTokens: 77 },
  })
  expect(identify(path)).toMatchObject({ kind: 'checkpoint', family: 'sd3' })
  const withT5 = modelOf('StableDiffusion3Pipeline', {
    ...sd3,
    text_encoder_3: ['T5EncoderModel', 'sd3_parts/text_encoder_3'],
  })
  expect(describeCheckpoint(withT5).promptTokens).toBe(256)
  const t5 = readFileSync(join(goldens, 'sd3_parts/text_encoder_3/model.safetensors')).length
  expect(describeCheckpoint(withT5).bytes - describeCheckpoint(path).bytes).toBe(t5)
})

test.each([
  ['dev', 28, 3.5, 512],
  ['schnell', 4, 1, 256],
])('Flux %s: %i steps, guidance %d, %i tokens', (name, steps, guidance, promptTokens) => {
  const path = modelOf('FluxPipeline', {
    transformer: ['FluxTransformer2DModel', `flux_parts/transformer_${name}`],
    text_encoder: ['CLIPTextModel', 'flux_parts/text_encoder'],
    text_encoder_2: ['T5EncoderModel', 'flux_parts/text_encoder_2'],
    vae: ['AutoencoderKL', 'vae_flux'],
  })
  const defaults = { width: 512, height: 512, steps, guidance, sampler }
  expect(describeCheckpoint(path)).toMatchObject({
    defaults,
    stride: 4,
    sizeMultiple: 8,
    samplers: 'flow',
    promptTokens,
  })
  expect(identify(path)).toMatchObject({ kind: 'checkpoint', family: 'flux' })
})
