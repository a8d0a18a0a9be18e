import sharp from 'sharp'
import { expect, test } from 'vitest'
import { originXmp, XMP_KEYWORD } from '../../app/api/origin.ts'
import { withJpegXmp, withPngTexts, withWebpXmp } from './metadata.ts'

const xmp = originXmp('changed', 'Sfumato 1')
const picture = (alpha: number) =>
  sharp({ create: { width: 30, height: 20, channels: 4, background: { r: 9, g: 200, b: 70, alpha } } })

const pixels = (bytes: Uint8Array) => sharp(bytes, { failOn: 'warning' }).ensureAlpha().raw().toBuffer()

test('texts of a PNG are read again, whatever their letters, and no pixel changes', async () => {
  const png = await picture(0.5).png().toBuffer()
  const texts = [
    ['parameters', 'a cream\nSteps: 4'],
    ['Comment', 'crème'],
    ['sfumato', '{"prompt":"猫"}'],
    [XMP_KEYWORD, xmp],
  ] as const
  const written = withPngTexts(png, texts)
  const { comments, xmp: found } = await sharp(written).metadata()
  expect(comments).toContainEqual({ keyword: 'parameters', text: 'a cream\nSteps: 4' })
  expect(comments).toContainEqual({ keyword: 'sfumato', text: '{"prompt":"猫"}' })
  expect(Buffer.from(written).includes(Buffer.from('tEXtComment\0crème', 'latin1'))).toBe(true)
  expect(found?.toString()).toBe(xmp)
  expect(await pixels(written)).toEqual(await pixels(png))
})

test.each([
  ['a JPEG file', () => picture(1).jpeg(), (bytes: Uint8Array) => withJpegXmp(bytes, xmp)],
  ['a lossy WebP file', () => picture(1).removeAlpha().webp(), (bytes: Uint8Array) => withWebpXmp(bytes, xmp, 30, 20)],
  ['a see-through WebP file', () => picture(0.5).webp(), (bytes: Uint8Array) => withWebpXmp(bytes, xmp, 30, 20)],
  [
    'a lossless see-through WebP file',
    () => picture(0.5).webp({ lossless: true }),
    (bytes: Uint8Array) => withWebpXmp(bytes, xmp, 30, 20),
  ],
] as const)('%s says how it was made, and no pixel changes', async (_name, make, write) => {
  const file = await make().toBuffer()
  const written = write(file)
  const { xmp: found, width, height } = await sharp(written).metadata()
  expect(found?.toString()).toBe(xmp)
  expect([width, height]).toEqual([30, 20])
  expect(await pixels(written)).toEqual(await pixels(file))
})
