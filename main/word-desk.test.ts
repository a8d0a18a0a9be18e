import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { writeWordMasks } from '../app/training/testing-word-masks.ts'
import { engineHere, temporaryHome } from '../test/faults/studio.ts'

const refusal = (error: { data?: { code?: string } }) => error.data?.code

test('a CLIPSeg that a person brings tells how surely words are where; what it tells lies in the library', async () => {
  const engine = await engineHere({ worker: join(import.meta.dirname, 'worker.ts') })
  const { client } = engine
  const folder = join(temporaryHome(), 'clipseg')
  writeWordMasks(folder)
  const { models } = await client.models.import({ paths: [folder] })
  expect(models).toMatchObject([{ kind: 'masks', name: 'clipseg', embedded: false }])
  const data = Uint8Array.from({ length: 48 * 32 * 3 }, (_, k) => (k * k * 7) % 251)
  const png = await sharp(data, { raw: { width: 48, height: 32, channels: 3 } })
    .png()
    .toBuffer()
  const { hash: picture } = await client.images.keep({ file: new Blob([new Uint8Array(png)]), use: 'picture' })
  const mapOf = async (...words: string[]) => {
    const found = await client.segmentation.words({ picture, model: models[0].id, words })
    expect(found).toMatchObject({ width: 48, height: 32 })
    const { data: gray } = await sharp(engine.blobPath(found.map)?.path)
      .grayscale()
      .raw()
      .toBuffer({ resolveWithObject: true })
    return [...gray]
  }
  const [cat, dog] = [await mapOf('a cat'), await mapOf('a dog')]
  expect(cat).not.toEqual(dog)
  expect(await mapOf('a cat', 'a dog')).toEqual(cat.map((sure, k) => Math.max(sure, dog[k])))
  const question = { picture, model: models[0].id, words: ['a cat'] }
  expect(await client.segmentation.words({ ...question, picture: 'none' }).catch(refusal)).toBe('PICTURE_GONE')
  expect(await client.segmentation.words({ ...question, model: 'none' }).catch(refusal)).toBe('MODEL_UNKNOWN')
})
