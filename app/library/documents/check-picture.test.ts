import { deflateSync } from 'node:zlib'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { problemCode } from '../testing.ts'
import { checkPicture } from './check-picture.ts'
import { chunk, header, pngOf, tilePng } from './testing.ts'

const end = chunk('IEND', Buffer.alloc(0))
const rows = (width: number, height: number, filter = 0) =>
  deflateSync(
    Buffer.concat(Array.from({ length: height }, () => Buffer.from([filter, ...new Array(width * 4).fill(9)]))),
  )
const png = (head: Buffer, data: Buffer) => pngOf(chunk('IHDR', head), chunk('IDAT', data), end)

test('tiles as canvases and other programs write them are taken', async () => {
  expect(await checkPicture(tilePng(1), 256)).toEqual({ width: 256, height: 256 })
  expect(await checkPicture(tilePng(1, { isRough: true }), 256)).toEqual({ width: 256, height: 256 })
  expect(await checkPicture(png(header(3, 2), rows(3, 2)), 256)).toEqual({ width: 3, height: 2 })
  const image = {
    create: { width: 40, height: 30, channels: 4, background: { r: 9, g: 8, b: 7, alpha: 0.5 } },
  } as const
  const written = await sharp(image).png().withMetadata({ density: 72 }).toBuffer()
  expect(await checkPicture(written, 256)).toEqual({ width: 40, height: 30 })
  // The pixels may lie in several pieces.
  const data = rows(8, 8)
  const pieces = pngOf(
    chunk('IHDR', header(8, 8)),
    chunk('IDAT', data.subarray(0, 5)),
    chunk('IDAT', data.subarray(5)),
    end,
  )
  expect(await checkPicture(pieces, 256)).toEqual({ width: 8, height: 8 })
})

test('what is no such picture is refused, in a sentence', async () => {
  const whole = tilePng(7)
  const wrongSum = Buffer.from(whole)
  wrongSum[whole.length - 20] ^= 1
  const refused: Record<string, Buffer> = {
    nothing: Buffer.alloc(0),
    text: Buffer.from('#!/bin/sh'),
    'the signature alone': whole.subarray(0, 8),
    'a header alone': whole.subarray(0, 33),
    'a file that is cut off': whole.subarray(0, -1),
    'bytes after the end': Buffer.concat([whole, Buffer.from('PK')]),
    'a wrong checksum': wrongSum,
    'too wide': png(header(257, 1), rows(257, 1)),
    'no width': png(header(0, 1), rows(0, 1)),
    'grey levels': png(header(8, 8, [8, 0]), rows(8, 8)),
    'no transparency': png(header(8, 8, [8, 2]), rows(8, 8)),
    '16 bit': png(header(8, 8, [16, 6]), rows(8, 8)),
    interlaced: png(header(8, 8, [8, 6, 1]), rows(8, 8)),
    'rows that are missing': png(header(8, 9), rows(8, 8)),
    'rows too many': png(header(8, 8), rows(8, 9)),
    'a bomb': png(header(8, 8), deflateSync(Buffer.alloc(50_000_000))),
    'no pixels': pngOf(chunk('IHDR', header(8, 8)), end),
    'an unknown filter': png(header(8, 8), rows(8, 8, 5)),
    'another critical chunk': pngOf(chunk('IHDR', header(8, 8)), chunk('XXXX', end), chunk('IDAT', rows(8, 8)), end),
    'far too many bytes': pngOf(
      chunk('IHDR', header(8, 8)),
      chunk('tEXt', Buffer.alloc(400_000)),
      chunk('IDAT', rows(8, 8)),
      end,
    ),
  }
  for (const [what, bytes] of Object.entries(refused)) {
    expect(await problemCode(() => checkPicture(bytes, 256)), what).toBe('TILE_INVALID')
  }
  await expect(checkPicture(refused['too wide'], 256)).rejects.toThrow(
    'A piece of the picture cannot be stored: it is 257 × 1 pixels, and at most 256 × 256 are possible.',
  )
})
