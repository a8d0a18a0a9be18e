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
