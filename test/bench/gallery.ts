/** `npm run bench:gallery`: a library of 100,000 pictures. Fills one (a few small pictures under many hashes, looked at by a network that never was),
 *  prints how long a page of the list takes with each kind of search, then scrolls the page's grid through it in Chromium and prints what the frames cost. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { chromium, type Page } from 'playwright-core'
import { findImages } from '../../app/library/features/find-images.ts'
import { openLibrary } from '../../app/library/library.ts'
import type { ImageQuery } from '../../app/library/records.ts'
import { labOf } from '../../app/tensor/oklab.ts'
import { startBrowserMode } from './browser-mode.ts'
import { hashOf, makeLargeLibrary } from './large-library.ts'
import { figuresOf, readTrace } from './trace.ts'

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '10' },
    chromium: { type: 'string', default: process.env.SFUMATO_CHROMIUM ?? '/usr/bin/chromium' },
  },
})
const [pictures = 0, seconds = 0] = [values.pictures, values.seconds].map(Number)
const CATEGORIES = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline', 'blink.user_timing', 'cc']
const home = mkdtempSync(join(tmpdir(), 'sfumato-bench-gallery-'))

const milliseconds = async (work: () => unknown): Promise<number> => {
  const start = performance.now()
  await work()
  return performance.now() - start
}
const quickestOfThree = async (work: () => unknown) =>
  Math.min(await milliseconds(work), await milliseconds(work), await milliseconds(work))

/** What a network of 256 numbers might have seen. */
const seen = () => {
  const numbers = Float32Array.from({ length: 256 }, () => Math.random() - 0.5)
  const length = Math.hypot(...numbers)
  const byte = () => Math.floor(Math.random() * 256)
  return {
    colours: [0.5, 0.3, 0.2].map(share => ({ colour: labOf(byte(), byte(), byte()), share })),
    embedding: numbers.map(value => value / length),
  }
}
const row = (name: string, value: number) => console.log(`${name.padEnd(44)} ${value.toFixed(1).padStart(9)} ms`)

async function fillAndAsk(): Promise<void> {
  await makeLargeLibrary(home, pictures)
  const library = openLibrary({ home, keepsQueue: true })
  try {
    const now = Date.now()
    for (let from = 1; from <= pictures; from += 5000) {
      library.transaction(() => {
        for (let k = from; k < Math.min(pictures + 1, from + 5000); k++)
          library.features.keep(hashOf(k), 'bench', seen())
      })
    }
    const month = new Date(now - 20 * 86_400_000).toISOString().slice(0, 7)
    const asked: readonly (readonly [string, ImageQuery])[] = [
      ['a page of all', {}],
      ['... of the 50,000th on', { cursor: `${now - (pictures / 2) * 60_000}.${pictures / 2}` }],
      ['... of one word', { search: 'fox' }],
      ['... of a word and a number', { search: 'fox 4120' }],
      ['... of a model', { search: 'model:Inkwash' }],
      ['... of a rating', { search: 'rating:4' }],
      ['... of a tag', { search: 'tag:night' }],
      ['... of a month', { search: `date:${month}` }],
      ['... of a seed', { search: 'seed:4711' }],
    ]
    for (const [name, query] of asked) {
      row(name, await quickestOfThree(() => library.images.list(query)))
    }
    const id = library.images.list({ limit: 1 }).images[0]?.id ?? ''
    const ranked = (search: string) => () => findImages(library.images, library.features, { search })
    row('... like a picture, the first time', await milliseconds(ranked(`similar:${id}`)))
    row('... like a picture', await quickestOfThree(ranked(`similar:${id}`)))
    row('... of a colour', await quickestOfThree(ranked('colour:#3f7fd0')))
    row('... of a colour and a word', await quickestOfThree(ranked('colour:#3f7fd0 fox')))
    row('the counts at the left', await quickestOfThree(() => library.facets()))
    row('a family', await milliseconds(() => library.lineage.around(id)))
  } finally {
    library.close()
  }
}

/** Turns the wheel over the grid for some time, as quick as a finger. */
async function scroll(page: Page, time: number): Promise<void> {
  const box = await page.getByTestId('grid').boundingBox()
  if (box === null) throw new Error('The grid is not there.')
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2)
  const start = performance.now()
  while (performance.now() - start < time) {
    await page.mouse.wheel(0, 400)
    await new Promise(resolve => setTimeout(resolve, 16))
  }
}

async function scrolled(): Promise<void> {
  const { address, close } = await startBrowserMode(home)
  const root = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const browser = await chromium.launch({ executablePath: values.chromium, args: [...root, '--disable-gpu'] })
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
    await page.goto(address)
    await page.keyboard.press('Alt+2')
    await page.getByTestId('picture').first().waitFor()
    await scroll(page, 1000)
    await browser.startTracing(page, { categories: CATEGORIES })
    // The marks that the figures are taken between.
    await page.evaluate(() => performance.mark('stroke-begins'))
    await scroll(page, seconds * 1000)
    await page.evaluate(() => performance.mark('stroke-ends'))
    const figures = figuresOf(readTrace((await browser.stopTracing()).toString('utf8')))
    row('main thread, work of a frame, median', figures.work.median)
    row('main thread, work of a frame, p95', figures.work.p95)
    row('main thread, work of a frame, longest', figures.work.longest)
    row('between two frames, p95', figures.interval.p95)
    row('between two frames, longest', figures.interval.longest)
    const label = await page.getByTestId('grid').getAttribute('aria-label')
    console.log(`${figures.frames} frames; ${label}; ${await page.getByTestId('picture').count()} of them in the page`)
  } finally {
    await browser.close()
    await close()
  }
}

try {
  await fillAndAsk()
  await scrolled()
} finally {
  rmSync(home, { recursive: true, force: true })
}
