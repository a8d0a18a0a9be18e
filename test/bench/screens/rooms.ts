import { draw, folderOfPictures, newDocument, PATIENCE } from './hand.ts'
import type { Stage } from './stage.ts'

/** Gallery, Teach, Models, Settings. */

async function gallery({ page, keep }: Stage): Promise<void> {
  await page.getByTestId('room-gallery').click()
  if ((await page.getByTestId('picture').count()) < 4) {
    await page.getByTestId('room-studio').click()
    await newDocument(page)
    for (const words of ['a red apple, 3d style', 'a sunflower, cartoon style', 'a rocket', 'a fox face, flat style'])
      await draw(page, words)
    await page.getByTestId('room-gallery').click()
  }
  await keep('gallery-grid')
  await page.getByTestId('picture').nth(1).click()
  await keep('gallery', { also: ['german', 'contrast', 'large', 'double'] })
  await page
    .getByTestId('picture')
    .nth(3)
    .click({ modifiers: ['Shift'] })
  await keep('gallery-several')
  await page.getByTestId('picture').nth(1).click()
  const menu = () => page.getByTestId('picture-menu').click()
  await menu()
  await keep('gallery-menu', { again: menu })
  await page.keyboard.press('Escape')
  await page.getByTestId('picture').nth(1).click()
  await page.keyboard.press('Space')
  await page.getByTestId('preview').waitFor()
  await keep('gallery-preview')
  await page.keyboard.press('Escape')
  await page.getByTestId('facet-colour').first().click()
  await keep('gallery-colour')
  await page.getByTestId('search').fill('lobster at night')
  await page.keyboard.press('Enter')
  await keep('gallery-nothing')
}

async function galleryEmpty({ page, keep }: Stage): Promise<void> {
  await page.getByTestId('room-gallery').click()
  await page.getByTestId('shelf-trash').click()
  await keep('gallery-trash')
}

const state = (page: Stage['page'], words: string) =>
  page.getByTestId('run-state').getByText(words).waitFor({ timeout: PATIENCE })

/** From an empty room to a concept that was learned in a few steps. */
async function teach(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await page.getByTestId('room-teach').click()
  await page.getByTestId('folder-path').waitFor()
  await keep('teach', { also: ['german'] })
  await page.getByTestId('room-studio').click()
  const folder = await folderOfPictures(stage)
  await page.getByTestId('room-teach').click()
  await page.getByTestId('folder-path').fill(`${folder} of last year`)
  await page.getByTestId('add-folder').click()
  await page.getByTestId('folder-failure').waitFor()
  await keep('teach-no-folder')
  await page.getByTestId('folder-path').fill(folder)
  await page.getByTestId('add-folder').click()
  await page.getByTestId('teach-picture').nth(7).waitFor({ timeout: PATIENCE })
  await page.getByTestId('teach-identifier').fill('vulp')
  await page.getByTestId('teach-class').fill('fox')
  await page
    .getByText(/of memory/)
    .first()
    .waitFor({ timeout: PATIENCE })
  await keep('teach-set-up', { also: ['german', 'large', 'double'] })
  await page.getByTestId('teach-picture').nth(2).click()
  await keep('teach-picture')
  await page
    .getByTestId('teach-picture')
    .nth(5)
    .click({ modifiers: ['Shift'] })
  await keep('teach-several')
  await page.locator('#teach-prior').click()
  const steps = page.getByTestId('field-steps')
  await steps.getByRole('slider').press('Enter')
  await steps.getByRole('textbox').fill('120')
  await steps.getByRole('textbox').press('Enter')
  await page.getByTestId('start-training').click()
  await state(page, 'Learning, step')
  await page.waitForTimeout(8000)
  await keep('teach-learning')
  await page.getByTestId('pause-training').click()
  await state(page, 'Paused')
  await keep('teach-paused')
  await page.getByTestId('go-on').click()
  await state(page, 'Learned')
  await page.getByTestId('film-strip').waitFor()
  await keep('teach-learned', { also: ['german', 'large', 'double'] })
  await page.getByTestId('compare-two').click()
  await page.getByTestId('other-slider').press('Home')
  await keep('teach-compare')
}

async function models({ page, keep }: Stage): Promise<void> {
  await page.getByTestId('room-models').click()
  await page.getByTestId('model-sticker-world').waitFor()
  await keep('models', { also: ['german', 'large', 'double'] })
  await page.getByTestId('model-sticker-world').click()
  await page.getByTestId('model-details').waitFor()
  await keep('models-details', { also: ['german'] })
  await page.keyboard.press('Escape')
}

async function settings({ page, keep }: Stage): Promise<void> {
  await page.getByTestId('gear').click()
  await keep('settings', { also: ['german', 'large', 'double'] })
  const parts = await page.locator('.app-settings section').count()
  for (let k = 1; k < parts; k++) {
    await page
      .locator('.app-settings section')
      .nth(k)
      .evaluate(part => part.scrollIntoView())
    await keep(`settings-${k}`)
  }
}

export const roomScenes = { gallery, 'gallery-empty': galleryEmpty, teach, models, settings }
