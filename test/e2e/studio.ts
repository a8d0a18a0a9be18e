import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { _electron, type Browser, chromium, type ElectronApplication, type Page } from 'playwright-core'
import { afterEach } from 'vitest'

/** The app as a person has it: opened in a real Electron, or in a real Chromium on its loopback port. */

export type Mode = 'electron' | 'browser'
export const modes: readonly Mode[] = ['electron', 'browser']
/** Long flows, whose page is the same in both: `npm test` takes one window, `npm test -- e2e` both. */
export const modesOfLongFlows: readonly Mode[] = process.env.SFUMATO_BOTH_WINDOWS ? modes : ['browser']

/** Whether this machine can open that window; what cannot be tested was named when the run began. */
export const available = (mode: Mode): boolean =>
  Boolean(mode === 'electron' ? process.env.ELECTRON_OVERRIDE_DIST_PATH : process.env.SFUMATO_CHROMIUM)

export interface Studio {
  readonly mode: Mode
  readonly home: string
  readonly page: Page
  /** The process that a person would end: Electron's own, or browser mode's. */
  readonly pid: number
  readonly electron: ElectronApplication | undefined
  /** Browser mode's address. */
  readonly address: string | undefined
  /** Ends the app as a person does. */
  close(): Promise<void>
}

/** Chromium has no sandbox as root, and the test machines have no graphics card. */
const chromiumFlags = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu']

const homes: string[] = []
const opened: Studio[] = []
const servers: { server: ChildProcess; ended: Promise<unknown> }[] = []
const browsers: Browser[] = []

/** A folder for one test's library. */
export function freshHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'sfumato-e2e-'))
  homes.push(home)
  return home
}

afterEach(async () => {
  for (const studio of opened.splice(0)) await studio.close().catch(() => {})
  // What a test that failed half-way has left open.
  for (const browser of browsers.splice(0)) await browser.close().catch(() => {})
  for (const { server, ended } of servers.splice(0)) {
    server.kill('SIGTERM')
    await ended
  }
  for (const home of homes.splice(0)) rmSync(home, { recursive: true, force: true, maxRetries: 5 })
})

/** Opens the studio; every test that opens one finds it closed afterwards. */
export async function openStudio(mode: Mode, { home = freshHome() } = {}): Promise<Studio> {
  const studio = mode === 'electron' ? await openInElectron(home) : await openInBrowser(home)
  opened.push(studio)
  return studio
}

export const environment = (home: string) => {
  const { NODE_OPTIONS: _, VITEST: __, ...rest } = process.env
  const defined = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { ...Object.fromEntries(defined), SFUMATO_HOME: home }
}

async function openInElectron(home: string): Promise<Studio> {
  // No executablePath: only then does Playwright hold Electron back until it listens.
  const electron = await _electron.launch({ args: [...chromiumFlags, '.'], env: environment(home), timeout: 60_000 })
  const page = await electron.firstWindow()
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= electron.close()
    return closing
  }
  return { mode: 'electron', home, page, pid: electron.process().pid ?? -1, electron, address: undefined, close }
}

/** Browser mode's process, and the address that it prints. It is ended after the test at the latest. */
export async function startBrowserMode(home: string) {
  const server = spawn(process.execPath, ['dist/browser.cjs', '--no-open'], {
    env: environment(home),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>(resolve => server.once('exit', resolve))
  servers.push({ server, ended })
  server.stderr.setEncoding('utf8').on('data', text => console.error(text))
  const address = await new Promise<string>((resolve, reject) => {
    void ended.then(code => reject(new Error(`browser mode ended with ${code} before it had an address`)))
    createInterface({ input: server.stdout }).on('line', line => {
      const found = /http:\/\/\S+/.exec(line)?.[0]
      if (found !== undefined) resolve(found)
    })
  })
  return { server, address, ended }
}

async function openInBrowser(home: string): Promise<Studio> {
  const { server, address, ended } = await startBrowserMode(home)
  const browser = await openChromium()
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  await page.goto(address)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await browser.close()
      server.kill('SIGTERM')
      await ended
    })()
    return closing
  }
  return { mode: 'browser', home, page, pid: server.pid ?? -1, electron: undefined, address, close }
}

/** A Chromium without a window; it is closed after the test at the latest. */
export async function openChromium(): Promise<Browser> {
  const browser = await chromium.launch({ executablePath: process.env.SFUMATO_CHROMIUM ?? '', args: chromiumFlags })
  browsers.push(browser)
  return browser
}

/** Keeps a picture of the window among the run's artefacts. */
export async function screenshot(studio: Studio, name: string): Promise<void> {
  await studio.page.screenshot({ path: resolve('artifacts', `${name}-${studio.mode}.png`) })
}

// ---- Processes (Linux) -------------------------------------------------------------------------------------------

interface Running {
  readonly pid: number
  readonly parent: number
  readonly command: string
}

/** Everything that runs on this machine. */
function running(): Running[] {
  const found: Running[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const parent = Number(
        readFileSync(`/proc/${name}/stat`, 'utf8')
          .replace(/^.*\) \S+ /, '')
          .split(' ')[0],
      )
      found.push({ pid: Number(name), parent, command })
    } catch {
      // Gone since the folder was listed.
    }
  }
  return found
}

/** The processes below one, at any depth. */
export function descendants(pid: number): Running[] {
  const all = running()
  const below = (parent: number): Running[] =>
    all.filter(one => one.parent === parent).flatMap(one => [one, ...below(one.pid)])
  return below(pid)
}

/** The engine's or the worker's process id; undefined while it does not run. */
export function processOf(studio: Studio, part: 'engine' | 'worker'): number | undefined {
  return descendants(studio.pid).find(({ command }) => command.includes(`${part}.cjs`))?.pid
}

export const isRunning = (pid: number): boolean => running().some(one => one.pid === pid)

/** Waits until something holds. @returns the milliseconds that it took */
export async function until(holds: () => boolean | Promise<boolean>, patience: number, what: string): Promise<number> {
  const start = performance.now()
  while (!(await holds())) {
    if (performance.now() - start > patience) throw new Error(`${what}: not within ${patience} ms`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return performance.now() - start
}
