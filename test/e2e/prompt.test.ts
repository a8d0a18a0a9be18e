import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { describe, expect, test } from 'vitest'
import { generate, setNumber } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** The engine answers beside other work. */
const SOON = { timeout: 20_000 }

async function violations({ page }: Studio): Promise<string[]> {
  await page.evaluate(axe)
  await page.evaluate(() => Promise.all(document.getAnimations().map(each => each.finished.catch(() => {}))))
  const results: AxeResults = await page.evaluate(() => Reflect.get(window, 'axe').run(document))
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`)
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'words are weighted by keys, taken from earlier prompts, seen as tokens, and put in a style',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      const prompt = page.getByRole('textbox', { name: 'Prompt', exact: true })
      await setNumber(studio, 'steps', 1)
      await prompt.fill('a sunflower, cartoon style')
      await generate(studio)

      // Weights: one step of undo each, of the field itself.
      await prompt.fill('a red fox')
      await prompt.focus()
      await page.keyboard.press('End')
      await page.keyboard.press('Control+ArrowUp')
      await page.keyboard.press('Control+ArrowUp')
      expect(await prompt.inputValue()).toBe('a red (fox:1.2)')
      await page.keyboard.press('Control+Shift+ArrowDown')
      expect(await prompt.inputValue()).toBe('a red (fox:1.15)')
      await page.keyboard.press('Control+z')
      expect(await prompt.inputValue()).toBe('a red (fox:1.2)')

      // Tokens, exactly.
      await page.getByTestId('show-tokens').click()
      await expect.poll(() => page.locator('.piece').allTextContents(), SOON).toEqual(['a', 'red', 'fox1.2'])
      expect(await page.locator('.piece').last().getAttribute('title')).toMatch(/^Token \d+, weight 1.2, part 1$/)

      // Earlier prompts.
      await prompt.focus()
      await page.keyboard.press('Alt+ArrowUp')
      await expect.poll(() => prompt.inputValue(), SOON).toBe('a sunflower, cartoon style')
      await page.keyboard.press('Alt+ArrowDown')
      await expect.poll(() => prompt.inputValue(), SOON).toBe('a red (fox:1.2)')

      // Words of earlier prompts; the list is in nobody's way.
      await prompt.fill('a cat, ')
      await prompt.focus()
      await page.keyboard.press('End')
      await page.keyboard.type('carto')
      const option = page.getByRole('option', { name: /^cartoon style/ })
      await option.waitFor()
      await screenshot(studio, '14-words-offered')
      await page.keyboard.press('ArrowDown')
      const marked = await prompt.getAttribute('aria-activedescendant')
      expect(await page.locator(`[id="${marked}"]`).getAttribute('aria-selected')).toBe('true')
      expect(await violations(studio)).toEqual([])
      await page.keyboard.press('Escape')
      await expect.poll(() => option.count(), SOON).toBe(0)
      expect(await prompt.inputValue()).toBe('a cat, carto')
      await page.keyboard.type('o')
      await option.waitFor()
      await page.keyboard.press('Tab')
      expect(await prompt.inputValue()).toBe('a cat, cartoon style')
      expect(await prompt.evaluate(element => element === document.activeElement)).toBe(true)

      // A style: saved, put on the prompt, taken back.
      await page.getByTestId('chip-styles').click()
      await page.getByTestId('style-words').fill('ink drawing of {prompt}')
      await page.getByTestId('style-name').fill('Ink')
      await page.getByTestId('style-save').click()
      const style = page.getByRole('button', { name: /^Ink/ })
      await style.waitFor()
      expect(await violations(studio)).toEqual([])
      await screenshot(studio, '15-styles')
      await style.click()
      await expect.poll(() => prompt.inputValue(), SOON).toBe('ink drawing of a cat, cartoon style')
      await page.locator('.toast[data-front=true]').getByRole('button', { name: 'Undo' }).click()
      await expect.poll(() => prompt.inputValue(), SOON).toBe('a cat, cartoon style')
    },
  )
})
