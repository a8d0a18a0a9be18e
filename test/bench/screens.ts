/** `npm run screens`: pictures of every screen for docs/screens, from the built app on the embedded model, in Chromium. Built first: npm run build.
 *  Some alone: `-- --only results,teach`; other looks of each: `-- --views dark,light,german,large`, or `all`; `-- --list` names both.
 *  A library that is kept from one run to the next: `-- --home FOLDER`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startBrowserMode } from './browser-mode.ts'
import { panelScenes } from './screens/panels.ts'
import { roomScenes } from './screens/rooms.ts'
import { isViewName, openBrowser, openLooks, openStage, viewNames } from './screens/stage.ts'
import { studioScenes } from './screens/studio.ts'

const scenes = { ...studioScenes, ...panelScenes, ...roomScenes }
const { values } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(scenes).join(',') },
    views: { type: 'string', default: '' },
    folder: { type: 'string', default: 'docs/screens' },
    home: { type: 'string' },
    list: { type: 'boolean', default: false },
  },
})

/** Makes the scenes that are asked for, each in a page of its own. @returns the names of those that stopped half-way */
async function make(home: string): Promise<string[]> {
  const named = values.views === 'all' ? viewNames : values.views.split(',').filter(isViewName)
  const views = named.length > 0 ? named : (['dark', 'light'] as const)
  const { address, close } = await startBrowserMode(home)
  const browser = await openBrowser()
  const stopped: string[] = []
  try {
    const looks = await openLooks(browser, address)
    for (const [name, make] of Object.entries(scenes).filter(([name]) => values.only.split(',').includes(name))) {
      const page = await looks.context().newPage()
      try {
        const asked = { address, home, folder: values.folder, views, isAll: named.length > 0 }
        await make(await openStage(page, looks, asked))
      } catch (error) {
        stopped.push(name)
        console.error(`${name}: ${error instanceof Error ? error.message : error}`)
        await page.screenshot({ path: join(tmpdir(), `sfumato-screens-${name}.png`) }).catch(() => {})
      }
      await page.close()
    }
  } finally {
    await browser.close()
    await close()
  }
  return stopped
}

if (values.list) {
  console.log(`Screens: ${Object.keys(scenes).join(', ')}\nViews: ${viewNames.join(', ')}`)
} else {
  const home = values.home ?? mkdtempSync(join(tmpdir(), 'sfumato-screens-'))
  const stopped = await make(home)
  if (values.home === undefined) rmSync(home, { recursive: true, force: true })
  if (stopped.length > 0) {
    console.error(`Stopped half-way: ${stopped.join(', ')}`)
    process.exitCode = 1
  }
}
