import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { RgbImage } from '../tensor/images.ts'
import { identify } from '../weights/identify.ts'
import { looksLikeOnnx, openOnnx } from '../weights/onnx-file.ts'
import { fits, type MaskDecoder, type PictureEncoder, segmenterOf } from '../weights/segmenter.ts'
import {
  writeCuttingDecoder,
  writeDecoder,
  writeEncoder,
  writeMaskNetwork,
  writeOtherNetwork,
  writePreparingEncoder,
} from '../weights/testing-segmenters.ts'
import { Segmenting } from './segmenting.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-segmenting-'))
afterAll(() => rmSync(folder, { recursive: true }))

const encoder = writeEncoder(folder)
const decoder = writeDecoder(folder)
const network = writeMaskNetwork(folder)

/** Bright at the left, dark at the right; twice as wide as high. */
const picture = (): RgbImage => {
  const [width, height] = [128, 64]
  const data = Uint8Array.from({ length: width * height * 3 }, (_, k) =>
    Math.floor(k / 3) % width < width / 2 ? 250 : 5,
  )
  return { width, height, data }
}
const size = { width: 128, height: 64 }
const shareOf = (data: Uint8Array, isLeft: boolean) => {
  const own = data.filter((_, k) => k % size.width < size.width / 2 === isLeft)
  return own.reduce((sum, value) => sum + value, 0) / own.length
}

test('a file says what it takes and gives, and what it is follows from that', () => {
  expect(looksLikeOnnx(encoder)).toBe(true)
  expect(openOnnx(decoder)).toMatchObject({
    inputs: [
      { name: 'image_embeddings', type: 'float32', shape: [1, 4, 8, 8] },
      { name: 'point_coords', shape: [1, 2, 2] },
      { name: 'point_labels' },
      { name: 'mask_input', shape: [1, 1, 16, 16] },
      { name: 'has_mask_input', shape: [1] },
      { name: 'orig_im_size', shape: [2] },
    ],
    outputs: [{ name: 'masks', shape: [1, 2, 8, 8] }, { name: 'iou_predictions' }],
  })
  expect([encoder, decoder, network].map(path => segmenterOf(openOnnx(path)).part)).toEqual([
    'picture encoder',
    'mask decoder',
    'mask network',
  ])
  expect(identify(network)).toMatchObject({ kind: 'segmenter', precision: 'ONNX' })
  const halves = [encoder, decoder].map(path => segmenterOf(openOnnx(path)))
  expect(fits(halves[0] as PictureEncoder, halves[1] as MaskDecoder)).toBe(true)
})

const input = (name: string, shape: readonly (number | undefined)[], type = 'float32') => ({ name, shape, type })
const any = undefined

test('exports of the well-known tools are told by their names and shapes', () => {
  const of = (inputs: ReturnType<typeof input>[], outputs: ReturnType<typeof input>[]) =>
    segmenterOf({ path: 'x', byteLength: 1, inputs, outputs })
  // Segment Anything's own decoder, and its encoder as the Segment Anything project's users export it.
  expect(of([input('image', [1, 3, 1024, 1024])], [input('embeddings', [1, 256, 64, 64])])).toMatchObject({
    part: 'picture encoder',
    stretches: false,
  })
  expect(
    of(
      [
        ...[input('image_embeddings', [1, 256, 64, 64]), input('point_coords', [1, any, 2])],
        ...[input('point_labels', [1, any]), input('mask_input', [1, 1, 256, 256]), input('has_mask_input', [1])],
        input('orig_im_size', [2]),
      ],
      [
        ...[input('masks', [any, any, any, any]), input('iou_predictions', [any, 1])],
        input('low_res_masks', [any, 1, any, any]),
      ],
    ),
  ).toMatchObject({
    part: 'mask decoder',
    ...{ masks: 'masks', scores: 'iou_predictions', maskSize: { name: 'orig_im_size' } },
    features: [{ name: 'image_embeddings' }],
  })
  // Segment Anything in the browser: all halves have names of their own, and several points for several objects.
  const positions = input('image_positional_embeddings', [any, 256, 64, 64])
  expect(
    of([input('pixel_values', [any, 3, 1024, 1024])], [input('image_embeddings', [any, 256, 64, 64]), positions]),
  ).toMatchObject({ part: 'picture encoder', stretches: false, picture: { layout: 'nchw', width: 1024 } })
  expect(
    of(
      [
        input('input_points', [any, any, any, 2]),
        input('input_labels', [any, any, any], 'int64'),
        input('image_embeddings', [any, 256, 64, 64]),
        positions,
      ],
      [input('iou_scores', [any, any, 3]), input('pred_masks', [any, any, 3, any, any])],
    ),
  ).toMatchObject({ part: 'mask decoder', scores: 'iou_scores', masks: 'pred_masks', maskSize: undefined })
  // MobileSAM: it prepares the picture itself.
  expect(of([input('input_image', [any, any, 3])], [input('image_embeddings', [1, 256, 64, 64])])).toMatchObject({
    part: 'picture encoder',
    picture: { layout: 'hwc', width: undefined },
  })
  // SAM 2: pictures are stretched, and three tensors of features go to the decoder.
  expect(
    of(
      [input('image', [1, 3, 1024, 1024])],
      [
        input('high_res_feats_0', [1, 32, 256, 256]),
        input('high_res_feats_1', [1, 64, 128, 128]),
        input('image_embed', [1, 256, 64, 64]),
      ],
    ),
  ).toMatchObject({ part: 'picture encoder', stretches: true })
  // A U²-Net, and a network of kinds of things.
  expect(of([input('input.1', [1, 3, 320, 320])], [input('1959', [1, 1, 320, 320])])).toMatchObject({ masks: '1959' })
  expect(of([input('pixel_values', [any, any, any, any])], [input('logits', [any, 150, any, any])])).toMatchObject({
    part: 'mask network',
  })
})

test('what finds no objects is refused with what it is and what to bring', () => {
  const other = writeOtherNetwork(folder)
  expect(() => identify(other)).toThrow(/finds no objects in pictures: it takes sample \[1,4,8,8\], timestep/)
  const words = join(folder, 'words.onnx')
  writeFileSync(words, 'This is a text.')
  expect(() => identify(words)).toThrow(/is not an ONNX network/)
  const cut = join(folder, 'cut')
  writeFileSync(cut, Buffer.from([8, 10, 58, 200, 1, 11]))
  expect(() => identify(cut)).toThrow(/is not an ONNX network, or not all of one/)
  expect(() =>
    segmenterOf({
      path: 'half.onnx',
      byteLength: 1,
      inputs: [input('image', [1, 3, 64, 64], 'float16')],
      outputs: [input('mask', [1, 1, 64, 64])],
    }),
  ).toThrow(/takes "image" as float16/)
})

test('the mask that the decoder holds for the best is the one of the place that was clicked', async () => {
  const segmenting = new Segmenting(1)
  let read = 0
  const see = async () => {
    read++
    return picture()
  }
  const ask = (x: number) => segmenting.find({ encoder, decoder }, 'one', see, [{ x, y: 30, isInside: true }], size)
  const bright = await ask(20)
  expect([shareOf(bright.data, true), shareOf(bright.data, false)].map(share => Math.round(share * 20) / 20)).toEqual([
    1, 0,
  ])
  const dark = await ask(110)
  expect([shareOf(dark.data, true), shareOf(dark.data, false)].map(share => Math.round(share * 20) / 20)).toEqual([
    0, 1,
  ])
  expect(read).toBe(1)
  await segmenting.release()
})

test.each([
  ['wide', { width: 128, height: 64 }],
  ['high', { width: 32, height: 64 }],
] as const)(
  'a decoder that cuts its masks to a size is asked for what the encoder was shown: a %s picture',
  async (_, size) => {
    const [encoder, decoder] = [writePreparingEncoder(folder), writeCuttingDecoder(folder)]
    expect(segmenterOf(openOnnx(encoder))).toMatchObject({ picture: { layout: 'hwc', width: 64, height: 32 } })
    expect(segmenterOf(openOnnx(decoder))).toMatchObject({ masks: 'masks', scores: 'iou_predictions' })
    const data = Uint8Array.from({ length: size.width * size.height * 3 }, (_, k) =>
      Math.floor(k / 3) % size.width < size.width / 2 ? 250 : 5,
    )
    const segmenting = new Segmenting(1)
    const see = async () => ({ ...size, data })
    const { data: found } = await segmenting.find(
      { encoder, decoder },
      'x',
      see,
      [{ x: 3, y: 9, isInside: true }],
      size,
    )
    const right = found.filter((value, k) => (value === 1) === k % size.width < size.width / 2)
    expect(right.length / found.length).toBeGreaterThan(0.9)
    await segmenting.release()
  },
)

test('a network of masks gives all that is like the place that was clicked', async () => {
  const segmenting = new Segmenting(1)
  const ask = (x: number) =>
    segmenting.find({ network }, 'one', async () => picture(), [{ x, y: 30, isInside: true }], size)
  const found = await ask(100)
  expect(found.isClickedPartAlone).toBe(true)
  expect([shareOf(found.data, true), shareOf(found.data, false)].map(share => Math.round(share * 20) / 20)).toEqual([
    0, 1,
  ])
  expect(shareOf((await ask(5)).data, true)).toBeGreaterThan(0.95)
  await segmenting.release()
})

test('a network that cannot be opened is named with what ONNX Runtime says', async () => {
  const segmenting = new Segmenting(1)
  const broken = join(folder, 'broken.onnx')
  writeFileSync(broken, openBroken())
  await expect(
    segmenting.find({ network: broken }, 'one', async () => picture(), [{ x: 1, y: 1, isInside: true }], size),
  ).rejects.toThrow(/broken\.onnx could not be opened/)
})

/** The network of masks, with an operation that there is none of. */
function openBroken(): Uint8Array {
  const folderOfOwn = mkdtempSync(join(folder, 'own-'))
  const bytes = readFileSync(writeMaskNetwork(folderOfOwn))
  const at = bytes.indexOf('ReduceMean')
  bytes.write('ReduceNone', at)
  return bytes
}
