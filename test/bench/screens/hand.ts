import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import type { Stage } from './stage.ts'

/** What a hand does on the screens that are kept. */

export const button = (page: Page) => page.getByTestId('generate')

/** Milliseconds that a picture of the embedded model may take on a machine that is busy. */
export const PATIENCE = 180_000

/** A document of its own, without results of the one before. */
export async function newDocument(page: Page): Promise<void> {
  await page.getByTestId('frame').waitFor()
  if ((await page.getByTestId('result').count()) > 0) await page.getByTestId('discard').click()
  await page.keyboard.press('Control+n')
  await page.getByTestId('empty-frame').waitFor()
  await page.mouse.move(2, 2)
}

/** Draws a picture and waits for it. */
export async function draw(page: Page, words: string): Promise<void> {
  const results = page.getByTestId('result')
  const before = await results.count()
  await page.getByTestId('prompt').fill(words)
  await button(page).click()
  await results.nth(before).waitFor({ timeout: PATIENCE })
  await page.getByTestId('cancel').waitFor({ state: 'detached', timeout: PATIENCE })
}

/** A line between shares of the frame with the tool in the hand. */
export async function line(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('There is no frame.')
  const at = ([x, y]: readonly [number, number]) => [frame.x + frame.width * x, frame.y + frame.height * y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
  await page.mouse.move(2, 2)
}

/** Opens a panel at the right, whichever is open. */
export async function panel(page: Page, name: 'settings' | 'layers' | 'words' | 'history'): Promise<void> {
  const rail = page.getByTestId(`rail-${name}`)
  if ((await rail.getAttribute('aria-pressed')) !== 'true') await rail.click()
}

/** Types a number into a field of the settings. */
export async function number(page: Page, name: string, value: number): Promise<void> {
  await panel(page, 'settings')
  const row = page.getByTestId(`field-${name}`)
  await row.getByRole('slider').press('Enter')
  await row.getByRole('textbox').fill(String(value))
  await row.getByRole('textbox').press('Enter')
}

export async function addLayer(page: Page, kind: string): Promise<void> {
  await panel(page, 'layers')
  await page.getByTestId('add-layer').click()
  await page.getByRole('menuitem', { name: kind }).click()
}

const DRAWN = [
  'a red apple, 3d style, on a blue background',
  'a rocket, cartoon style, on a dark blue background',
  'a wizard character in a purple outfit, waving',
  'a fox face, flat style, on a yellow background',
]

/** A document with four results, of which the last is shown. */
export async function withResults({ page }: Stage): Promise<void> {
  await newDocument(page)
  for (const words of DRAWN) await draw(page, words)
}

/** A document with one picture as its layer. */
export async function withPicture(
  { page }: Stage,
  words = 'a fox face, flat style, on a yellow background',
): Promise<void> {
  await newDocument(page)
  await draw(page, words)
  await page.getByTestId('accept').click()
  await page.getByTestId('result').first().waitFor({ state: 'detached' })
  await page.getByTestId('prompt').fill('')
}

/** A folder of eight pictures that the app drew, for teaching. @returns its path */
export async function folderOfPictures(stage: Stage): Promise<string> {
  const { page, home } = stage
  const folder = join(home, 'my pictures', 'foxes')
  await newDocument(page)
  mkdirSync(folder, { recursive: true })
  for (let k = 0; k < 8; k++) await draw(page, `a fox face, ${k % 2 === 0 ? 'flat' : '3d'} style`)
  const shown = await page.getByTestId('result').locator('img').all()
  for (const [k, picture] of shown.entries()) {
    const address = new URL((await picture.getAttribute('src')) ?? '', page.url())
    const bytes = await (await page.request.get(address.href)).body()
    writeFileSync(join(folder, `fox ${k + 1}.png`), bytes)
    if (k % 2 === 0) writeFileSync(join(folder, `fox ${k + 1}.txt`), 'a fox looking to the left')
  }
  return folder
}
