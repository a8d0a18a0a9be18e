/** `npm run bench:canvas`: what painting costs. A stroke of ten seconds in a document of 4096 x 4096 pixels and ten layers, in a window
 *  of 1280 x 720, traced by Chromium; the same hand over an empty page in the same run tells what the machine itself takes. Then 500
 *  strokes, each second one taken back, and the memory that they leave. Prints a table, writes JSON (`--json FILE`). */
import { execFileSync, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { type BrowserServer, chromium, type Page } from 'playwright-core'
import { memoryOf } from './memory.ts'
import { servePages } from './serve-page.ts'
import { type Figures, figuresOf, readTrace } from './trace.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    side: { type: 'string', default: '4096' },
    layers: { type: 'string', default: '10' },
    strokes: { type: 'string', default: '500' },
    size: { type: 'string', default: '200' },
    chromium: { type: 'string', default: process.env.SFUMATO_CHROMIUM ?? '/usr/bin/chromium' },
    json: { type: 'string', default: 'artifacts/bench-canvas.json' },
  },
})
const [seconds, side, layers, strokes, size] = [
  values.seconds,
  values.side,
  values.layers,
  values.strokes,
  values.size,
].map(Number)
const window = { width: 1280, height: 720 }
/** Milliseconds between two events of the hand: a mouse of 125 Hz. */
const EVENT = 8

const work = mkdtempSync(join(tmpdir(), 'sfumato-bench-canvas-'))

interface Area {
  readonly x: number
  readonly y: number
  readonly width: number
  readonly height: number
}

const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))

/** Where the hand is after a time: loops over the whole area, as quick as a hand that shades. */
const handAt = ({ x, y, width, height }: Area, milliseconds: number) => ({
  x: x + width * (0.5 + 0.42 * Math.sin(milliseconds / 310)),
  y: y + height * (0.5 + 0.42 * Math.sin(milliseconds / 1170 + 1)),
})

/** Moves the pressed hand for some time, an event each 8 ms. */
async function stroke(page: Page, area: Area, milliseconds: number): Promise<void> {
  const client = await page.context().newCDPSession(page)
  const send = (type: 'mousePressed' | 'mouseMoved' | 'mouseReleased', at: number) =>
    client.send('Input.dispatchMouseEvent', { type, ...handAt(area, at), button: 'left', buttons: 1, clickCount: 1 })
  await send('mousePressed', 0)
  const start = performance.now()
  const sent: Promise<unknown>[] = []
  for (let now = 0; now < milliseconds; now = performance.now() - start) {
    sent.push(send('mouseMoved', now))
    await sleep(EVENT)
  }
  await Promise.all(sent)
  await send('mouseReleased', milliseconds)
  await client.detach()
}

const CATEGORIES = [
  'toplevel',
  'devtools.timeline',
  'disabled-by-default-devtools.timeline',
  'input',
  'benchmark',
  'latencyInfo',
  'blink.user_timing',
  'cc',
  'viz',
]

async function traced(page: Page, area: Area, milliseconds: number): Promise<Figures> {
  const browser = page.context().browser()
  if (browser === null) throw new Error('There is no browser to trace.')
  await stroke(page, area, 500)
  await sleep(1000)
  await browser.startTracing(page, { categories: CATEGORIES })
  await page.evaluate(() => performance.mark('stroke-begins'))
  await stroke(page, area, milliseconds)
  await page.evaluate(() => performance.mark('stroke-ends'))
  const trace = await browser.stopTracing()
  if (process.env.KEEP_TRACE) writeFileSync(process.env.KEEP_TRACE, trace)
  return figuresOf(readTrace(trace.toString('utf8')))
}

interface Bench {
  make(side: number, count: number): Promise<void>
  settled(): Promise<void>
  fineBytes(): number
  isSharp(): boolean
  isSaved(): boolean
}
const bench = (): Bench => Reflect.get(globalThis, 'bench')

async function openBench(page: Page, address: string): Promise<Area> {
  await page.goto(`${address}/bench.html`)
  await page.getByTestId('generate').waitFor()
  await page.evaluate(`(${bench}) && bench.make(${side}, ${layers})`)
  await page.getByTestId('tool-brush').click()
  const field = page.getByTestId('field-brush-size')
  await field.getByRole('slider').press('Enter')
  await field.getByRole('textbox').fill(String(size))
  await field.getByRole('textbox').press('Enter')
  await sleep(3000)
  const box = await page.getByTestId('frame').boundingBox()
  if (box === null) throw new Error('The frame is not there.')
  return box
}

interface Resting {
  /** Bytes of fine pixels that the page holds of all layers, and what its processes hold together. */
  readonly fine: number
  readonly browser: number
  /** Milliseconds from a key that shows the picture at 100 % until all of it is sharp. */
  readonly sharpAfter: number
}

/** Waits until the page says yes. */
async function until(page: Page, what: 'isSaved' | 'isSharp'): Promise<void> {
  while (!(await page.evaluate<boolean>(`(${bench})().${what}()`))) await sleep(5)
}

/** What full layers take that are not looked at closely, and how soon they are there when they are. */
async function resting(server: BrowserServer, page: Page): Promise<Resting> {
  await until(page, 'isSaved')
  // What was used a moment ago stays for a moment.
  await sleep(5000)
  const fine = await page.evaluate<number>(`(${bench})().fineBytes()`)
  const browser = memoryOf(server.process().pid ?? 0)?.anonymous ?? 0
  await page.getByTestId('canvas').focus()
  const start = performance.now()
  await page.keyboard.press('Shift+0')
  await page.getByText('100 %', { exact: true }).first().waitFor()
  await until(page, 'isSharp')
  return { fine, browser, sharpAfter: performance.now() - start }
}

/** Memory of the browser's processes after so many strokes in the app itself, each second one taken back; bytes. The engine keeps the
 *  journal: what the page holds must not grow with it. */
async function memoryOverStrokes(server: BrowserServer, page: Page): Promise<{ after: number; bytes: number }[]> {
  const found: { after: number; bytes: number }[] = []
  const area = await openApp(page)
  for (let count = 0; count <= (strokes ?? 0); count++) {
    if (count % 100 === 0 || count === strokes) {
      if (count > 0)
        await page
          .getByTestId('document')
          .filter({ hasText: /Saved$/ })
          .waitFor()
      const client = await page.context().newCDPSession(page)
      await client.send('HeapProfiler.collectGarbage')
      await client.detach()
      await sleep(1000)
      found.push({ after: count, bytes: memoryOf(server.process().pid ?? 0)?.anonymous ?? 0 })
    }
    const at = (k: number) => handAt(area, count * 700 + k * 40)
    await page.mouse.move(at(0).x, at(0).y)
    await page.mouse.down()
    for (let k = 1; k < 6; k++) await page.mouse.move(at(k).x, at(k).y)
    await page.mouse.up()
    if (count % 2 === 1) await page.keyboard.press('Control+z')
  }
  return found
}

/** The app in browser mode, with an empty library and a frame of 1024 x 1024; ended by `ends`. */
async function openApp(page: Page): Promise<Area> {
  const root = join(import.meta.dirname, '../..')
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' })
  const app = spawn(process.execPath, ['dist/browser.cjs', '--no-open'], {
    cwd: root,
    env: { ...process.env, SFUMATO_HOME: mkdtempSync(join(work, 'home-')) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ends.push(() => app.kill('SIGTERM'))
  const address = await new Promise<string>(resolve => {
    createInterface({ input: app.stdout }).on('line', line => {
      const found = /http:\/\/\S+/.exec(line)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  await page.goto(address)
  await page.getByTestId('rail-settings').click()
  for (const name of ['width', 'height']) {
    const field = page.getByTestId(`field-${name}`)
    await field.getByRole('slider').press('Enter')
    await field.getByRole('textbox').fill('1024')
    await field.getByRole('textbox').press('Enter')
  }
  await page.getByTestId('tool-brush').click()
  await sleep(1000)
  const box = await page.getByTestId('frame').boundingBox()
  if (box === null) throw new Error('The frame is not there.')
  return box
}

const ends: (() => void)[] = []
const { address, close } = await servePages(['bench', 'blank'])
const browserServer = await chromium.launchServer({
  executablePath: values.chromium,
  args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu'],
})
const browser = await chromium.connect(browserServer.wsEndpoint())
try {
  const blank = await browser.newPage({ viewport: window })
  await blank.goto(`${address}/blank.html`)
  const empty = await traced(blank, { x: 300, y: 100, width: 500, height: 500 }, (seconds ?? 10) * 1000)
  await blank.close()
  const page = await browser.newPage({ viewport: window })
  page.on('pageerror', error => console.error(error))
  const area = await openBench(page, address)
  const painting = await traced(page, area, (seconds ?? 10) * 1000)
  await page.screenshot({ path: join(work, 'painted.png') })
  const rested = await resting(browserServer, page)
  await page.close()
  print({ empty, painting, rested, memory: [] })
  const memory =
    strokes === 0 ? [] : await memoryOverStrokes(browserServer, await browser.newPage({ viewport: window }))
  const result = { seconds, side, layers, size, window, empty, painting, rested, memory }
  print(result)
  mkdirSync(dirname(values.json), { recursive: true })
  writeFileSync(values.json, `${JSON.stringify(result, null, 2)}\n`)
  if (process.env.KEEP_PICTURE) writeFileSync(process.env.KEEP_PICTURE, readFileSync(join(work, 'painted.png')))
} finally {
  await browser.close()
  await browserServer.close()
  close()
  for (const end of ends) end()
  rmSync(work, { recursive: true, force: true })
}

function print({
  empty,
  painting,
  rested,
  memory,
}: {
  empty: Figures
  painting: Figures
  rested: Resting
  memory: { after: number; bytes: number }[]
}): void {
  const row = (name: string, of: (figures: Figures) => number | undefined, bound?: string) =>
    console.log(
      [
        name.padEnd(44),
        ...[painting, empty].map(each => of(each)?.toFixed(1).padStart(9) ?? '        -'),
        bound ?? '',
      ].join(' '),
    )
  console.log(`${'milliseconds'.padEnd(44)}  painting  nothing`)
  row('main thread, work of a frame, median', each => each.work.median)
  row('main thread, work of a frame, p95', each => each.work.p95, 'under 8')
  row('main thread, work of a frame, longest', each => each.work.longest)
  row('the same by the clock, median', each => each.clock.median)
  row('the same by the clock, p95', each => each.clock.p95)
  row('the same by the clock, longest', each => each.clock.longest, 'at most 50')
  row('event to screen, median', each => each.latency?.median)
  row('event to screen, p95', each => each.latency?.p95, 'at most 34')
  row('time between frames, p95', each => each.interval.p95)
  row('time between frames, longest', each => each.interval.longest)
  row('frames', each => each.frames)
  const mebibytes = (bytes: number) => `${(bytes / 2 ** 20).toFixed(0)} MiB`
  console.log(
    `fine pixels in memory after a rest: ${mebibytes(rested.fine)}; the browser holds ${mebibytes(rested.browser)}`,
  )
  console.log(`sharp at 100 % after ${rested.sharpAfter.toFixed(0)} ms`)
  for (const { after, bytes } of memory)
    console.log(`memory after ${String(after).padStart(3)} strokes: ${mebibytes(bytes)}`)
}
