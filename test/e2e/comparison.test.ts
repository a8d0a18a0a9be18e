import { describe, expect, test } from 'vitest'
import { setNumber, write } from './hand.ts'
import { available, modesOfLongFlows, openStudio, screenshot } from './studio.ts'

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'pictures over two parameters stand in a sheet; one is taken into the studio',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await write(studio, 'a red apple, 3d style, on a blue background')
      await setNumber(studio, 'steps', 4)
      await page.keyboard.press('Control+g')
      await page.getByTestId('axis-0').selectOption({ label: 'Guidance' })
      await page.getByTestId('values-0').fill('2, 5, 200')
      await page.getByTestId('comparison-start').click()
      await expect.poll(() => page.getByRole('alert').textContent()).toContain('Guidance must be')
      await page.getByTestId('values-0').fill('2, 5, 8')
      await page.getByTestId('axis-1').selectOption('prompt')
      await page.getByTestId('values-1').fill('apple, lemon')
      await page.getByTestId('comparison-start').click()
      await expect.poll(() => page.getByTestId('comparison-picture').count(), { timeout: 60_000 }).toBe(6)
      await screenshot(studio, '14-comparison')
      expect(await page.getByTestId('result').count()).toBe(0)
      await page.getByTestId('comparison-picture').nth(4).click()
      await expect.poll(() => page.getByTestId('result').count()).toBe(1)
    },
  )
})
