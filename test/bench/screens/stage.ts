import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'
import sharp from 'sharp'

/** Where the screens are made: a page of the app, and a second window of it that changes how all windows look. */

/** A way to look at a screen. */
interface View {
  readonly width: number
  readonly height: number
  /** Pixels of the screen for one of the page. */
  readonly scale: number
  readonly theme: 'dark' | 'light'
  readonly hasMoreContrast?: true
  readonly language?: 'Deutsch'
}

const small = { width: 1280, height: 720, scale: 1 }
const large = { width: 3840, height: 2160, scale: 1 }
const double = { width: 1920, height: 1080, scale: 2 }
const VIEWS = {
  dark: { ...small, theme: 'dark' },
  light: { ...small, theme: 'light' },
  contrast: { ...small, theme: 'light', hasMoreContrast: true },
  large: { ...large, theme: 'dark' },
  'large-light': { ...large, theme: 'light' },
  double: { ...double, theme: 'dark' },
  'double-light': { ...double, theme: 'light' },
  // The last: with another language the page is drawn anew, and what was open in it closes.
  german: { ...small, theme: 'dark', language: 'Deutsch' },
} as const satisfies Record<string, View>
export type ViewName = keyof typeof VIEWS
export const isViewName = (name: string): name is ViewName => Object.keys(VIEWS).includes(name)
export const viewNames = Object.keys(VIEWS).filter(isViewName)

export interface Stage {
  readonly page: Page
  /** The folder of the library. */
  readonly home: string
  /** Keeps what is in the window, once for each view that is asked for. @param again opens again what another language has closed */
  keep(name: string, options?: { readonly also?: readonly ViewName[]; again?(): Promise<void> }): Promise<void>
}

interface Asked {
  readonly address: string
  readonly home: string
  readonly folder: string
  readonly views: readonly ViewName[]
  /** All that is asked for of every screen; else a screen's own views beside those. */
  readonly isAll: boolean
}

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.SFUMATO_CHROMIUM ?? '/usr/bin/chromium',
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
  })

/** The window in which looks are chosen. The app opens to one browser alone: pages are opened beside it. */
export async function openLooks(browser: Browser, address: string): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: small.width, height: small.height } })
  const looks = await context.newPage()
  await looks.goto(address)
  await looks.getByTestId('gear').click()
  return looks
}

/** A fresh page on the library, and what keeps its looks. */
export async function openStage(page: Page, looks: Page, asked: Asked): Promise<Stage> {
  const { address, home, folder } = asked
  mkdirSync(folder, { recursive: true })
  await page.goto(address)
  await page.getByTestId('frame').waitFor()
  await show(page, looks, VIEWS.dark)
  return {
    page,
    home,
    async keep(name, { also = [], again } = {}) {
      const wanted = viewNames.filter(each => asked.views.includes(each) || (!asked.isAll && also.includes(each)))
      for (const view of wanted) {
        await show(page, looks, VIEWS[view])
        if (view === 'german') await again?.()
        await picture(page, VIEWS[view], join(folder, view === 'dark' ? name : `${name}-${view}`))
      }
      await show(page, looks, VIEWS.dark)
      if (wanted.includes('german')) await again?.()
    },
  }
}

/** Chooses of a row of the settings, whatever language it is in. */
const choose = (looks: Page, row: number, choice: number) =>
  looks.locator('[data-testid=app-settings] [role=radiogroup]').nth(row).getByRole('radio').nth(choice).click()

/** Shows the page in a view. */
async function show(page: Page, looks: Page, view: View): Promise<void> {
  await choose(looks, 0, view.theme === 'dark' ? 1 : 2)
  await looks.getByRole('radio', { name: view.language ?? 'English' }).click()
  await choose(looks, 2, view.hasMoreContrast ? 1 : 0)
  await page.setViewportSize({ width: view.width, height: view.height })
  const contrast = view.hasMoreContrast ? '[data-contrast=more]' : ':not([data-contrast])'
  const language = view.language === undefined ? 'en' : 'de'
  await page.locator(`html[data-theme=${view.theme}][lang=${language}]${contrast}`).waitFor()
}

/** Few colours, or a photo's compression where the window is large, so that the files stay small. */
async function picture(page: Page, { width, height, scale }: View, place: string): Promise<void> {
  const isLarge = width * scale > 2000
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: scale, mobile: false })
  await page.waitForTimeout(isLarge ? 1200 : 600)
  const { data } = await session.send('Page.captureScreenshot', { format: 'png' })
  const shown = sharp(Buffer.from(data, 'base64'))
  if (isLarge) await shown.webp({ quality: 82 }).toFile(`${place}.webp`)
  else await shown.png({ palette: true, colours: 192, effort: 10 }).toFile(`${place}.png`)
  await session.send('Emulation.clearDeviceMetricsOverride')
  await session.detach()
  console.log(place)
}
