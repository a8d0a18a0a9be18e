import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { generate, setNumber } from './hand.ts'
import { available, freshHome, modesOfLongFlows, openStudio, screenshot } from './studio.ts'

/** Discs at different places on grounds of different colours, a copy of the first, and a file that is no picture. */
async function pictures(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  for (let k = 0; k < 7; k++) {
    const [width, height] = k % 3 === 2 ? [480, 320] : [400, 400]
    const [x, y] = [80 + ((k * 97) % 240), 80 + ((k * 61) % 160)]
    const ground = ['#ffd93b', '#8ecdf7', '#ffffff', '#f59a9a'][k % 4]
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">
      <rect width="100%" height="100%" fill="${ground}"/><circle cx="${x}" cy="${y}" r="${40 + k * 8}" fill="#5b3fa0"/></svg>`
    const picture = sharp(Buffer.from(svg))
    await picture
      .clone()
      .png()
      .toFile(join(folder, `disc-${k}.png`))
    if (k === 0) await picture.jpeg({ quality: 70 }).toFile(join(folder, 'disc-copy.jpg'))
  }
  writeFileSync(join(folder, 'disc-0.txt'), 'a disc, yellow')
  writeFileSync(join(folder, 'broken.png'), 'no picture')
  return folder
}

describe.each(modesOfLongFlows)('%s', mode => {
  test.skipIf(!available(mode))(
    'a folder is picked, its pictures are seen as the model sees them, words are kept',
    async () => {
      const home = freshHome()
      const folder = await pictures(join(home, 'my pictures', 'discs'))
      const studio = await openStudio(mode, { home })
      const { page } = studio
      await page.getByTestId('room-teach').click()
      await page.getByTestId('folder-path').fill(join(home, 'none'))
      await page.getByTestId('add-folder').click()
      expect(await page.getByTestId('folder-failure').textContent()).toMatch(/does not exist/)
      await page.getByTestId('folder-path').fill(folder)
      await page.getByTestId('add-folder').click()
      await expect
        .poll(() => page.getByTestId('dataset-state').textContent(), { timeout: 20_000 })
        .toBe('8 pictures, 1 with words.')
      await expect.poll(() => page.getByTestId('teach-picture').count()).toBe(9)
      const findings = page.getByTestId('findings')
      await expect
        .poll(() => findings.textContent())
        .toMatch(/1 file cannot be read.*1 picture is there more than once/)
      await expect.poll(() => page.getByTestId('buckets').textContent()).toMatch(/128 × 128/)

      await page.getByRole('option', { name: /disc-1\.png/ }).click()
      await page.getByTestId('caption').fill('a disc, blue')
      await page.getByLabel('May be mirrored').click()
      await page.getByPlaceholder('Put first in every caption').fill('sks')
      await page.getByTestId('all-apply').click()
      await expect.poll(() => page.getByTestId('caption').inputValue()).toBe('sks, a disc, blue')
      await expect.poll(() => page.getByTestId('tags').textContent()).toMatch(/sks8/)
      const shown = await page.evaluate(() => {
        const images = [...document.querySelectorAll<HTMLImageElement>('.tth img')]
        return images.filter(image => image.complete && image.naturalWidth > 0).length
      })
      expect(shown).toBe(8)
      await screenshot(studio, '12-teach')

      // What the model sees of a picture is chosen by keys and by hand, kept, and given back
      const crop = page.getByTestId('crop')
      await crop.focus()
      for (const key of ['-', '-', '-', 'ArrowRight', 'ArrowDown']) await page.keyboard.press(key)
      await page.getByTestId('crop-whole').waitFor()
      const before = await crop.getAttribute('aria-label')
      expect(before).toMatch(/: 3\d\d × 3\d\d from \d+, \d+/)
      const box = await crop.boundingBox()
      if (box === null) throw new Error('the part is not there')
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
      await page.mouse.down()
      await page.mouse.move(0, 0, { steps: 4 })
      await page.mouse.up()
      await expect.poll(() => crop.getAttribute('aria-label')).toMatch(/from 0, 0\./)
      await page.getByTestId('crop-whole').click()
      await expect.poll(() => crop.getAttribute('aria-label')).toMatch(/: 400 × 400 from 0, 0/)

      // Tags of some pictures become others, and are given back
      await page.getByRole('option', { name: /disc-3\.png/ }).click({ modifiers: ['Shift'] })
      const several = page.getByTestId('several-pictures')
      expect(await several.textContent()).toMatch(/^3 pictures/)
      await several.getByRole('radio', { name: 'Replace' }).click()
      await page.getByPlaceholder('What captions say now').fill('sks')
      await page.getByPlaceholder('What they shall say').fill('blip')
      await page.getByTestId('picked-apply').click()
      await expect.poll(() => page.getByTestId('tags').textContent()).toMatch(/sks5.*blip3/)
      await page.locator('.toast[data-front=true]').getByRole('button', { name: 'Undo' }).click()
      await expect.poll(() => page.getByTestId('tags').textContent()).toMatch(/sks8/)

      await page.getByTestId('leave-out-copies').click()
      await expect
        .poll(() => page.getByTestId('dataset-state').textContent())
        .toBe('7 pictures, 7 with words, 1 left out.')
      await page.getByRole('radio', { name: 'Broken' }).click()
      await expect.poll(() => page.getByTestId('teach-picture').count()).toBe(1)
      await page.getByRole('option', { name: /broken\.png/ }).click()
      expect(await page.getByTestId('teach-details').textContent()).toMatch(/not a picture that can be read/)
      await page.getByTestId('forget-dataset').click()
      await page.getByTestId('folder-path').waitFor()
      await expect.poll(() => page.getByTestId('teach-grid').count()).toBe(0)
    },
  )

  test.skipIf(!available(mode))(
    'a concept is learned from edited pictures, paused, kept over a restart, and drawn with',
    async () => {
      const home = freshHome()
      const folder = await pictures(join(home, 'my pictures', 'discs'))
      let studio = await openStudio(mode, { home })
      let { page } = studio
      await page.getByTestId('room-teach').click()
      await page.getByTestId('folder-path').fill(folder)
      await page.getByTestId('add-folder').click()
      await expect
        .poll(() => page.getByTestId('dataset-state').textContent(), { timeout: 20_000 })
        .toBe('8 pictures, 1 with words.')
      await page.getByTestId('leave-out-copies').click()
      await page.getByTestId('teach-identifier').fill('blip')
      await page.getByTestId('teach-class').fill('disc')
      await expect
        .poll(() => page.getByTestId('training-estimate').textContent(), { timeout: 20_000 })
        .toMatch(/^Learns from 7 pictures\..* of memory/)
      await setNumber(studio, 'steps', 8)
      // Drawing the others of its kind would take longer than all the rest.
      await page.locator('#teach-prior').click()
      await page.getByTestId('start-training').click()
      const state = () => page.getByTestId('run-state').textContent()
      await expect.poll(state, { timeout: 60_000 }).toMatch(/^Learning, step \d of 8/)
      await page.getByTestId('pause-training').click()
      await expect.poll(state, { timeout: 30_000 }).toMatch(/^Paused/)
      await page.getByTestId('add-prompt').click()
      await page.getByTestId('prompt-field').fill('a blip disc at sea')
      await page.keyboard.press('Enter')
      const film = page.getByTestId('film-strip')
      await expect.poll(() => film.textContent()).toMatch(/a blip disc at sea/)
      await page.getByTestId('go-on').click()
      await expect.poll(state, { timeout: 120_000 }).toBe('Learned, step 8 of 8')
      await page.getByTestId('film-strip').waitFor()
      expect(await film.getByRole('button', { name: 'a blip disc at sea, step 8', exact: true }).count()).toBe(1)
      await page.getByTestId('plot-size').click()
      await page.getByTestId('compare-two').click()
      await page.getByTestId('other-slider').press('Home')
      expect(await page.getByTestId('compared').textContent()).toMatch(/^Step 0.*Step [1-8]/)
      await page.getByTestId('compare-two').click()
      await screenshot(studio, '13-teach-learned')

      await studio.close()
      studio = await openStudio(mode, { home })
      page = studio.page
      await page.getByTestId('room-teach').click()
      await page.getByTestId('training-run').click()
      await expect.poll(state).toBe('Learned, step 8 of 8')
      await expect.poll(() => page.getByTestId('loss-plot').getAttribute('aria-label')).toMatch(/over 8 steps/)
      await page.getByTestId('step-slider').focus()
      await page.keyboard.press('Home')
      await page.keyboard.press('ArrowRight')
      await page.getByRole('button', { name: 'Use step 1' }).click()
      await page.getByText('of step 1 is in the prompt box').waitFor()
      await page.getByTestId('room-studio').click()
      expect(await page.getByTestId('concept-chip').textContent()).toBe('blip disc')
      expect(await page.getByRole('textbox', { name: 'Prompt' }).inputValue()).toBe('blip disc')
      await setNumber(studio, 'steps', 4)
      await generate(studio)
      await screenshot(studio, '14-concept-drawn')
    },
    300_000,
  )
})
