import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ServedPages, servePages } from '../bench/serve-page.ts'
import { available, openChromium } from './studio.ts'

/** What a model is given of a document: the pixels of the frame and of its mask, as files. */

interface Pixels {
  readonly width: number
  readonly height: number
  readonly data: readonly number[]
}

const filled = [
  { layer: { kind: 'image' }, area: { x: 0, y: 0, width: 300, height: 300 }, colour: '#ff0000' },
  {
    layer: { kind: 'paint', opacity: 0.5, transform: [1, 0, 0, 1, 16, 16] },
    area: { x: 0, y: 0, width: 16, height: 16 },
    colour: '#0000ff',
  },
  { layer: { kind: 'paint', blend: 'screen' }, area: { x: 250, y: 0, width: 20, height: 300 }, colour: '#00ff00' },
  { layer: { kind: 'paint', isVisible: false }, area: { x: 0, y: 0, width: 300, height: 300 }, colour: '#ffffff' },
  { layer: { kind: 'mask' }, area: { x: 8, y: 8, width: 16, height: 8 }, colour: '#ffffff' },
]

let pages: ServedPages | undefined
beforeAll(async () => {
  if (available('browser')) pages = await servePages(['region'])
})
afterAll(() => pages?.close())

async function render(
  area: object,
  size: { width: number; height: number },
): Promise<{ picture: Pixels; mask?: Pixels }> {
  const page = await (await openChromium()).newPage()
  await page.goto(`${pages?.address}/region.html`)
  await page.waitForFunction('window.region')
  return await page.evaluate(
    `region.make({ width: 300, height: 300 }, ${JSON.stringify(filled)}); region.render(${JSON.stringify(area)}, ${JSON.stringify(size)})`,
  )
}

const at = ({ width, data }: Pixels, x: number, y: number) => data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)

test.skipIf(!available('browser'))(
  'layers in their order, opacity and place; hidden ones and masks are none of it',
  async () => {
    const { picture, mask } = await render({ x: 8, y: 8, width: 32, height: 32 }, { width: 32, height: 32 })
    expect([picture.width, picture.height]).toEqual([32, 32])
    expect(at(picture, 0, 0)).toEqual([255, 0, 0, 255])
    const [red = 0, green = 9, blue = 0, alpha = 0] = at(picture, 10, 10)
    expect([green, alpha]).toEqual([0, 255])
    expect(Math.abs(red - 127.5) + Math.abs(blue - 127.5)).toBeLessThan(2)
    expect(at(picture, 25, 10)).toEqual([255, 0, 0, 255])
    expect(mask && [at(mask, 0, 0), at(mask, 15, 7), at(mask, 16, 7), at(mask, 0, 8)]).toEqual([
      [255, 255, 255, 255],
      [255, 255, 255, 255],
      [0, 0, 0, 255],
      [0, 0, 0, 255],
    ])
  },
)

test.skipIf(!available('browser'))(
  'a region that reaches past the edge is transparent there; blend modes and tile borders hold',
  async () => {
    const { picture, mask } = await render({ x: 240, y: 240, width: 80, height: 80 }, { width: 80, height: 80 })
    expect(at(picture, 5, 5)).toEqual([255, 0, 0, 255])
    expect([15, 16, 17].map(x => at(picture, x, 30))).toEqual(Array(3).fill([255, 255, 0, 255]))
    expect(at(picture, 60, 5)).toEqual([255, 0, 0, 0].map(() => 0))
    expect(at(picture, 59, 59)).toEqual([255, 0, 0, 255])
    expect(mask).toBeUndefined()
  },
)

test.skipIf(!available('browser'))('it comes in the model’s size, whatever the region’s', async () => {
  const { picture, mask } = await render({ x: 0, y: 0, width: 32, height: 32 }, { width: 64, height: 64 })
  expect([picture.width, mask?.width]).toEqual([64, 64])
  expect(mask && at(mask, 32, 24)).toEqual([255, 255, 255, 255])
  expect(mask && at(mask, 60, 60)).toEqual([0, 0, 0, 255])
  const small = await render({ x: 0, y: 0, width: 256, height: 256 }, { width: 64, height: 64 })
  expect(small.mask && at(small.mask, 4, 3)).toEqual([255, 255, 255, 255])
  expect(at(small.picture, 40, 40)).toEqual([255, 0, 0, 255])
})
