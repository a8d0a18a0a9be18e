import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { cutOuts } from '../tensor/cut-outs.ts'
import type { RgbImage } from '../tensor/images.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { parseWeighted, predictionOf } from './guides.ts'
import { noPictures } from './operation.ts'
import { textToImage } from './text-to-image.ts'

test('words have weights; those that come to nothing together are refused', () => {
  expect(parseWeighted('a cat : 2 | a dog: -1.5 |a fox')).toEqual([
    { text: 'a cat', weight: 2 },
    { text: 'a dog', weight: -1.5 },
    { text: 'a fox', weight: 1 },
  ])
  expect(parseWeighted('at 12:30 o’clock')).toEqual([{ text: 'at 12:30 o’clock', weight: 1 }])
  expect(() => parseWeighted('a cat : 1 | a dog : -1')).toThrow(expect.objectContaining({ code: 'GUIDE_WORDS' }))
})

test('samplers that ask networks in ways of their own are refused', () => {
  expect(predictionOf({ prediction_type: 'v_prediction' }, 'DDIMScheduler')).toBe('v_prediction')
  expect(predictionOf({}, 'FlowMatchEulerDiscreteScheduler')).toBe('flow_prediction')
  expect(() => predictionOf({}, 'KarrasVeScheduler')).toThrow(expect.objectContaining({ code: 'GUIDE_SAMPLER' }))
})

test('cut-outs lie inside the picture, and the first is its largest square', () => {
  const { rows, columns } = cutOuts(new TorchGenerator(1n), { width: 12, height: 8 }, 4, 5)
  const sums = (data: Float32Array, count: number, length: number) =>
    Array.from({ length: count }, (_, k) => data.subarray(k * length, (k + 1) * length).reduce((a, b) => a + b, 0))
  for (const sum of sums(rows.data, 5 * 4, 8)) expect(sum).toBeCloseTo(1, 5)
  // Columns stand upright.
  const across = Array.from({ length: 5 * 4 }, (_, k) =>
    Array.from({ length: 12 }, (_, x) => columns.data[Math.floor(k / 4) * 48 + x * 4 + (k % 4)]).reduce(
      (a, b) => a + b,
      0,
    ),
  )
  for (const sum of across) expect(sum).toBeCloseTo(1, 5)
  // 8 of 12 pixels: two at each side are not seen beyond the filter's reach.
  expect(columns.data[0]).toBe(0)
  expect(columns.data[11 * 4 + 3]).toBe(0)
})

test('cut-outs inside a box see nothing beyond it', () => {
  const box = { left: 6, top: 2, right: 10, bottom: 6 }
  const { rows, columns } = cutOuts(new TorchGenerator(1n), { width: 12, height: 8 }, 4, 6, box)
  for (const [k, weight] of rows.data.entries()) if (k % 8 < 2 || k % 8 >= 6) expect(weight).toBe(0)
  for (const [k, weight] of columns.data.entries()) {
    const x = Math.floor(k / 4) % 12
    if (x < 6 || x >= 10) expect(weight).toBe(0)
  }
})

/** A folder of a model whose parts are golden ones. */
function flowModel(
  pipeline: string,
  parts: Readonly<Record<string, readonly [className: string, golden: string]>>,
): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-flow-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const scheduler = 'FlowMatchEulerDiscreteScheduler'
  const index: Record<string, unknown> = { _class_name: pipeline, scheduler: ['diffusers', scheduler] }
  for (const [name, [className, golden]] of Object.entries(parts)) {
    index[name] = ['', className]
    symlinkSync(resolve('test/parity/goldens/models', golden), join(folder, name))
  }
  mkdirSync(join(folder, 'scheduler'))
  writeFileSync(
    join(folder, 'scheduler', 'scheduler_config.json'),
    JSON.stringify({ _class_name: scheduler, shift: 3 }),
  )
  writeFileSync(join(folder, 'model_index.json'), JSON.stringify(index))
  return folder
}
const clip = ['CLIPTextModelWithProjection', 'CLIPTokenizer'] as const

test.each([
  [
    'Stable Diffusion 3',
    'StableDiffusion3Pipeline',
    {
      transformer: ['SD3Transformer2DModel', 'sd3_parts/transformer'],
      vae: ['AutoencoderKL', 'vae_sd3'],
      text_encoder: [clip[0], 'sd3_parts/text_encoder'],
      text_encoder_2: [clip[0], 'sd3_parts/text_encoder_2'],
      tokenizer: [clip[1], 'tokenizer'],
      tokenizer_2: [clip[1], 'tokenizer_pad_bang'],
    },
  ],
  [
    'Flux',
    'FluxPipeline',
    {
      transformer: ['FluxTransformer2DModel', 'flux_parts/transformer_dev'],
      vae: ['AutoencoderKL', 'vae_flux'],
      text_encoder: ['CLIPTextModel', 'flux_parts/text_encoder'],
      text_encoder_2: ['T5EncoderModel', 'flux_parts/text_encoder_2'],
      tokenizer: [clip[1], 'tokenizer'],
      tokenizer_2: ['T5Tokenizer', 't5_tokenizer_json'],
    },
  ],
] as const)('a colour guides the transformers of %s too, and a mask says where', async (_, pipeline, parts) => {
  const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })
  const checkpoint = new Checkpoint(flowModel(pipeline, parts), runtime)
  const left: RgbImage = {
    width: 64,
    height: 64,
    data: Uint8Array.from({ length: 3 * 64 * 64 }, (_, k) => (k % 192 < 96 ? 255 : 0)),
  }
  const pictures = { ...noPictures, read: async () => left }
  const draw = async (changes: object) => {
    const chosen = {
      ...textToImage.parameters.parse({ prompt: 'a horse', ...changes }),
      steps: 4,
      guidance: 1,
      seed: 3n,
    }
    const complete = { ...chosen, sampler: 'FlowMatchEulerDiscreteScheduler', width: 64, height: 64 }
    const run = textToImage.run(
      { checkpoint, pictures, signal: new AbortController().signal, wantsPreviews: false },
      complete,
    )
    for (;;) {
      const next = await run.next()
      if (next.done) return next.value[0].image
    }
  }
  const green = ({ data, width }: RgbImage, half: 'left' | 'right') => {
    const greens = data.filter((_, k) => k % 3 === 1)
    const own = greens.filter((_, k) => k % width < width / 2 === (half === 'left'))
    return own.reduce((sum, level) => sum + level, 0) / own.length
  }
  const pull = { guideColour: '#00ff00', colourStrength: 20 }
  const [free, all, part] = [await draw({}), await draw(pull), await draw({ ...pull, guideMask: 'left' })]
  for (const half of ['left', 'right'] as const) expect(green(all, half)).toBeGreaterThan(green(free, half) + 1)
  const gains = (['left', 'right'] as const).map(half => green(part, half) - green(free, half))
  expect(gains[0]).toBeGreaterThan(Math.abs(gains[1]) + 1)
  await runtime.release()
})
