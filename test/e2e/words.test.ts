import { describe, expect, test } from 'vitest'
import { generate, setNumber, write } from './hand.ts'
import { available, modesOfLongFlows, openStudio } from './studio.ts'

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))('a word of a picture is swapped and weighed in the panel of words', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    const results = page.getByTestId('result')
    await write(studio, 'a red car, 3d style, on a blue background')
    await setNumber(studio, 'steps', 6)
    await generate(studio)
    await page.getByTestId('rail-words').click()
    const update = page.getByTestId('words-update')
    expect(await update.isDisabled()).toBe(true)
    await page.getByTestId('word-red').click()
    await expect
      .poll(() => page.getByTestId('words-looking').innerText(), { timeout: 30_000 })
      .toBe('Point at a word to see where it looks.')
    await page.getByTestId('word-swap').fill('yellow')
    expect(await page.getByTestId('word-red').getAttribute('aria-label')).toBe('red, now yellow')
    await page.getByTestId('words-only').check()
    if (process.env.SFUMATO_SHOTS) await page.screenshot({ path: `${process.env.SFUMATO_SHOTS}/words-look.png` })
    await update.click()
    await expect.poll(() => results.count(), { timeout: 60_000 }).toBe(2)
    const edits = page.getByTestId('words-edits')
    await expect.poll(() => edits.innerText()).toContain('Swapped “red” for “yellow”')
    expect(await edits.innerText()).toContain('cross 0.80, self 0.40, only where red yellow look')
    // The edited picture has the new words, and its own noise is found for the next edit.
    expect(await page.getByTestId('word-yellow').count()).toBe(1)
    if (process.env.SFUMATO_SHOTS) await page.screenshot({ path: `${process.env.SFUMATO_SHOTS}/words.png` })
    await page.getByTestId('rail-history').click()
    await expect.poll(() => page.getByTestId('history').innerText()).toContain('Swapped “red” for “yellow”')
  })
})
