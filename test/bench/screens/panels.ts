import { join } from 'node:path'
import { writeSafetensors } from '../../../app/weights/safetensors.ts'
import { addLayer, draw, line, newDocument, PATIENCE, panel, withPicture } from './hand.ts'
import type { Stage } from './stage.ts'

/** What steers a drawing beside its prompt. */

async function words({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await draw(page, 'a red apple, 3d style, on a blue background')
  await panel(page, 'words')
  await page.getByTestId('word-apple').hover()
  await page.getByTestId('word-apple').click()
  await page.getByTestId('word-swap').fill('pear')
  await keep('studio-words', { also: ['contrast', 'german', 'large'] })
  await page.getByTestId('words-update').click()
  await page.getByTestId('words-edits').waitFor({ timeout: PATIENCE })
  await page.getByTestId('cancel').waitFor({ state: 'detached', timeout: PATIENCE })
  await keep('studio-words-edited')
}

/** A picture that the model learned: before, while it is learned, and its slider. */
async function bend({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await draw(page, 'a fox face, flat style, on a yellow background')
  await panel(page, 'words')
  await page.getByTestId('bend-words').fill('a fox face laughing, flat style, on a yellow background')
  await page.getByTestId('bend-words').scrollIntoViewIfNeeded()
  await page.waitForTimeout(1500)
  await keep('studio-bend')
}

async function region(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage, 'a red apple, 3d style, on a blue background')
  await addLayer(page, 'Region')
  await page.getByTestId('region-prompt').fill('a green leaf')
  await page.getByTestId('tool-mask').click()
  await line(page, [0.2, 0.25], [0.5, 0.25])
  await keep('studio-region', { also: ['contrast', 'german'] })
}

async function pose({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await page.getByTestId('canvas').focus()
  await page.keyboard.press('p')
  await page.getByTestId('posture-Arms up').click()
  await page.getByTestId('joint-0-4').waitFor()
  await page.getByTestId('prompt').fill('a pirate character in a red outfit')
  await panel(page, 'layers')
  await page.getByTestId('control-preview').waitFor()
  await keep('studio-pose', { also: ['contrast', 'german', 'large', 'double'] })
}

async function control(stage: Stage): Promise<void> {
  const { page, keep } = stage
  await withPicture(stage)
  await addLayer(page, 'Control for a ControlNet')
  await page.getByTestId('control-take').click()
  await page.waitForTimeout(1500)
  await keep('studio-control')
}

/** An IP-Adapter of random numbers, beside which nothing is drawn: what a layer offers that shows what a picture looks like. */
async function imagePrompt(stage: Stage): Promise<void> {
  const { page, home, keep } = stage
  const path = join(home, 'Look of a picture.safetensors')
  const tensor = (shape: number[]) => ({
    ...{ dtype: 'F32' as const, shape, data: new Float32Array(shape.reduce((a, b) => a * b)) },
  })
  const made = {
    'ip_adapter.1.to_k_ip.weight': [4, 768],
    'ip_adapter.1.to_v_ip.weight': [4, 768],
    'image_proj.proj.weight': [4 * 768, 8],
    'image_proj.proj.bias': [4 * 768],
  }
  writeSafetensors(
    path,
    Object.entries(made).map(([key, shape]) => [key, tensor(shape)] as const),
  )
  await page.getByTestId('room-models').click()
  await page.getByTestId('model-path').fill(path)
  await page.getByTestId('add-models').click()
  await page.getByTestId('room-studio').click()
  await withPicture(stage)
  await addLayer(page, 'Control for a ControlNet')
  await page.getByTestId('control-model').selectOption({ label: 'Look of a picture' })
  await page.getByTestId('control-take').click()
  await keep('studio-image-prompt')
}

/** What pictures are pulled towards while they are drawn, and a model that draws classes. */
async function guides({ page, keep }: Stage): Promise<void> {
  await newDocument(page)
  await panel(page, 'settings')
  const section = page.getByTestId('section-guides')
  await section.getByRole('button').first().click()
  await section.scrollIntoViewIfNeeded()
  await keep('studio-guides')
  await section.getByRole('button').first().click()
  await page.getByTestId('chip-model').click()
  await page.locator('.pop-list').getByRole('button', { name: /kinds/i }).click()
  await keep('studio-classes')
  await page.getByTestId('chip-model').click()
  await page
    .locator('.pop-list')
    .getByRole('button', { name: /^Sticker World/ })
    .first()
    .click()
}

export const panelScenes = { words, bend, region, pose, control, 'image-prompt': imagePrompt, guides }
