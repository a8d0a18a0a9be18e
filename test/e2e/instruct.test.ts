import { describe, expect, test } from 'vitest'
import { atRest, generate, setNumber, setSeed, write } from './hand.ts'
import { layersOf, pixelsAt } from './paint.ts'
import { available, modesOfLongFlows, openStudio, screenshot } from './studio.ts'

/** Places at the frame's corners, where the background of a thing is. */
const corners = [
  [0.05, 0.05],
  [0.95, 0.05],
  [0.05, 0.95],
  [0.95, 0.95],
] as const

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))('a picture is edited as it is told, by the model that came with the app', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await write(studio, 'a red apple, 3d style, on a yellow background')
    await setNumber(studio, 'steps', 10)
    await setSeed(studio, '31')
    await generate(studio)
    await page.getByTestId('accept').click()
    await page.getByTestId('rail-layers').click()
    await expect.poll(() => layersOf(studio).count()).toBe(1)
    await atRest(studio)
    for (const [red, green, blue] of await pixelsAt(studio, corners))
      expect(Math.min(red, green) - blue).toBeGreaterThan(60)

    await page.getByTestId('chip-model').click()
    await page.getByRole('button', { name: /^Sticker World instruct/ }).click()
    await write(studio, 'make the background blue')
    await setNumber(studio, 'steps', 20)
    const results = page.getByTestId('result')
    await expect.poll(() => page.getByTestId('generate').textContent()).toMatch(/^Instruct/)
    await page.getByTestId('generate').click()
    await expect.poll(() => results.count(), { timeout: 60_000 }).toBe(1)
    await screenshot(studio, '17-instruct')
    await page.getByTestId('accept').click()
    await atRest(studio)
    for (const [red, green, blue] of await pixelsAt(studio, corners))
      expect(blue - Math.max(red, green)).toBeGreaterThan(60)
  })
})
