import { describe, expect, test } from 'vitest'
import { atRest, canvas } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio } from './studio.ts'

const patient = { timeout: 15_000 }
const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/Saved$/)

/** Where a joint of the first figure stands on the screen. */
async function jointAt({ page }: Studio, joint: number): Promise<{ x: number; y: number }> {
  const box = await page.getByTestId(`joint-0-${joint}`).boundingBox()
  if (box === null) throw new Error(`joint ${joint} is not shown`)
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
}

/** A drawing that the model sees: how many pixels of its preview are lit. */
const lit = ({ page }: Studio): Promise<number> =>
  page.getByTestId('control-preview').evaluate(element => {
    if (!(element instanceof HTMLCanvasElement)) return 0
    const data = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? []
    let count = 0
    for (let k = 0; k < data.length; k += 4) if ((data[k] ?? 0) + (data[k + 1] ?? 0) + (data[k + 2] ?? 0) > 60) count++
    return count
  })

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'a figure is posed by hand and by keys, undone, and what the model sees is its skeleton',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await page.getByTestId('frame').waitFor()
      await canvas(studio).focus()
      await page.keyboard.press('p')
      await page.getByTestId('posture-Arms up').click()
      await page.getByTestId('joint-0-4').waitFor()
      await saved(studio)
      await atRest(studio)

      const [before, shoulder] = [await jointAt(studio, 4), await jointAt(studio, 2)]
      await page.mouse.move(before.x, before.y)
      await page.mouse.down()
      await page.mouse.move(shoulder.x - 80, shoulder.y + 60, { steps: 4 })
      await page.mouse.up()
      await saved(studio)
      const after = await jointAt(studio, 4)
      expect(after.y).toBeGreaterThan(before.y + 5)

      await page.getByTestId('pose').focus()
      await page.keyboard.press('PageDown')
      await expect.poll(() => page.getByTestId('pose').getAttribute('aria-label'), patient).toMatch(/Left shoulder at/)
      await page.keyboard.press('Shift+ArrowUp')
      await saved(studio)

      await page.getByRole('button', { name: 'Layers', exact: true }).click()
      expect(await page.getByTestId('control-model').locator('option:checked').textContent()).toBe('Sticker World pose')
      await expect.poll(() => lit(studio), patient).toBeGreaterThan(200)

      await atRest(studio)
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+z')
      await expect.poll(async () => Math.abs((await jointAt(studio, 4)).y - before.y), patient).toBeLessThan(2)
    },
    90_000,
  )
})
