import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generateButton } from './hand.ts'
import { available, openStudio, type Studio, screenshot, until } from './studio.ts'

/** Electron's own part: menus, the window's place, what happens when the page's process ends. */

/** Chooses an entry of the application's menu. */
const choose = ({ electron }: Studio, menu: string, entry: string) =>
  electron?.evaluate(
    ({ Menu }, [menuLabel, label]) => {
      const items = Menu.getApplicationMenu()?.items.find(item => item.label === menuLabel)?.submenu?.items
      const found = items?.find(item => item.label === label)
      if (found === undefined) throw new Error(`there is no ${menuLabel} > ${label}`)
      found.click()
    },
    [menu, entry],
  )

/** How large everything in the window is; 1 is the usual size. */
const scaleOf = ({ electron }: Studio) =>
  electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.getZoomFactor())

describe.skipIf(!available('electron'))('the window', () => {
  test('its menus do what the keys do', async () => {
    const studio = await openStudio('electron')
    const { page } = studio
    await generateButton(studio).waitFor()
    await choose(studio, 'View', 'Gallery')
    await page.getByRole('navigation', { name: 'Library' }).waitFor()
    await choose(studio, 'View', 'Studio')
    await choose(studio, 'Picture', 'Generate')
    await page.getByTestId('result').waitFor({ timeout: 60_000 })

    for (let time = 0; time < 15; time++) await choose(studio, 'View', 'Larger interface')
    expect(await scaleOf(studio)).toBeCloseTo(2)
    for (let time = 0; time < 20; time++) await choose(studio, 'View', 'Smaller interface')
    expect(await scaleOf(studio)).toBeCloseTo(0.8)
    await choose(studio, 'View', 'Usual size')
    expect(await scaleOf(studio)).toBeCloseTo(1)
  })

  test('everything in it is as large as a person chose, and larger is proposed on a screen of many pixels', async () => {
    const first = await openStudio('electron')
    await first.page.addInitScript(() => Object.defineProperty(window.screen, 'width', { value: 3840 }))
    await first.page.reload()
    await first.page.getByTestId('scale-offer').waitFor()
    await screenshot(first, 'scale-offer')
    await first.page.getByTestId('take-scale').click()
    await expect.poll(() => scaleOf(first)).toBeCloseTo(1.25)
    await first.page.getByTestId('guide-offer').waitFor()
    await first.page.getByTestId('gear').click()
    await first.page.getByRole('radiogroup', { name: 'Interface size' }).getByRole('radio', { name: '150' }).click()
    await expect.poll(() => scaleOf(first)).toBeCloseTo(1.5)
    await screenshot(first, 'scale-settings')
    await first.close()
    const again = await openStudio('electron', { home: first.home })
    await again.page.getByTestId('guide-offer').waitFor()
    expect(await scaleOf(again)).toBeCloseTo(1.5)
    await choose(again, 'View', 'Usual size')
    await again.page.getByTestId('gear').click()
    await again.page.getByRole('radio', { name: '100', checked: true }).waitFor()
  })

  test('its menus show the keys that a person chose', async () => {
    const studio = await openStudio('electron')
    const { page, electron } = studio
    await generateButton(studio).waitFor()
    const keyOf = (menu: string, entry: string) =>
      electron?.evaluate(
        ({ Menu }, [menuLabel, label]) =>
          Menu.getApplicationMenu()
            ?.items.find(item => item.label === menuLabel)
            ?.submenu?.items.find(item => item.label === label)?.accelerator,
        [menu, entry],
      )
    await expect.poll(() => keyOf('View', 'Fit the picture')).toBe('Shift+1')
    await page.getByTestId('gear').click()
    await page.getByTestId('key-search').fill('fit the')
    await page.getByTestId('key-fit').click()
    await page.keyboard.press('Control+Alt+j')
    await expect.poll(() => keyOf('View', 'Fit the picture')).toBe('CmdOrCtrl+Alt+J')
  })

  test('opens where it was, and in the middle where that is no longer on a screen', async () => {
    const first = await openStudio('electron')
    await generateButton(first).waitFor()
    const bounds = (studio: Studio) =>
      studio.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())
    await first.electron?.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.setBounds({ x: 90, y: 60, width: 1100, height: 700 })
    })
    await first.close()
    const place = join(first.home, 'window', 'place.json')
    const kept = JSON.parse(readFileSync(place, 'utf8'))
    expect(kept).toMatchObject({ maximized: false })
    expect(Math.abs(kept.width - 1100) + Math.abs(kept.height - 700)).toBeLessThan(8)
    const again = await openStudio('electron', { home: first.home })
    const found = await bounds(again)
    expect(Math.abs((found?.width ?? 0) - 1100) + Math.abs((found?.x ?? 0) - 90)).toBeLessThan(8)
    await again.close()

    writeFileSync(place, JSON.stringify({ ...kept, x: 99_000 }))
    const third = await openStudio('electron', { home: first.home })
    expect((await bounds(third))?.x).toBeLessThan(1000)
  })

  test('stays when the page’s process ends: the page is opened again', async () => {
    const studio = await openStudio('electron')
    const { electron } = studio
    await generateButton(studio).waitFor()
    const page = () =>
      electron?.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return { process: contents?.getOSProcessId(), usable: !contents?.isCrashed() && !contents?.isLoading() }
      })
    const before = (await page())?.process
    await electron?.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.forcefullyCrashRenderer(),
    )
    const another = async () => {
      const now = await page()
      return now?.usable === true && Boolean(now.process) && now.process !== before
    }
    await until(another, 10_000, 'the page is opened again')
    const button = await electron?.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(`new Promise(resolve => {
        const look = () => document.querySelector('[data-testid=generate]') ? resolve('there') : setTimeout(look, 50)
        look()
      })`),
    )
    expect(button).toBe('there')
  })

  test('a mistake in its own code goes to the log and takes nothing away', async () => {
    const studio = await openStudio('electron')
    await generateButton(studio).waitFor()
    await studio.electron?.evaluate(() => {
      setTimeout(() => {
        throw new Error('made by a test')
      })
    })
    const log = () => readFileSync(join(studio.home, 'logs', 'app.log'), 'utf8')
    await expect.poll(() => log().includes('made by a test')).toBe(true)
    await choose(studio, 'View', 'Gallery')
    await studio.page.getByRole('navigation', { name: 'Library' }).waitFor()
  })
})
