import { describe, expect, test } from 'vitest'
import { german } from '../../renderer/language/german/index.ts'
import { setNumber, write } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

/** Texts in sight, and names of controls, that stand in English though there is German for them. */
async function english({ page }: Studio): Promise<string[]> {
  const seen = await page.evaluate(() => {
    const texts: string[] = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) texts.push(walker.currentNode.textContent?.trim() ?? '')
    for (const element of document.querySelectorAll('[aria-label], [title], [placeholder]')) {
      for (const name of ['aria-label', 'title', 'placeholder']) texts.push(element.getAttribute(name) ?? '')
    }
    return texts
  })
  return [...new Set(seen)].filter(text => Object.hasOwn(german, text) && german[text] !== text && !SAME.includes(text))
}
/** English words that are also German ones, a picture's own, or names of keys. */
const SAME = ['Name', 'Original', 'W']

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))('in German no screen says anything in English', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await page.getByTestId('gear').click()
    await page.getByRole('radio', { name: 'Deutsch' }).click()
    await expect.poll(() => page.getByTestId('room-gallery').textContent()).toBe('Galerie')
    const found: Record<string, string[]> = { settings: await english(studio) }
    await page.getByTestId('room-studio').click()
    found.studio = await english(studio)
    await write(studio, 'a sunflower, cartoon style')
    await setNumber(studio, 'steps', 4)
    await page.getByTestId('generate').click()
    await page.getByTestId('result').waitFor({ timeout: 60_000 })
    found['studio with results'] = await english(studio)
    await page.getByTestId('rail-layers').click()
    found.layers = await english(studio)
    for (const tool of await page.locator('.tools-list button').all()) {
      await tool.click()
      found[(await tool.getAttribute('data-testid')) ?? ''] = await english(studio)
    }
    for (const panel of ['words', 'history', 'settings']) {
      await page.getByTestId(`rail-${panel}`).click()
      found[`panel of ${panel}`] = await english(studio)
    }
    await page.getByTestId('room-gallery').click()
    await page.getByTestId('picture').first().click()
    found.gallery = await english(studio)
    await screenshot(studio, '21-gallery-german')
    for (const room of ['teach', 'models']) {
      await page.getByTestId(`room-${room}`).click()
      found[room] = await english(studio)
    }
    await page.keyboard.press('F1')
    await page.getByTestId('help').waitFor()
    found.help = await english(studio)
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map(place => [place, []])))
  })
})
