import { readFileSync, writeFileSync } from 'node:fs'
import { basename, join, sep } from 'node:path'
import { expect, test } from 'vitest'
import { Problem } from '../problem.ts'
import { identify } from '../weights/identify.ts'
import { checkpointHash } from './content-hash.ts'
import { describeCheckpoint, usedWeightFiles } from './describe.ts'
import { modelOfGoldens } from './testing.ts'

const dit = { transformer: 'dit', vae: 'sd1/vae' }

function code(path: string): string | undefined {
  try {
    describeCheckpoint(path)
  } catch (error) {
    if (error instanceof Problem) return error.code
    throw error
  }
  return undefined
}

test('a model of pixels: its own size and sampler, the steps of the reference', () => {
  const path = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])
  expect(describeCheckpoint(path)).toMatchObject({
    name: basename(path),
    kind: 'unconditional',
    defaults: { width: 8, height: 8, steps: 1000, sampler: 'DDPMScheduler' },
    stride: 1,
    promptTokens: 0,
    precision: 'fp32',
  })
  expect(identify(path)).toMatchObject({ kind: 'unconditional', family: 'unknown' })
})

test.each([
  ['DDPMScheduler', { num_train_timesteps: 250 }, 250],
  ['DDIMScheduler', { num_train_timesteps: 250 }, 50],
  ['KarrasVeScheduler', {}, 50],
  ['ScoreSdeVeScheduler', { num_train_timesteps: 1000 }, 2000],
] as const)('%s with %o begins with %i steps', (className, config, steps) => {
  const path = modelOfGoldens({ unet: 'unet2d_ddpm' }, [className, config])
  expect(describeCheckpoint(path).defaults.steps).toBe(steps)
})

test('pictures that are not square', () => {
  const path = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'], { changes: { sample_size: [16, 24] } })
  expect(describeCheckpoint(path).defaults).toMatchObject({ width: 24, height: 16 })
})

test('a model of classes: latents times the stride of its autoencoder, the guidance of the reference', () => {
  const path = modelOfGoldens(dit, ['DDIMScheduler'])
  const { stride, defaults, kind } = describeCheckpoint(path)
  expect({ kind, stride, ...defaults }).toEqual({
    ...{ kind: 'classes', stride: 8, width: 64, height: 64 },
    ...{ steps: 50, guidance: 4, sampler: 'DDIMScheduler' },
  })
  expect(identify(path)).toMatchObject({ kind: 'classes', family: 'unknown' })
})

test('the hash of their weights is over the files that are used', async () => {
  const path = modelOfGoldens(dit, ['DDIMScheduler'])
  expect(usedWeightFiles(path).map(file => file.split(sep).slice(-3, -1))).toEqual([
    ['models', 'dit'],
    ['sd1', 'vae'],
  ])
  expect(await checkpointHash(path, new Map())).not.toBe(
    await checkpointHash(modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler']), new Map()),
  )
})

test('a UNet of pixels with a table of classes is a model of classes, guided where the table has a row for none', () => {
  const sampler = ['DDPMScheduler'] as const
  const path = modelOfGoldens({ unet: 'unet2d_class' }, sampler)
  const told = describeCheckpoint(path)
  expect(told).toMatchObject({ kind: 'classes', stride: 1, defaults: { guidance: 1 } })
  const count = told.classes?.count ?? 0
  const index = JSON.parse(readFileSync(join(path, 'model_index.json'), 'utf8'))
  const id2label = Object.fromEntries(Array.from({ length: count - 1 }, (_, k) => [k, `kind ${k}`]))
  writeFileSync(join(path, 'model_index.json'), JSON.stringify({ ...index, id2label }))
  expect(describeCheckpoint(path)).toMatchObject({ defaults: { guidance: 2 }, classes: { count: count - 1 } })
})

test('what cannot be drawn is refused: latents of another network, channels that are no colours, no size', () => {
  const sampler = ['DDPMScheduler'] as const
  expect(code(modelOfGoldens({ unet: 'unet2d_ddpm', vqvae: 'vqmodel' }, sampler))).toBe('MODEL_INPUTS')
  const changed = (changes: Record<string, unknown>) => modelOfGoldens({ unet: 'unet2d_ddpm' }, sampler, { changes })
  expect(code(changed({ in_channels: 4, out_channels: 4 }))).toBe('MODEL_INPUTS')
  expect(code(changed({ sample_size: null }))).toBe('MODEL_CONFIG')
  expect(code(modelOfGoldens(dit, sampler, { changes: { in_channels: 3 } }))).toBe('MODEL_CONFIG')
})
