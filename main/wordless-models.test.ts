import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { modelOfGoldens } from '../app/models/testing.ts'
import { operations } from '../app/operations/index.ts'
import { engineHere, jobIn } from '../test/faults/studio.ts'

/** The real worker and the real operations. */
const studio = () => engineHere({ operations, worker: join(import.meta.dirname, 'worker.ts') })

test('models of every kind are drawn with by what is for them, and refused by the rest', async () => {
  const { client } = await studio()
  const pixels = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])
  const classes = modelOfGoldens({ transformer: 'dit', vae: 'sd1/vae' }, ['DDIMScheduler'])
  const { models, refused } = await client.models.import({ paths: [pixels, classes] })
  expect([models.map(({ kind }) => kind), refused]).toEqual([['unconditional', 'classes'], []])

  // The page's list for text to image does not hold them.
  expect((await client.models.list()).every(({ kind }) => kind === 'checkpoint')).toBe(true)

  for (const [operation, model, parameters, recipe, side] of [
    ['draw-without-words', pixels, { steps: 3 }, { steps: 3, sampler: 'DDPMScheduler', eta: 0 }, 8],
    [
      'draw-a-class',
      classes,
      { steps: 2, classLabel: 9 },
      { classLabel: 9, guidance: 4, sampler: 'DDIMScheduler' },
      64,
    ],
  ] as const) {
    const { id } = await client.jobs.submit({ operation, model, parameters: { ...parameters, seed: '7' } })
    await jobIn(client, id, 'done', 60_000)
    const [image] = (await client.images.list({ search: 'seed:7' })).images
    expect(image).toMatchObject({ jobId: id, width: side, height: side })
    expect(image.recipe).toMatchObject({ operation, parameters: recipe, seed: '7' })
    const check = await client.models.checkPrecision({ id: model, precision: '8 bit' })
    await jobIn(client, check.id, 'done', 60_000)
    const { losses } = await client.models.details({ id: model })
    expect(losses).toEqual([{ precision: '8 bit', decibels: expect.any(Number) }])
  }
})

test('a model is refused by what needs another kind, in words that name what does', async () => {
  const { client } = await studio()
  const pixels = modelOfGoldens({ unet: 'unet2d_ddpm' }, ['DDPMScheduler'])
  const submit = async (operation: string, model: string, parameters: Record<string, unknown>) => {
    const refused: unknown = await client.jobs.submit({ operation, model, parameters }).catch(error => error)
    return refused instanceof ORPCError ? refused.data : refused
  }
  expect(await submit('text-to-image', pixels, { prompt: 'a fox' })).toMatchObject({
    code: 'MODEL_OPERATION',
    hint: expect.stringContaining('"Draw without words"'),
  })
  expect(await submit('draw-without-words', 'sticker-world', {})).toMatchObject({
    code: 'MODEL_OPERATION',
    hint: expect.stringContaining('"Text to image"'),
  })
})
