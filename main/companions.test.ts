import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { operations } from '../app/operations/index.ts'
import { partOf } from '../app/weights/testing.ts'
import { engineHere, jobIn, temporaryHome } from '../test/faults/studio.ts'

test('Flux alone in a file draws with the text encoders and the VAE of the library, which the recipe names', async () => {
  const { client } = await engineHere({ operations, worker: join(import.meta.dirname, 'worker.ts') })
  const home = temporaryHome()
  const part = (prefix: string, name: string) => partOf('flux_schnell.safetensors', prefix, join(home, name))
  const flux = part('model.diffusion_model.', 'flux1-schnell.safetensors')
  const { models } = await client.models.import({ paths: [flux] })
  expect(models).toMatchObject([
    {
      name: 'flux1-schnell',
      kind: 'checkpoint',
      family: 'flux',
      samplers: 'flow',
      sizeMultiple: 16,
      promptTokens: 256,
    },
  ])
  const [{ id: model }] = models
  expect(models[0].lacks?.map(({ words, files }) => [words.split(' (')[0], files])).toEqual([
    ['text encoder CLIP-L', []],
    ['text encoder T5', []],
    ['VAE', []],
  ])
  expect(models[0].defaults).toEqual({
    ...{ width: 1024, height: 1024, steps: 4, guidance: 1 },
    sampler: 'FlowMatchEulerDiscreteScheduler',
  })
  const asked = { operation: 'text-to-image', model, parameters: { prompt: 'a fox', seed: '7', width: 64, height: 48 } }
  const refused = await client.jobs.submit(asked).catch((error: unknown) => error)
  expect(refused instanceof ORPCError && refused.data).toMatchObject({ code: 'COMPANION_MISSING' })

  const clip = part('text_encoders.clip_l.transformer.', 'clip_l.safetensors')
  const t5 = part('text_encoders.t5xxl.transformer.', 't5xxl.safetensors')
  const vae = part('vae.', 'ae.safetensors')
  await client.models.import({ paths: [clip, t5, vae] })
  const described = (await client.models.list()).find(({ id }) => id === model)
  expect(described?.lacks?.map(({ files }) => files)).toEqual([[clip], [t5], [vae]])
  expect(await client.models.countTokens({ model, prompt: 'a fox', longPrompts: 'cut' })).toMatchObject({
    ...{ tokens: 5, limit: 256, chunks: 1, leftOut: '' },
  })
  const { id } = await client.jobs.submit(asked)
  await jobIn(client, id, 'done')
  const [{ recipe }] = (await client.images.list({})).images
  expect(recipe?.parameters).toMatchObject({ vae, textEncoders: [{ model: clip }, { model: t5 }] })
  expect(recipe?.additions?.map(({ model }) => model)).toEqual([clip, t5, vae])
  const other = { ...asked, parameters: { ...asked.parameters, sampler: 'DDIMScheduler' } }
  const wrong = await client.jobs.submit(other)
  expect((await jobIn(client, wrong.id, 'failed')).problem).toMatchObject({ code: 'SAMPLER_KIND' })
})
