/** `npm run screens`: pictures of every screen for docs/screens, from the built app on the embedded model, in Chromium. Built first: npm run build. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { startBrowserMode } from './browser-mode.ts'

const folder = 'docs/screens'
mkdirSync(folder, { recursive: true })
const home = mkdtempSync(join(tmpdir(), 'sfumato-screens-'))
const { address, close } = await startBrowserMode(home)
const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
const browser = await chromium.launch({
  executablePath: process.env.SFUMATO_CHROMIUM ?? '/usr/bin/chromium',
  args: [...root, '--disable-gpu'],
})

/** Keeps what is in the window now; few colours, so that the file stays small. */
async function keep(page: Page, name: string): Promise<void> {
  await page.mouse.move(2, 2)
  await page.waitForTimeout(500)
  const picture = await page.screenshot()
  await sharp(picture)
    .png({ palette: true, colours: 192, effort: 10 })
    .toFile(join(folder, `${name}.png`))
  console.log(name)
}

const button = (page: Page) => page.getByTestId('generate')

async function draw(page: Page, words: string): Promise<void> {
  const results = page.getByTestId('result')
  const before = await results.count()
  await page.getByTestId('prompt').fill(words)
  await button(page).click()
  await results.nth(before).waitFor({ timeout: 120_000 })
  await page.getByTestId('cancel').waitFor({ state: 'detached', timeout: 60_000 })
}

/** A line between shares of the frame with the tool in the hand. */
async function line(page: Page, from: readonly [number, number], to: readonly [number, number]): Promise<void> {
  const frame = await page.getByTestId('frame').boundingBox()
  if (frame === null) throw new Error('There is no frame.')
  const at = ([x, y]: readonly [number, number]) => [frame.x + frame.width * x, frame.y + frame.height * y] as const
  await page.mouse.move(...at(from))
  await page.mouse.down()
  await page.mouse.move(...at(to), { steps: 12 })
  await page.mouse.up()
}

async function look(page: Page, theme: 'Dark' | 'Light'): Promise<void> {
  await page.getByTestId('gear').click()
  await page.getByRole('radio', { name: theme, exact: true }).click()
  await page.getByTestId('room-studio').click()
}

try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(address)
  await page.getByTestId('guide-offer').waitFor()
  await look(page, 'Light')
  await keep(page, 'studio-first-run-light')
  await look(page, 'Dark')
  await keep(page, 'studio-first-run')
  await page.getByTestId('start-guide').click()
  await keep(page, 'studio-guide')
  await page.getByTestId('end-guide').click()
  for (const words of [
    'a red apple, 3d style, on a blue background',
    'a sunflower, cartoon style',
    'a fox, flat icon',
  ]) {
    await draw(page, words)
  }
  await page.getByTestId('prompt').fill('a whale, 3d style, on a white background')
  await button(page).click()
  await page
    .getByText(/^Step \d+ of/)
    .first()
    .waitFor({ timeout: 60_000 })
  await keep(page, 'studio-generating')
  await page.getByTestId('result').nth(3).waitFor({ timeout: 120_000 })
  await page.getByTestId('rail-settings').click()
  await keep(page, 'studio-results')
  await look(page, 'Light')
  await keep(page, 'studio-results-light')
  await look(page, 'Dark')
  await page.keyboard.press('Control+k')
  await page.getByTestId('palette').waitFor()
  await page.keyboard.type('steps')
  await keep(page, 'palette')
  await page.keyboard.press('Escape')
  await page.keyboard.press('F1')
  await page.getByTestId('help').waitFor()
  await keep(page, 'help')
  await page.keyboard.press('Escape')
  await page.getByTestId('accept').click()
  await page.getByTestId('rail-layers').click()
  await page.getByTestId('tool-mask').click()
  await line(page, [0.35, 0.4], [0.65, 0.45])
  await keep(page, 'studio-fill-mask')
  await page.getByTestId('room-gallery').click()
  await page.getByTestId('picture').nth(1).click()
  await keep(page, 'gallery')
  await look(page, 'Light')
  await page.getByTestId('room-gallery').click()
  await keep(page, 'gallery-light')
  await page.getByTestId('facet-colour').first().click()
  await keep(page, 'gallery-colour-light')
  await look(page, 'Dark')
  for (const room of ['teach', 'models'] as const) {
    await page.getByTestId(`room-${room}`).click()
    await keep(page, room)
  }
  await page.getByTestId('gear').click()
  await keep(page, 'settings')
  await page.getByRole('radio', { name: 'Deutsch' }).click()
  await keep(page, 'settings-german')
} finally {
  await browser.close()
  await close()
  rmSync(home, { recursive: true, force: true })
}
