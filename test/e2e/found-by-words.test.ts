import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { atRest, canvas, generate, setNumber, setSeed, write } from './hand.ts'
import { layersOf, pixelsAt, saved } from './paint.ts'
import { available, environment, freshHome, modesOfLongFlows, openStudio, screenshot } from './studio.ts'

const goldens = join(import.meta.dirname, '../parity/goldens/models')
/** All over the picture: how much of a thing is found depends on how well it was drawn. */
const places = Array.from(
  { length: 12 * 12 },
  (_, k) => [((k % 12) + 0.5) / 12, (Math.floor(k / 12) + 0.5) / 12] as const,
)
const CORNERS = [0, 11, 132, 143]

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))('a mask is made of words, follows its threshold, and is undone', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await write(studio, 'a red apple, 3d style, on a blue background')
    await setNumber(studio, 'steps', 6)
    await setSeed(studio, '7')
    await generate(studio)
    await page.getByTestId('accept').click()
    await page.getByTestId('rail-layers').click()
    await expect.poll(() => layersOf(studio).count()).toBe(1)
    await canvas(studio).focus()
    await page.keyboard.press('m')
    await atRest(studio)
    const before = await pixelsAt(studio, places)
    await page.getByTestId('mask-from-words').click()
    await page.getByTestId('finding-words').fill('apple')
    await page.keyboard.press('Enter')
    const does = page.getByTestId('finding-do')
    await expect.poll(() => does.textContent(), { timeout: 60_000 }).toContain('To mask')
    await page.getByTestId('words-threshold').fill('0.1')
    await screenshot(studio, '13-mask-from-words')
    await does.click()
    await expect.poll(() => layersOf(studio).count()).toBe(2)
    await page.keyboard.press('Escape')
    await saved(studio)
    await atRest(studio)
    const after = await pixelsAt(studio, places)
    const tinted = [...after.keys()].filter(k => String(after[k]) !== String(before[k]))
    expect(tinted.length).toBeGreaterThan(3)
    expect(tinted.length).toBeLessThan(100)
    expect(tinted.filter(k => CORNERS.includes(k))).toEqual([])
    await canvas(studio).focus()
    await page.keyboard.press('Control+z')
    await expect.poll(() => layersOf(studio).count()).toBe(1)
  })

  test.skipIf(!available(mode))('a picture of the Gallery is enlarged from its menu', async () => {
    const home = freshHome()
    // What is used once stays in the library.
    const small = join(goldens, '../../../../native-models/sticker-kinds/training.png')
    const parameters = ['--image', small, '--model', join(goldens, 'upscalers/new_x2.safetensors'), '--factor', '1']
    const made = spawnSync(process.execPath, ['scripts/generate.mjs', ...parameters, '--out', join(home, 'a.png')], {
      env: environment(home),
      encoding: 'utf8',
    })
    expect(made.stderr).toBe('')
    const studio = await openStudio(mode, { home })
    const { page } = studio
    await page.getByTestId('room-gallery').click()
    await page.getByTestId('picture').first().click()
    await page.getByTestId('picture-menu').click()
    await page.getByTestId('upscale').click()
    await expect.poll(() => page.getByTestId('picture').count(), { timeout: 60_000 }).toBe(2)
  })
})
