import { describe, expect, test } from 'vitest'
import { atRest, canvas } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio } from './studio.ts'

const patient = { timeout: 15_000 }
const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/Saved$/)

/** Where a body stands, as its layer says it. */
const place = ({ page }: Studio) => page.getByTestId('bodies').getAttribute('aria-label')

/** The levels that the model sees, at the left and in the middle. */
const levels = ({ page }: Studio): Promise<readonly number[]> =>
  page.getByTestId('control-preview').evaluate(element => {
    if (!(element instanceof HTMLCanvasElement)) return []
    const { width, height } = element
    const data = element.getContext('2d')?.getImageData(0, height / 2, width, 1).data ?? []
    return [data[0] ?? -1, data[Math.floor(width / 2) * 4] ?? -1]
  })

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'a body is placed, moved by hand and by keys, seen by the model as depth, and taken back step by step',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await page.getByTestId('frame').waitFor()
      await canvas(studio).focus()
      await page.keyboard.press('Shift+P')
      await page.getByTestId('add-ball').click()
      await page.getByTestId('body-0').waitFor()
      await saved(studio)
      await atRest(studio)
      expect(await place(studio)).toMatch(/1 body, Ball at 64, 64, 0$/)

      await page.getByRole('button', { name: 'Layers', exact: true }).click()
      expect(await page.getByTestId('control-model').locator('option:checked').textContent()).toBe(
        'Sticker World depth',
      )
      // Nearest in the middle, nothing at the side.
      await expect.poll(() => levels(studio), patient).toEqual([0, 255])
      await atRest(studio)

      const handle = await page.getByTestId('body-move').boundingBox()
      if (handle === null) throw new Error('the handle is not shown')
      await page.mouse.move(handle.x + 10, handle.y + 10)
      await page.mouse.down()
      await page.mouse.move(handle.x - 130, handle.y + 10, { steps: 4 })
      await page.mouse.up()
      await saved(studio)
      const moved = await place(studio)
      expect(Number(/Ball at (-?\d+)/.exec(moved ?? '')?.[1])).toBeLessThan(50)

      await page.getByTestId('bodies').focus()
      await page.keyboard.press('Control+ArrowUp')
      await expect.poll(() => place(studio), patient).toMatch(/, 10$/)
      await saved(studio)

      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await expect.poll(() => place(studio), patient).toBe(moved)
      await page.keyboard.press('Control+z')
      await expect.poll(() => place(studio), patient).toMatch(/1 body, Ball at 64, 64, 0$/)
      await page.keyboard.press('Control+z')
      await page.getByTestId('body-0').waitFor({ state: 'detached' })
    },
    90_000,
  )
})
