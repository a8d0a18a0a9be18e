import { describe, expect, test } from 'vitest'
import { canvas, generate, setNumber, write } from './hand.ts'
import { drawLine } from './paint.ts'
import { available, modesOfLongFlows, openStudio } from './studio.ts'

/** Milliseconds after the last stroke until a new picture stands there; a machine that others keep busy takes longer. */
const BOUND = Number(process.env.SFUMATO_LIVE_BOUND ?? 1000)

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'live: after a stroke the frame is drawn again by itself, within a second',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      const results = page.getByTestId('result')
      await write(studio, 'a red apple, 3d style, on a blue background')
      await setNumber(studio, 'steps', 6)
      await generate(studio)
      await page.getByTestId('accept').click()
      await page.getByTestId('live').click()
      await expect.poll(() => results.count(), { timeout: 20_000 }).toBe(1)
      const source = () => results.first().locator('img').getAttribute('src')
      await canvas(studio).focus()
      await page.keyboard.press('b')
      const taken: number[] = []
      for (let stroke = 0; stroke < 4; stroke++) {
        const before = await source()
        await drawLine(studio, [0.3, 0.3 + stroke * 0.1], [0.6, 0.35 + stroke * 0.1])
        const began = performance.now()
        await page.waitForFunction(
          old => document.querySelector('[data-testid=result] img')?.getAttribute('src') !== old,
          before,
          { timeout: 20_000, polling: 20 },
        )
        taken.push(performance.now() - began)
      }
      expect(await results.count()).toBe(1)
      // The first one opens what the others find open.
      expect(Math.min(...taken), taken.map(Math.round).join(', ')).toBeLessThan(BOUND)
      await page.getByTestId('live').click()
    },
  )
})
