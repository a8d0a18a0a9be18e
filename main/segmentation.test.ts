import { join } from 'node:path'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { writeDecoder, writeEncoder, writeMaskNetwork, writeOtherNetwork } from '../app/weights/testing-segmenters.ts'
import { engineHere, temporaryHome } from '../test/faults/studio.ts'
import { runsOf } from './segmentation.ts'

/** Bright at the left, dark at the right. */
async function halves(): Promise<Blob> {
  const [width, height] = [96, 64]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) => (Math.floor(k / 3) % width < 48 ? 250 : 5))
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()
  return new Blob([new Uint8Array(png)], { type: 'image/png' })
}

const refusal = (error: { data?: { code?: string } }) => error.data?.code

test('two halves that a person brings find what is clicked, each by itself says what it lacks', async () => {
  const { client } = await engineHere({ worker: join(import.meta.dirname, 'worker.ts') })
  const home = temporaryHome()
  const first = await client.models.import({ paths: [writeDecoder(home, 'looks like an encoder.onnx')] })
  expect(first.models).toMatchObject([
    { kind: 'segmenter', half: 'mask decoder', problem: expect.stringContaining('Bring the picture encoder') },
  ])
  const [{ id: network }] = first.models
  const { hash: picture } = await client.images.keep({ file: await halves() })
  const size = { width: 96, height: 64 }
  const question = { picture, network, clicks: [{ x: 10, y: 30, isInside: true }], size }
  expect(await client.segmentation.find(question).catch(refusal)).toBe('SEGMENTER_HALF')

  await client.models.import({ paths: [writeEncoder(home, 'looks like a decoder.onnx')] })
  const found = await client.segmentation.find(question)
  expect(found.isClickedPartAlone).toBe(false)
  expect(found.runs.reduce((sum, run) => sum + run, 0)).toBe(96 * 64)
  // Each row begins with the bright half.
  expect(found.runs.slice(0, 4).map(run => Math.round(run / 48))).toEqual([0, 1, 1, 1])

  const { models } = await client.models.import({ paths: [writeMaskNetwork(home)] })
  const alone = await client.segmentation.find({ ...question, network: models[0].id })
  expect(alone.isClickedPartAlone).toBe(true)
  expect(await client.segmentation.find({ ...question, picture: 'none' }).catch(refusal)).toBe('PICTURE_GONE')

  const other = writeOtherNetwork(home)
  const { refused } = await client.models.import({ paths: [other] })
  expect(refused).toMatchObject([{ path: other, problem: expect.stringContaining('finds no objects in pictures') }])
  // In a folder it is passed over: folders of other programs hold networks for many things.
  expect((await client.models.import({ paths: [home] })).refused).toEqual([])
})

test('a mask is written as lengths of what is alike', () => {
  expect(runsOf(Uint8Array.from([0, 0, 1, 1, 1, 0]))).toEqual([2, 3, 1])
  expect(runsOf(Uint8Array.from([1, 0]))).toEqual([0, 1, 1])
})
