import { describe, expect, test } from 'vitest'
import { atRest, canvas } from './hand.ts'
import { drawLine, layersOf, pixelsAt, placeIn } from './paint.ts'
import { available, modes, openStudio, type Studio, screenshot } from './studio.ts'

const alphaAt = async (studio: Studio, across: number, down: number): Promise<number> =>
  (await pixelsAt(studio, [[across, down]]))[0]?.[3] ?? 0

/** How many of a grid of places in a part of the frame are drawn on. */
async function drawnIn(studio: Studio, left: number, top: number, right: number, bottom: number): Promise<number> {
  const places = Array.from({ length: 900 }, (_, k): [number, number] => [
    left + ((right - left) * (k % 30)) / 29,
    top + ((bottom - top) * Math.floor(k / 30)) / 29,
  ])
  return (await pixelsAt(studio, places)).filter(([, , , alpha = 0]) => alpha > 128).length
}

const patient = { timeout: 15_000 }
const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/Saved$/)

/** The canvas has the focus, and the frame stands still. */
async function ready(studio: Studio): Promise<void> {
  await atRest(studio)
  await canvas(studio).focus()
}

describe.each(modes)('%s', mode => {
  test.skipIf(!available(mode))('a layer is turned and moved by numbers and keys, in one step', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await ready(studio)
    await page.keyboard.press('b')
    await drawLine(studio, [0.2, 0.5], [0.8, 0.5])
    await saved(studio)
    await expect.poll(() => alphaAt(studio, 0.25, 0.5), patient).toBeGreaterThan(200)
    expect(await alphaAt(studio, 0.5, 0.25)).toBe(0)

    await page.getByTestId('tool-transform').click()
    const turn = page.getByTestId('field-transform-angle')
    await turn.getByRole('slider').press('Enter')
    await turn.getByRole('textbox').fill('90')
    await turn.getByRole('textbox').press('Enter')
    await expect.poll(() => alphaAt(studio, 0.5, 0.25), patient).toBeGreaterThan(200)
    expect(await alphaAt(studio, 0.25, 0.5)).toBe(0)
    await screenshot(studio, '13-transform')
    await canvas(studio).focus()
    await page.keyboard.press('Enter')
    await saved(studio)
    expect(await alphaAt(studio, 0.5, 0.25)).toBeGreaterThan(200)
    await page.keyboard.press('Control+z')
    await expect.poll(() => alphaAt(studio, 0.25, 0.5), patient).toBeGreaterThan(200)

    // A handle under the hand, and Esc: as it was.
    await page.getByTestId('tool-transform').click()
    await page.getByTestId('transform-keep').waitFor()
    await page.mouse.move(...(await placeIn(studio, 0.5, 0.5)))
    await page.mouse.down()
    await page.mouse.move(...(await placeIn(studio, 0.5, 0.8)), { steps: 5 })
    await page.mouse.up()
    await expect.poll(() => alphaAt(studio, 0.25, 0.8), patient).toBeGreaterThan(200)
    await page.keyboard.press('Escape')
    await expect.poll(() => alphaAt(studio, 0.25, 0.8), patient).toBe(0)
    await expect.poll(() => alphaAt(studio, 0.25, 0.5), patient).toBeGreaterThan(200)
  })

  test.skipIf(!available(mode))(
    'a text is written, changed by a double click, and is there after a reload',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await ready(studio)
      await page.keyboard.press('t')
      await page.mouse.click(...(await placeIn(studio, 0.1, 0.3)))
      await page.getByTestId('writing').waitFor()
      await expect
        .poll(() => page.getByTestId('writing').evaluate(field => field === document.activeElement))
        .toBe(true)
      await page.keyboard.type('Haze')
      await expect.poll(() => drawnIn(studio, 0.08, 0.24, 0.34, 0.36), patient).toBeGreaterThan(10)
      await page.keyboard.press('Escape')
      await saved(studio)
      await page.getByTestId('rail-layers').click()
      await expect.poll(() => layersOf(studio).count(), patient).toBe(1)
      expect(await layersOf(studio).first().textContent()).toContain('Haze')
      await screenshot(studio, '14-text')

      await page.keyboard.press('v')
      await page.mouse.dblclick(...(await placeIn(studio, 0.15, 0.3)))
      await page.getByTestId('writing').waitFor()
      await page.waitForTimeout(100)
      await page.keyboard.type('\nfar hills')
      await page.keyboard.press('Control+Enter')
      await saved(studio)
      await expect.poll(() => layersOf(studio).first().textContent(), patient).toContain('Haze far hills')
      const drawn = await drawnIn(studio, 0.08, 0.37, 0.5, 0.48)
      expect(drawn).toBeGreaterThan(10)
      await page.reload()
      await expect.poll(() => drawnIn(studio, 0.08, 0.37, 0.5, 0.48), patient).toBeGreaterThan(10)
    },
  )
})
