import { describe, expect, test } from 'vitest'
import { atRest, canvas, generate, setNumber, write } from './hand.ts'
import { drawLine, layersOf, pixelsAt } from './paint.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const patient = { timeout: 60_000 }

/** A grid of places in the frame. */
const grid = Array.from(
  { length: 12 * 12 },
  (_, k) => [0.04 + (k % 12) * 0.08, 0.04 + Math.floor(k / 12) * 0.08] as const,
)

async function drawApple(studio: Studio): Promise<void> {
  await write(studio, 'a red apple, 3d style, on a blue background')
  await setNumber(studio, 'steps', 4)
  await generate(studio)
}

/** Presses the button, whatever it says, and waits for the result. */
async function drawWhatIsSaid({ page }: Studio, says: RegExp): Promise<void> {
  const results = page.getByTestId('result')
  const before = await results.count()
  await expect.poll(() => page.getByTestId('generate').textContent()).toMatch(says)
  await page.getByTestId('generate').click()
  await expect.poll(() => results.count(), patient).toBe(before + 1)
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'Detail draws a small place at the full size of the model and puts it back; all else stays',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await drawApple(studio)
      await page.getByTestId('accept').click()
      await page.getByTestId('rail-layers').click()
      await expect.poll(() => layersOf(studio).count()).toBe(1)
      await canvas(studio).focus()
      await page.keyboard.press('m')
      await atRest(studio)
      const before = await pixelsAt(studio, grid)
      await drawLine(studio, [0.5, 0.5], [0.55, 0.5])
      const tinted = await pixelsAt(studio, grid)
      const isMasked = tinted.map((colour, k) => String(colour) !== String(before[k]))
      await page.getByTestId('chip-mode').click()
      await page.getByRole('radio', { name: 'Detail' }).click()
      await page.keyboard.press('Escape')
      await drawWhatIsSaid(studio, /^Draw detail/)
      await screenshot(studio, '15-detail')
      await page.getByTestId('accept').click()
      await page.getByTestId('layer').filter({ hasText: 'Mask' }).getByRole('button', { name: /^Hide/ }).click()
      await atRest(studio)
      const after = await pixelsAt(studio, grid)
      const changed = after.map((colour, k) => String(colour) !== String(before[k]))
      expect(changed.filter((each, k) => each && isMasked[k]).length).toBeGreaterThan(2)
      const [across, down] = [0.525, 0.5]
      const isFar = ([x, y]: readonly [number, number]) => Math.hypot(x - across, y - down) > 0.35
      expect(changed.filter((each, k) => each && isFar(grid[k] ?? [across, down])).length).toBe(0)
    },
  )

  test.skipIf(!available(mode))('a picture that was learned is bent towards words by a slider', async () => {
    const studio = await openStudio(mode)
    const { page } = studio
    await drawApple(studio)
    await page.getByTestId('rail-words').click()
    const learn = page.getByTestId('bend-learn')
    expect(await learn.isDisabled()).toBe(true)
    await page.getByTestId('bend-words').fill('a green pear, 3d style, on a blue background')
    // As short as it can be: a step for the words and one for the network.
    await page.getByTestId('words-effort').press('Home')
    await learn.click()
    await page.getByTestId('words-toward').waitFor(patient)
    expect(await page.getByTestId('bend').textContent()).toContain('a green pear, 3d style, on a blue background')
    const slider = page.getByTestId('words-toward')
    await slider.press('Home')
    await page.getByTestId('bend-draw').click()
    await expect.poll(() => page.getByTestId('result').count(), patient).toBe(2)
    await expect.poll(() => page.getByTestId('words-edits').innerText()).toMatch(/Bent 0\.00 toward “a green pear/)
    await slider.press('End')
    await page.getByTestId('bend-draw').click()
    await expect.poll(() => page.getByTestId('result').count(), patient).toBe(3)
    const sources = await page
      .getByTestId('result')
      .locator('img')
      .evaluateAll(images => images.map(image => image.getAttribute('src')))
    expect(new Set(sources).size).toBe(3)
    await screenshot(studio, '16-bent')
  })
})
