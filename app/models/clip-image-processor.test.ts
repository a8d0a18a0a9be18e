import { expect, test } from 'vitest'
import { noisePicture } from '../tensor/testing.ts'
import { clipPixels, parseClipImageConfig } from './clip-image-processor.ts'

/* The reference's own numbers are replayed by test/parity (03_clip/preprocess). */

const config = (raw: object) => parseClipImageConfig(raw, 'preprocessor_config.json')

test('files of older programs, with numbers for sizes, mean the same', () => {
  const old = config({ size: 32, crop_size: 24, resample: 3, feature_extractor_type: 'CLIPFeatureExtractor' })
  expect(old).toEqual(config({ size: { shortest_edge: 32 }, crop_size: { height: 24, width: 24 } }))
  expect(clipPixels([noisePicture(40, 90), noisePicture(70, 30)], old).shape).toEqual([2, 3, 24, 24])
})

test('without normalisation and rescaling, the bytes themselves', () => {
  const image = noisePicture(3, 2)
  const raw = { do_resize: false, do_center_crop: false, do_normalize: false, do_rescale: false }
  const { shape, data } = clipPixels([image], config(raw))
  expect(shape).toEqual([1, 3, 2, 3])
  expect([...data]).toEqual(
    [0, 1, 2].flatMap(channel => [0, 1, 2, 3, 4, 5].map(place => image.data[place * 3 + channel])),
  )
})

test('pictures that come out at different sizes cannot be one tensor', () => {
  const uncropped = config({ size: 32, do_center_crop: false })
  expect(() => clipPixels([noisePicture(40, 90), noisePicture(70, 30)], uncropped)).toThrow(
    expect.objectContaining({ code: 'TENSOR_SIZE', message: expect.stringContaining('32 x 72 and 74 x 32') }),
  )
})

test('a filter that is not built is refused with the file and the key', () => {
  expect(() => config({ resample: 5 })).toThrow(
    expect.objectContaining({
      code: 'MODEL_CONFIG',
      message: expect.stringMatching(/preprocessor_config.json.*resample/),
    }),
  )
})
