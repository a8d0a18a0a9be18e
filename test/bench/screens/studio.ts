import { addLayer, button, line, newDocument, number, PATIENCE, panel, withPicture, withResults } from './hand.ts'
import type { Stage } from './stage.ts'

/** The Studio from its first start to a masked picture. */

/** Only in a library where nothing was made: the offer of the guide, its first step, the empty canvas. */
async function firstRun({ page, keep }: Stage): Promise<void> {
  await page.getByTestId('guide-offer').waitFor()
  await keep('studio-first-run', { also: ['german', 'large', 'double'] })
  await page.getByTestId('start-guide').click()
  await keep('studio-guide')
  await page.getByTestId('guide-skip').click()
  await page.getByTestId('guide-skip').click()
  await keep('studio-guide-mask')
  await page.getByTestId('end-guide').click()
}

async function generating({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await number(page, 'steps', 100)
  await page.getByTestId('rail-settings').click()
  await page.getByTestId('prompt').fill('a rocket, cartoon style, on a dark blue background')
  await page.getByTestId('chip-count').click()
  await page.getByRole('radio', { name: '9' }).click()
  await page.keyboard.press('Escape')
  await button(page).click()
  await page.getByTestId('progress').getByText(/left$/).waitFor({ timeout: PATIENCE })
  await keep('studio-generating', { also: ['german'] })
  await button(page).click()
  const open = () => page.getByTestId('queue-pill').click()
  await open()
  await page.getByTestId('waiting-job').waitFor()
  await keep('queue', { again: open })
  await page.getByTestId('waiting-job').getByRole('button').last().click()
  await page.getByTestId('waiting-job').waitFor({ state: 'detached' })
  await page.getByTestId('queue-pill').click()
  await page.getByTestId('cancel').click()
  await page.getByTestId('stopped').waitFor({ timeout: PATIENCE })
  await keep('studio-stopped')
  await panel(page, 'settings')
  await page.getByTestId('reset').click()
}

async function results(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withResults(stage)
  await keep('studio-results-alone')
  await panel(page, 'settings')
  await keep('studio-results', { also: ['german', 'contrast', 'large', 'double'] })
  await panel(page, 'history')
  await keep('studio-history')
  await page.keyboard.press('c')
  await keep('studio-compare')
  await page.keyboard.press('c')
  await keep('studio-side-by-side')
  await page.keyboard.press('Control+k')
  await page.getByTestId('palette').waitFor()
  await keep('palette-open')
  await page.keyboard.type('steps')
  await keep('palette')
  await page.keyboard.press('Escape')
  await page.keyboard.press('F1')
  await page.getByTestId('help').waitFor()
  await keep('help')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+g')
  await page.getByTestId('comparison').waitFor()
  await keep('comparison')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+o')
  await page.getByTestId('documents').waitFor()
  await keep('documents')
}

async function mask(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage)
  await panel(page, 'layers')
  await page.getByTestId('tool-mask').click()
  await line(page, [0.35, 0.4], [0.65, 0.45])
  await page.getByTestId('prompt').fill('a fox face with sunglasses, flat style, on a yellow background')
  await keep('studio-fill-mask', { also: ['german', 'large', 'double'] })
}

/** Every tool's options, with a picture under them. */
async function tools(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage)
  const all = await page
    .locator('[data-testid^=tool-]')
    .evaluateAll(found => found.map(each => each.dataset.testid ?? ''))
  for (const tool of all) {
    if (!(await page.getByTestId(tool).isVisible())) continue
    await page.getByTestId(tool).click()
    await page.mouse.move(2, 2)
    await keep(tool)
    await page.keyboard.press('Escape')
  }
}

async function exporting(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage)
  const open = () => page.getByTestId('export').click()
  await open()
  await keep('export', { again: open })
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+Alt+i')
  await page.getByTestId('document-size-form').waitFor()
  await keep('document-size')
}

/** A run that could not be done, and numbers that cannot be. */
async function failures({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await page.getByTestId('prompt').fill('a (red apple:1000000), 3d style')
  await button(page).click()
  await page.getByTestId('failure').waitFor({ timeout: PATIENCE })
  await keep('studio-error', { also: ['german', 'contrast'] })
  await page.keyboard.press('Escape')
  await number(page, 'width', 16_384)
  await keep('studio-wrong-number')
  await page.getByTestId('reset').click()
}

/** Detail: a small part of a large picture. */
async function detail(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage)
  await addLayer(page, 'Mask')
  await page.getByTestId('tool-mask').click()
  await line(page, [0.4, 0.35], [0.45, 0.35])
  await page.getByTestId('chip-mode').click()
  await page.getByRole('radio', { name: 'Detail' }).click()
  await keep('studio-detail', { again: () => page.getByTestId('chip-mode').click() })
  await page.keyboard.press('Escape')
}

/** The live mode beside a word that is drawn with more weight, and what is left out of a prompt that is too long. */
async function prompts({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await page.getByTestId('prompt').fill('a (wizard:1.2) character in a purple outfit, waving')
  await page.getByTestId('show-tokens').click()
  await keep('studio-tokens')
  await page.getByTestId('show-tokens').click()
  for (const chip of ['chip-model', 'chip-size', 'chip-count', 'chip-styles']) {
    const found = page.getByTestId(chip)
    if (!(await found.isVisible())) continue
    await found.click()
    await keep(`studio-${chip}`, { again: () => found.click() })
    await page.keyboard.press('Escape')
  }
}

export const studioScenes = {
  'first-run': firstRun,
  generating,
  results,
  mask,
  tools,
  export: exporting,
  failures,
  detail,
  prompts,
}
