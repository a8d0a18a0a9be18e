import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { describe, expect, test } from 'vitest'
import { generate, setNumber, write } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds serious or worse, each with the elements that it means. */
async function seriousViolations({ page }: Studio): Promise<string[]> {
  await page.evaluate(axe)
  // Colours are judged as they end, not in the middle of a cross-fade.
  await page.evaluate(() => Promise.all(document.getAnimations().map(animation => animation.finished.catch(() => {}))))
  const results: AxeResults = await page.evaluate(() => Reflect.get(window, 'axe').run(document))
  return results.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map(node => `${node.target.join(' ')} (${node.failureSummary})`).join(', ')}`,
    )
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))('no serious violation in any room, dark and light', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    const found: Record<string, string[]> = {}
    for (const theme of ['Dark', 'Light']) {
      await page.getByTestId('gear').click()
      await page.getByRole('radio', { name: theme, exact: true }).click()
      await expect.poll(() => page.evaluate(() => document.documentElement.dataset.theme)).toBe(theme.toLowerCase())
      found[`${theme} settings`] = await seriousViolations(studio)
      await page.getByTestId('room-studio').click()
      found[`${theme} studio`] = await seriousViolations(studio)
      if (theme === 'Dark') {
        await write(studio, 'a sunflower, cartoon style')
        await setNumber(studio, 'steps', 4)
        await generate(studio)
      }
      found[`${theme} studio with results and settings`] = await seriousViolations(studio)
      await screenshot(studio, `7-studio-${theme.toLowerCase()}`)
      await page.getByTestId('room-gallery').click()
      found[`${theme} gallery`] = await seriousViolations(studio)
      await page.getByRole('option', { name: /sunflower/ }).click()
      found[`${theme} gallery with a picture`] = await seriousViolations(studio)
      await screenshot(studio, `8-gallery-${theme.toLowerCase()}`)
      await page.getByTestId('room-models').click()
      await page.getByTestId('model-sticker-world').click()
      found[`${theme} models`] = await seriousViolations(studio)
      await screenshot(studio, `9-models-${theme.toLowerCase()}`)
      await page.getByTestId('room-teach').click()
      found[`${theme} teach`] = await seriousViolations(studio)
      await page.keyboard.press('Control+k')
      await page.getByTestId('palette').waitFor()
      found[`${theme} palette`] = await seriousViolations(studio)
      await page.keyboard.press('Escape')
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map(place => [place, []])))
  })
})
