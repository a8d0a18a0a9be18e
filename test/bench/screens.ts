/** `npm run screens`: pictures of every screen for docs/screens, from the built app on the embedded model, in Chromium. Built first: npm run build.
 *  Another window: `-- --width 1280 --height 720 --scale 2 --folder screens`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import sharp from 'sharp'
import { startBrowserMode } from './browser-mode.ts'

const { values } = parseArgs({
  options: {
    folder: { type: 'string', default: 'docs/screens' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
    scale: { type: 'string', default: '1' },
  },
})
const { folder } = values
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

/** @param choice of the settings of the look */
async function look(page: Page, choice: 'Dark' | 'Light' | 'More contrast' | 'Usual contrast'): Promise<void> {
  await page.getByTestId('gear').click()
  const contrast = page.getByRole('radiogroup', { name: 'Contrast' })
  if (choice === 'More contrast') await contrast.getByRole('radio', { name: 'More' }).click()
  else if (choice === 'Usual contrast') await contrast.getByRole('radio', { name: 'As the system' }).click()
  else await page.getByRole('radio', { name: choice, exact: true }).click()
  await page.getByTestId('room-studio').click()
}

/** The same screen in the dark, in the light, and in the light with more contrast. */
async function keepLooks(page: Page, name: string): Promise<void> {
  await keep(page, name)
  await look(page, 'Light')
  await keep(page, `${name}-light`)
  await look(page, 'More contrast')
  await keep(page, `${name}-contrast`)
  await look(page, 'Usual contrast')
  await look(page, 'Dark')
}

async function number(page: Page, name: string, value: number): Promise<void> {
  const row = page.getByTestId(`field-${name}`)
  await row.getByRole('slider').press('Enter')
  await row.getByRole('textbox').fill(String(value))
  await row.getByRole('textbox').press('Enter')
}

async function addLayer(page: Page, kind: string): Promise<void> {
  await page.getByTestId('add-layer').click()
  await page.getByRole('menuitem', { name: kind }).click()
}

/** What is worked with beside the prompt: words, layers that steer, sizes, and what cannot be made. */
async function keepPanels(page: Page): Promise<void> {
  await page.getByTestId('rail-words').click()
  await page.getByTestId('word-whale').click()
  await page.getByTestId('word-swap').fill('shark')
  await keepLooks(page, 'studio-words')
  await page.getByTestId('rail-layers').click()
  await addLayer(page, 'Region')
  await page.getByTestId('region-prompt').fill('a green leaf')
  await page.getByTestId('tool-mask').click()
  await line(page, [0.2, 0.25], [0.5, 0.25])
  await keepLooks(page, 'studio-region')
  await page.keyboard.press('p')
  await page.getByTestId('posture-Arms up').click()
  await page.getByTestId('joint-0-4').waitFor()
  await keepLooks(page, 'studio-pose')
  await page.keyboard.press('Control+Alt+i')
  await page.getByTestId('document-size-form').waitFor()
  await keep(page, 'document-size')
  await page.keyboard.press('Escape')
  await page.getByTestId('rail-settings').click()
  await number(page, 'width', 16_384)
  await number(page, 'height', 16_384)
  await button(page).click()
  await page.getByTestId('failure').waitFor({ timeout: 60_000 })
  await keepLooks(page, 'studio-error')
}

try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    deviceScaleFactor: Number(values.scale),
  })
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
  await keepPanels(page)
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
