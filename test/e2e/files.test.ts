import { readFile } from 'node:fs/promises'
import { initializeCanvas, type Layer, type Psd, readPsd, writePsdUint8Array } from 'ag-psd'
import sharp from 'sharp'
import { beforeAll, expect, test } from 'vitest'
import { canvas, drop } from './hand.ts'
import { layersOf, placeIn, saved } from './paint.ts'
import { available, openStudio, type Studio } from './studio.ts'

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
  data: Uint8ClampedArray.from({ length: width * height * 4 }, (_, k) => colour[k % 4] ?? 0),
})

/** Three layers and a group. */
const photoshop: Psd = {
  ...{ width: 300, height: 280, imageData: filled(300, 280, [1, 2, 3, 255]) },
  children: [
    { name: 'Ground', left: 0, top: 0, imageData: filled(300, 280, [200, 100, 50, 255]) },
    {
      ...{ name: 'Things', opened: true, opacity: 0.7, blendMode: 'screen' },
      children: [
        { name: 'Inside', left: 20, top: 30, imageData: filled(270, 40, [0, 255, 0, 128]) },
        {
          ...{ name: 'Shade', left: -5, top: 260, opacity: 0.5, blendMode: 'multiply', hidden: true },
          imageData: filled(30, 60, [9, 8, 7, 255]),
        },
      ],
    },
  ],
}

const psdFile = () => ({
  name: 'tower.psd',
  mimeType: 'image/vnd.adobe.photoshop',
  buffer: Buffer.from(writePsdUint8Array(photoshop)),
})

/** What the layers panel says of each layer, from the top. */
const rows = async (studio: Studio) => {
  const texts = await layersOf(studio).allInnerTexts()
  return texts.map(text => text.split('\n').filter(Boolean))
}

test.skipIf(!available('browser'))(
  'a Photoshop file is its layers, a text file one sentence; undo takes a file back in one step',
  async () => {
    const studio = await openStudio('browser')
    const { page } = studio
    await page.getByTestId('rail-layers').click()
    await drop(studio, psdFile())
    await expect.poll(() => layersOf(studio).count(), { timeout: 60_000 }).toBe(4)
    expect(await rows(studio)).toMatchObject([
      [expect.stringContaining('Things'), expect.stringContaining('Screen')],
      [expect.stringContaining('Shade'), expect.stringMatching(/Multiply · 50 % · hidden/)],
      ['Inside', 'Picture'],
      ['Ground', 'Picture'],
    ])
    await saved(studio)
    expect(await page.getByTestId('document').textContent()).toContain('tower')

    await page.setInputFiles('#open-layers', {
      ...{ name: 'notes.txt', mimeType: 'text/plain' },
      buffer: Buffer.from('just words'),
    })
    await page.getByText(/“notes.txt” was not opened. This is not a picture that can be read/).waitFor()
    expect(await layersOf(studio).count()).toBe(4)

    await canvas(studio).focus()
    await page.keyboard.press('Control+z')
    await expect.poll(() => layersOf(studio).count()).toBe(0)
    await page.keyboard.press('Control+Shift+z')
    await expect.poll(() => layersOf(studio).count()).toBe(4)
  },
)

test.skipIf(!available('browser'))(
  'many pictures are asked about, become layers together, and are taken back together',
  async () => {
    const studio = await openStudio('browser')
    const { page } = studio
    await page.getByTestId('rail-layers').click()
    const png = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#336699' } })
      .png()
      .toBuffer()
    const files = Array.from({ length: 5 }, (_, k) => ({ name: `p${k}.png`, mimeType: 'image/png', buffer: png }))
    await page.setInputFiles('#open-layers', [
      ...files,
      { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') },
    ])
    const question = page.getByTestId('open-question')
    await question.waitFor()
    expect(await question.textContent()).toContain('Open 5 pictures?')
    expect(await question.textContent()).toContain('1 other file is left out')
    await question.getByRole('button', { name: 'Open 5 pictures' }).click()
    await expect.poll(() => layersOf(studio).count(), { timeout: 60_000 }).toBe(5)
    await saved(studio)
    await canvas(studio).focus()
    await page.keyboard.press('Control+z')
    await expect.poll(() => layersOf(studio).count()).toBe(0)
  },
)

/** The document as a Photoshop file, by the popover. */
async function exported({ page }: Studio): Promise<Buffer> {
  await page.getByTestId('export').click()
  await page.getByTestId('export-popover').getByRole('radio', { name: 'PSD' }).click()
  const download = page.waitForEvent('download')
  await page.getByTestId('export-now').click()
  return await readFile(await (await download).path())
}

/** What of a layer is kept in a Photoshop file: what it is called, where it lies, how it is laid over the others, each pixel. */
const said = ({ name, left, top, opacity, blendMode, hidden, children, imageData }: Layer): unknown => ({
  ...{ name, blendMode, hidden: hidden ?? false, opacity: Math.round((opacity ?? 1) * 100) },
  ...(imageData && { left, top, width: imageData.width, pixels: Buffer.from(imageData.data).toString('base64') }),
  ...(children && { children: children.map(said) }),
})

test.skipIf(!available('browser'))(
  'a document written as a Photoshop file and opened again has the same layers and pixels',
  async () => {
    const studio = await openStudio('browser')
    const { page } = studio
    await page.getByTestId('rail-layers').click()
    await drop(studio, psdFile())
    await expect.poll(() => layersOf(studio).count(), { timeout: 60_000 }).toBe(4)
    await saved(studio)
    const first = await exported(studio)
    await canvas(studio).focus()
    await page.keyboard.press('Control+n')
    await expect.poll(() => layersOf(studio).count()).toBe(0)
    await drop(studio, { name: 'again.psd', mimeType: 'image/vnd.adobe.photoshop', buffer: first })
    await expect.poll(() => layersOf(studio).count(), { timeout: 60_000 }).toBe(4)
    await saved(studio)
    const [before, after] = [first, await exported(studio)].map(bytes => readPsd(bytes, { useImageData: true }))
    expect([after?.width, after?.height]).toEqual([300, 280])
    expect(before?.children?.map(said)).toHaveLength(2)
    expect(after?.children?.map(said)).toEqual(before?.children?.map(said))
    // The first one is what was drawn, too.
    const [ground] = before?.children ?? []
    expect([...(ground?.imageData?.data.subarray(0, 4) ?? [])]).toEqual([200, 100, 50, 255])
  },
)

test.skipIf(!available('browser'))('a text is in a Photoshop file as it is drawn', async () => {
  const studio = await openStudio('browser')
  const { page } = studio
  await page.getByTestId('rail-layers').click()
  await canvas(studio).focus()
  await page.keyboard.press('t')
  await page.mouse.click(...(await placeIn(studio, 0.1, 0.3)))
  await page.getByTestId('writing').waitFor()
  await expect.poll(() => page.getByTestId('writing').evaluate(field => field === document.activeElement)).toBe(true)
  await page.keyboard.type('Haze')
  await page.keyboard.press('Escape')
  await expect.poll(() => layersOf(studio).count(), { timeout: 60_000 }).toBe(1)
  await saved(studio)
  const [text] = readPsd(await exported(studio), { useImageData: true }).children ?? []
  expect(text?.name).toBe('Haze')
  const { width, height, data } = text?.imageData ?? { width: 0, height: 0, data: [] }
  expect(width).toBeGreaterThan(height)
  // Letters, not a filled box.
  const covered = data.filter((value, k) => k % 4 === 3 && value > 128).length / (width * height)
  expect(covered).toBeGreaterThan(0.1)
  expect(covered).toBeLessThan(0.8)
})
