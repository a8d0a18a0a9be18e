import { execFileSync } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { generate, setNumber, write } from './hand.ts'
import { available, freshHome, modesOfLongFlows, openStudio, screenshot } from './studio.ts'

const PICTURES = 100_000
/** A library of many pictures. */
function largeLibrary(): string {
  const home = freshHome()
  execFileSync(process.execPath, ['test/bench/large-library.ts', home, String(PICTURES)])
  return home
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    '100,000 pictures are scrolled through: a few are in the page, and frames keep coming',
    async () => {
      const { page } = await openStudio(mode, { home: largeLibrary() })
      await page.getByTestId('room-gallery').click()
      await page.getByTestId('picture').first().waitFor()
      await expect.poll(() => page.getByTestId('grid').getAttribute('aria-label')).toBe(`Pictures, ${PICTURES} in all`)
      const box = await page.getByTestId('grid').boundingBox()
      await page.mouse.move((box?.x ?? 0) + 300, (box?.y ?? 0) + 300)
      const frames = page.evaluate(
        () =>
          new Promise<number[]>(resolve => {
            const times: number[] = []
            const note = (time: number) => {
              times.push(time)
              if (time - (times[0] ?? time) < 4000) requestAnimationFrame(note)
              else resolve(times)
            }
            requestAnimationFrame(note)
          }),
      )
      for (let turn = 0; turn < 60; turn++) {
        await page.mouse.wheel(0, 400)
        await page.waitForTimeout(40)
      }
      const times = await frames
      const waits = times.slice(1).map((time, k) => time - (times[k] ?? time))
      const sorted = waits.toSorted((a, b) => a - b)
      // What a person sees as a stutter; the machines that test have two cores and no graphics card.
      expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThan(50)
      expect(sorted.at(-1)).toBeLessThan(500)
      expect(await page.getByTestId('picture').count()).toBeLessThan(400)
      expect(await page.getByTestId('grid').evaluate(grid => grid.scrollTop)).toBeGreaterThan(5000)
    },
  )

  test.skipIf(!available(mode))('pictures are found by colour, and by what looks like one', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await setNumber(studio, 'steps', 6)
    for (const words of ['a red apple, 3d style, on a white background', 'a blue whale, flat icon']) {
      await write(studio, words)
      await generate(studio)
    }
    await page.getByTestId('room-gallery').click()
    const pictures = page.getByTestId('picture')
    await expect.poll(() => pictures.count()).toBe(2)
    await expect.poll(() => page.getByTestId('looked-at').count(), { timeout: 60_000 }).toBe(0)
    await page.getByRole('button', { name: 'Red', exact: true }).click()
    await expect.poll(() => pictures.first().getAttribute('aria-label')).toContain('apple')
    await page.getByRole('button', { name: 'Remove Red' }).click()
    await page.getByRole('option', { name: /whale/ }).click()
    await page.getByTestId('picture-menu').click()
    await page.getByTestId('similar').click()
    await expect.poll(() => pictures.first().getAttribute('aria-label')).toContain('whale')
    await expect.poll(() => page.getByText('Nearest first').count()).toBe(1)
    await screenshot(studio, '20-similar')
  })
})
