import { describe, expect, test } from 'vitest'
import { atRest, canvas } from './hand.ts'
import { available, modesOfLongFlows, openStudio, type Studio, screenshot } from './studio.ts'

const patient = { timeout: 15_000 }
const saved = ({ page }: Studio) =>
  expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/Saved$/)
const rows = ({ page }: Studio) => page.getByTestId('document-row')

/** A stroke across the frame. */
async function stroke({ page }: Studio, down: number): Promise<void> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('there is no frame')
  await page.mouse.move(frame.x + frame.width * 0.2, frame.y + frame.height * down)
  await page.mouse.down()
  await page.mouse.move(frame.x + frame.width * 0.8, frame.y + frame.height * down, { steps: 6 })
  await page.mouse.up()
}

const choose = ({ page }: Studio, row: number, what: 'rename' | 'duplicate' | 'versions' | 'trash') =>
  page.getByTestId(`document-${what}`).nth(row).click()

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'documents are listed with their pictures, named, copied, put away and brought back; a version comes back',
    async () => {
      const studio = await openStudio(mode)
      const { page } = studio
      await page.getByTestId('frame').waitFor()
      await atRest(studio)
      await canvas(studio).focus()
      await page.keyboard.press('b')
      await stroke(studio, 0.3)
      await saved(studio)

      // The menu by its key; the small picture comes some seconds after the last edit.
      await page.keyboard.press('Control+o')
      await expect.poll(() => rows(studio).count(), patient).toBe(1)
      await expect.poll(() => rows(studio).locator('img').count(), patient).toBe(1)
      await choose(studio, 0, 'rename')
      await page.getByTestId('document-name').fill('Shore')
      await page.getByTestId('document-name').press('Enter')
      await expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/^Shore/)
      await screenshot(studio, '12-documents')

      // A version, another stroke, and the way back.
      await choose(studio, 0, 'versions')
      await page.getByTestId('version-name').fill('One line')
      await page.getByTestId('keep-version').click()
      await expect.poll(() => page.getByTestId('version-row').count(), patient).toBe(1)
      await page.keyboard.press('Escape')
      await canvas(studio).focus()
      await page.keyboard.press('Control+Shift+n')
      await expect.poll(() => canvas(studio).getAttribute('aria-label'), patient).toContain('2 layers')
      await page.keyboard.press('Control+o')
      await choose(studio, 0, 'versions')
      await page.getByTestId('version-look').click()
      await page.getByTestId('version-picture').waitFor()
      await screenshot(studio, '12-versions')
      await page.getByTestId('version-return').click()
      await expect.poll(() => canvas(studio).getAttribute('aria-label'), patient).toContain('1 layer')
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await expect.poll(() => canvas(studio).getAttribute('aria-label'), patient).toContain('2 layers')
      await saved(studio)

      // Twice as large with all that is on it, and back.
      await page.keyboard.press('Control+Alt+i')
      await page.getByTestId('field-width').getByRole('slider').press('Enter')
      await page.getByTestId('field-width').getByRole('textbox').fill('1024')
      await page.getByTestId('field-width').getByRole('textbox').press('Enter')
      await screenshot(studio, '12-size')
      await page.getByTestId('document-resize').click()
      await page.keyboard.press('Control+o')
      await expect.poll(() => rows(studio).first().innerText(), patient).toContain('1024 ×')
      await page.keyboard.press('Escape')
      await canvas(studio).focus()
      await page.keyboard.press('Control+z')
      await page.keyboard.press('Control+o')
      await expect.poll(() => rows(studio).first().innerText(), patient).not.toContain('1024 ×')
      await page.keyboard.press('Escape')

      // A copy is open at once; in the trash it is not in the list, and Undo brings it back.
      await page.keyboard.press('Control+o')
      await choose(studio, 0, 'duplicate')
      await expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/^Shore copy/)
      await page.keyboard.press('Control+o')
      await expect.poll(() => rows(studio).count(), patient).toBe(2)
      await choose(studio, 0, 'trash')
      await expect.poll(() => rows(studio).count(), patient).toBe(1)
      await page.locator('.toast[data-front=true]').getByRole('button', { name: 'Undo' }).click()
      await expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/^Shore copy/)

      // The other one is opened from the list.
      if (!(await page.getByTestId('documents-menu').isVisible())) await page.keyboard.press('Control+o')
      await rows(studio).last().locator('button').first().click()
      await expect.poll(() => page.getByTestId('document').textContent(), patient).toMatch(/^Shore(Saved|Saving)/)
    },
  )
})
