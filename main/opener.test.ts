import { crc32, deflateSync } from 'node:zlib'
import { initializeCanvas, type Psd, writePsdUint8Array } from 'ag-psd'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { Problem } from '../app/problem.ts'
import { openLayers } from './opener-process.ts'

beforeAll(() => {
  initializeCanvas(
    () => {
      throw new Error('there is no canvas')
    },
    (width, height) => ({ width, height, data: new Uint8ClampedArray(width * height * 4) }) as ImageData,
  )
})

const filled = (width: number, height: number, colour: readonly number[]) => ({
  ...{ width, height },
  data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, k) => colour[k % 4]),
})

const pixelsOf = async (png: Uint8Array | undefined) => {
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, channels: info.channels, first: [...data.subarray(0, 4)] }
}

const refusal = async (bytes: Uint8Array, limits?: Parameters<typeof openLayers>[1]) => {
  const problem = await Promise.resolve()
    .then(() => openLayers(bytes, limits))
    .catch(error => error)
  expect(problem).toBeInstanceOf(Problem)
  return problem.code
}

const document: Psd = {
  ...{ width: 20, height: 10, imageData: filled(20, 10, [1, 2, 3, 255]) },
  children: [
    { name: 'lowest', left: 2, top: 3, opacity: 0.5, blendMode: 'multiply', imageData: filled(4, 5, [255, 0, 0, 255]) },
    {
      ...{ name: 'a group', opened: true, opacity: 0.7 },
      children: [{ name: 'inside', left: -1, top: 0, hidden: true, imageData: filled(3, 3, [0, 255, 0, 128]) }],
    },
  ],
}

test('a Photoshop document is its layers and groups, with names, places, opacity, blending and pixels', async () => {
  const { width, height, layers } = await openLayers(writePsdUint8Array(document))
  expect([width, height]).toEqual([20, 10])
  expect(layers.map(({ png, ...about }) => about)).toMatchObject([
    {
      kind: 'image',
      name: 'lowest',
      depth: 0,
      left: 2,
      top: 3,
      width: 4,
      height: 5,
      blend: 'multiply',
      isVisible: true,
    },
    { kind: 'group', name: 'a group', depth: 0 },
    { kind: 'image', name: 'inside', depth: 1, left: -1, top: 0, width: 3, height: 3, isVisible: false },
  ])
  expect(layers[0].opacity).toBeCloseTo(0.5, 2)
  expect(await pixelsOf(layers[0].png)).toEqual({ width: 4, height: 5, channels: 4, first: [255, 0, 0, 255] })
  expect(await pixelsOf(layers[2].png)).toMatchObject({ first: [0, 255, 0, 128] })
})

test.each(['png', 'jpeg', 'webp', 'avif', 'tiff', 'gif'] as const)('%s is one layer', async format => {
  const file = await sharp({
    create: { width: 12, height: 7, channels: 4, background: { r: 250, g: 5, b: 5, alpha: 1 } },
  })
    .toFormat(format)
    .toBuffer()
  const { width, height, layers } = await openLayers(file)
  expect([width, height, layers.length]).toEqual([12, 7, 1])
  const { channels, first } = await pixelsOf(layers[0].png)
  expect(channels).toBe(4)
  expect(first[0]).toBeGreaterThan(235)
  expect(first[3]).toBe(255)
})

test('a drawing is made into pixels, large enough, and reads no other file', async () => {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="20" height="10">
    <rect width="20" height="10" fill="#00f"/><image xlink:href="/etc/passwd" width="5" height="5"/></svg>`
  const { width, height, layers } = await openLayers(Buffer.from(svg))
  expect(width).toBeGreaterThanOrEqual(1024)
  expect(width / height).toBeCloseTo(2, 1)
  expect(await pixelsOf(layers[0].png)).toMatchObject({ first: [0, 0, 255, 255] })
})

test('what is damaged, too large, or no picture is refused in words', async () => {
  const whole = writePsdUint8Array(document)
  expect(await refusal(whole.subarray(0, 60))).toMatch(/^PICTURE_(DAMAGED|FORMAT)$/)
  expect(await refusal(Buffer.from('just words'))).toBe('PICTURE_FORMAT')
  const huge = Uint8Array.from(whole)
  new DataView(huge.buffer).setUint32(14, 30_000)
  new DataView(huge.buffer).setUint32(18, 30_000)
  expect(await refusal(huge)).toBe('PICTURE_LARGE')
  const cmyk = Uint8Array.from(whole)
  new DataView(cmyk.buffer).setUint16(24, 4)
  expect(await refusal(cmyk)).toMatch(/^PICTURE_(DAMAGED|FORMAT)$/)
  expect(await refusal(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="90000" height="90000"/>'))).toBe(
    'PICTURE_LARGE',
  )
})

/** A PNG file of these chunks; nobody looks at its checksums that are right. */
function pngOf(width: number, height: number, chunks: readonly (readonly [type: string, data: Uint8Array])[]): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8)
  const parts = [['IHDR', header] as const, ...chunks, ['IEND', Buffer.alloc(0)] as const].map(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
    length.writeUInt32BE(data.length)
    sum.writeUInt32BE(crc32(body))
    return Buffer.concat([length, body, sum])
  })
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), ...parts])
}

test('a picture of 30,000 x 30,000 pixels is refused with its size and what to do, before it is decoded', async () => {
  const rows = deflateSync(Buffer.alloc(100_000))
  const start = performance.now()
  const problem = await openLayers(pngOf(30_000, 30_000, [['IDAT', rows]])).catch(error => error)
  expect(problem).toMatchObject({ code: 'PICTURE_LARGE', hint: 'Make it smaller in another program.' })
  expect(problem.message).toBe(
    'The picture has 30000 × 30000 pixels: 900 million, and at most 100 million can be opened.',
  )
  expect(performance.now() - start).toBeLessThan(10_000)
})

test('files that swell when they are unpacked are refused, or read no further than the picture goes', async () => {
  // A quarter of a gigabyte of zeros, as the pixels of a small picture, and as words beside it.
  const swelling = deflateSync(Buffer.alloc(2 ** 28), { level: 9 })
  const limits = { time: 10_000, memory: 2 ** 30 }
  const more = await openLayers(pngOf(8, 8, [['IDAT', swelling]]), limits).catch(error => error)
  expect(more instanceof Problem || more.width === 8).toBe(true)
  const word = Buffer.concat([Buffer.from('Comment\0\0'), swelling])
  const pixels = deflateSync(Buffer.alloc(8 * (1 + 8 * 3)))
  const beside = await openLayers(
    pngOf(8, 8, [
      ['zTXt', word],
      ['IDAT', pixels],
    ]),
    limits,
  ).catch(error => error)
  expect(beside instanceof Problem || beside.width === 8).toBe(true)
  const laughs = Array.from({ length: 12 }, (_, k) => `<!ENTITY l${k + 1} "${`&l${k};`.repeat(10)}">`).join('')
  const svg = `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY l0 "ha">${laughs}]>
    <svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><text>&l12;</text></svg>`
  expect(await refusal(Buffer.from(svg), limits)).toMatch(/^PICTURE_/)
})

test('bytes of a Photoshop file changed at random never break or hang anything', async () => {
  const whole = writePsdUint8Array(document)
  let state = 7
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2 ** 31
    return state % below
  }
  for (let round = 0; round < 6; round++) {
    const changed = Uint8Array.from(whole)
    for (let k = 0; k < 12; k++) changed[26 + random(changed.length - 26)] = random(256)
    const found = await Promise.resolve()
      .then(() => openLayers(changed, { time: 10_000, memory: 2 ** 31 }))
      .catch(error => error)
    expect(found instanceof Problem || Array.isArray(found.layers)).toBe(true)
  }
}, 60_000)
