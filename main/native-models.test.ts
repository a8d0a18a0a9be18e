import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../app/operations/index.ts'
import { drawingKinds } from '../app/weights/model-kinds.ts'
import { engineHere, jobIn } from '../test/faults/studio.ts'

test('models of every kind come with the app, those of words first, and draw', async () => {
  const { client } = await engineHere({ operations, worker: join(import.meta.dirname, 'worker.ts') })
  expect((await client.models.list()).map(({ id }) => id)).toEqual(['sticker-world', 'sticker-world-instruct'])
  const known = await client.models.list({ kinds: [...drawingKinds] })
  expect(known.map(({ name, kind, embedded }) => [name, kind, embedded])).toEqual([
    ['Sticker World', 'checkpoint', true],
    ['Sticker World instruct', 'checkpoint', true],
    ['Sticker Faces', 'unconditional', true],
    ['Sticker Kinds', 'classes', true],
    ['Sticker World masks', 'masks', true],
  ])
  const [, , faces, kinds] = known
  expect([faces.licence, faces.defaults.steps]).toEqual(['apache-2.0', 50])
  expect(kinds.classNames).toEqual(['animal', 'ball', 'flower', 'fruit', 'heart', 'smiley', 'tree', 'vehicle'])
  for (const [operation, model, parameters] of [
    ['draw-without-words', faces.id, {}],
    ['draw-a-class', kinds.id, { classLabel: 4 }],
  ] as const) {
    const { id } = await client.jobs.submit({ operation, model, parameters: { ...parameters, steps: 2, seed: '7' } })
    const { images } = await jobIn(client, id, 'done', 60_000)
    expect(images).toHaveLength(1)
  }
  for (const { width, height } of (await client.images.list({})).images) expect([width, height]).toEqual([32, 32])
})
