import { describe, expect, test } from 'vitest'
import { available, modes, openStudio } from './studio.ts'

describe.each(modes)('%s', mode => {
  test.skipIf(!available(mode))('a key is changed, its conflict is named, and it stays after a reload', async () => {
    const { page } = await openStudio(mode)
    await page.getByTestId('gear').click()
    await page.getByTestId('key-search').fill('fit the')
    const face = page.getByTestId('key-fit')
    await face.click()
    await page.keyboard.press('b')
    await expect.poll(() => page.getByTestId('key-conflict').textContent()).toContain('B is “Brush”.')
    await page.keyboard.press('Control+Alt+j')
    await expect.poll(() => face.textContent()).toBe('Ctrl Alt J')
    await page.reload()
    await page.getByTestId('room-studio').click()
    const zoom = page.getByRole('button', { name: /^Zoom \d+ %/ })
    // The frame is fitted as soon as the window's size is known.
    await expect.poll(() => zoom.textContent()).not.toBe('100 %')
    const fitted = await zoom.textContent()
    for (let time = 0; time < 3; time++) await page.getByRole('button', { name: 'Zoom in' }).click()
    await expect.poll(() => zoom.textContent()).not.toBe(fitted)
    await page.keyboard.press('Control+Alt+j')
    await expect.poll(() => zoom.textContent()).toBe(fitted)

    await page.getByTestId('gear').click()
    await page.getByTestId('reset-keys').click()
    await page.getByTestId('key-search').fill('fit the')
    await expect.poll(() => face.textContent()).toBe('Shift 1, Shift 2')
  })
})
