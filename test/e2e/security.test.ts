import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ElectronApplication } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attack } from './attacks.ts'
import { generate, generateButton, setNumber, write } from './hand.ts'
import { available, freshHome, modes, openChromium, openStudio, processOf, startBrowserMode } from './studio.ts'

/** Somebody got script into the page, or a page of their own in front of the engine. */

let bait: Server
let address: string
const visitors: string[] = []
beforeAll(async () => {
  bait = createServer((request, response) => {
    visitors.push(`${request.method} ${request.url}`)
    response.setHeader('access-control-allow-origin', '*').end('export {}')
  })
  await new Promise<void>(resolve => bait.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(bait.address() as AddressInfo).port}`
})
afterAll(() => bait.close())

const throughIn = (outcomes: Record<string, boolean>) => Object.keys(outcomes).filter(name => outcomes[name])
const say = (mode: string, blocked: number, attempted: number) =>
  console.log(`${mode}: ${blocked} of ${attempted} attempts blocked`)

/** The network sockets of a process, out of the kernel's own list: what listens, what is connected. What its parent has too was
 *  inherited (Electron closes nothing that it opened for the test's own connection). */
function networkSockets(pid: number, parent: number): string[] {
  const inodesOf = (process: number) => {
    const folder = `/proc/${process}/fd`
    const names = readdirSync(folder).map(fd => /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${fd}`))?.[1])
    return new Set(names.filter(name => name !== undefined))
  }
  const own = inodesOf(pid).difference(inodesOf(parent))
  const kinds = ['tcp', 'tcp6', 'udp', 'udp6']
  const rows = kinds.flatMap(kind => readFileSync(`/proc/net/${kind}`, 'utf8').split('\n').slice(1))
  return rows.filter(row => own.has(row.trim().split(/\s+/)[9] ?? ''))
}

function readLink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

describe.each(modes)('%s', mode => {
  test.skipIf(!available(mode))('script in the page reaches nothing', async () => {
    const { page } = await openStudio(mode)
    visitors.length = 0
    await page.getByTestId('dock').waitFor()
    const outcomes = await page.evaluate(attack, { server: address })
    const through = throughIn(outcomes)
    say(mode, Object.keys(outcomes).length - through.length, Object.keys(outcomes).length)
    expect(through).toEqual([])
    expect(visitors).toEqual([])
  })

  test.skipIf(!available(mode))('engine and worker have no network socket', async () => {
    const studio = await openStudio(mode)
    await write(studio, 'a cat')
    await setNumber(studio, 'steps', 2)
    await generate(studio)
    const parts = [processOf(studio, 'engine'), processOf(studio, 'worker')].filter(pid => pid !== undefined)
    expect(parts.length).toBe(2)
    expect(parts.flatMap(pid => networkSockets(pid, studio.pid))).toEqual([])
  })
})

describe.skipIf(!available('electron'))('electron', () => {
  /** Runs each script in a window of its own with the app's own preload, all at once; a navigation that is refused would leave
   *  the test's page waiting. @returns the answer and where the window is then; and how many windows there are too many */
  const inOwnWindows = (electron: ElectronApplication, url: string, scripts: string[]) =>
    electron.evaluate(
      async ({ BrowserWindow }, asked) => {
        const [studio] = BrowserWindow.getAllWindows()
        const { preload } = Reflect.get(studio?.webContents ?? {}, 'getLastWebPreferences').call(studio?.webContents)
        const webPreferences = { preload, sandbox: true, contextIsolation: true }
        const run = async (script: string) => {
          const window = new BrowserWindow({ show: false, webPreferences })
          await window.loadURL(asked.url)
          const failed = (error: Error) => `error: ${error.message}`
          const answer = await Promise.race([
            window.webContents.executeJavaScript(script, true).catch(failed),
            new Promise(resolve => setTimeout(() => resolve('no answer'), 1500)),
          ])
          await new Promise(resolve => setTimeout(resolve, 500))
          return { window, script, answer: String(answer), url: window.webContents.getURL() }
        }
        const ran = await Promise.all(asked.scripts.map(run))
        const surplus = BrowserWindow.getAllWindows().length - 1 - ran.length
        for (const { window } of ran) window.destroy()
        return { surplus, results: ran.map(({ script, answer, url: now }) => ({ script, answer, url: now })) }
      },
      { url, scripts },
    )

  test('the window runs in the sandbox, apart from Electron, with a wire, notices, menus, its scale, paths of dropped files and the system’s name', async () => {
    const { electron, page } = await openStudio('electron')
    await page.getByTestId('dock').waitFor()
    const preferences = await electron?.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return Reflect.get(contents ?? {}, 'getLastWebPreferences').call(contents)
    })
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      allowRunningInsecureContent: false,
      webviewTag: false,
      experimentalFeatures: false,
    })
    expect(await page.evaluate(() => Object.keys(Reflect.get(window, 'sfumato')).sort())).toEqual([
      'connect',
      'notify',
      'pathForFile',
      'platform',
      'scale',
      'setMenus',
    ])
    expect(await page.evaluate(() => [location.origin, window.isSecureContext])).toEqual(['studio://app', true])
  })

  test('the window goes nowhere and opens nothing; only known pages reach the system', async () => {
    const { electron, page } = await openStudio('electron')
    await page.getByTestId('dock').waitFor()
    if (electron === undefined) throw new Error('Electron is not there')
    await electron.evaluate(({ shell }) => {
      Reflect.set(globalThis, 'openedOutside', [])
      shell.openExternal = async url => void Reflect.get(globalThis, 'openedOutside').push(url)
    })
    const addresses = [
      `${address}/x`,
      'https://evil.example/',
      'https://huggingface.co.evil.example/',
      'file:///etc/passwd',
      'data:text/html,<h1>x</h1>',
      'javascript:document.write(1)',
      'smb://server/share',
      'ms-officecmd:x',
      'studio://other/',
      'chrome://gpu',
    ]
    const ways = (url: string) => [
      `location.href = ${JSON.stringify(url)}; 'tried'`,
      `location.replace(${JSON.stringify(url)}); 'tried'`,
      `String(window.open(${JSON.stringify(url)}))`,
      `{ const link = document.createElement('a'); link.href = ${JSON.stringify(url)}; link.target = '_blank'; document.body.append(link); link.click(); 'tried' }`,
      `{ const form = document.createElement('form'); form.action = ${JSON.stringify(url)}; document.body.append(form); form.submit(); 'tried' }`,
    ]
    visitors.length = 0
    const through: string[] = []
    // Two addresses at once: most of the time goes by in waiting.
    for (let k = 0; k < addresses.length; k += 2) {
      const urls = addresses.slice(k, k + 2)
      const { surplus, results } = await inOwnWindows(electron, 'studio://app/', urls.flatMap(ways))
      if (surplus > 0) through.push(`${surplus} windows for ${urls.join(' or ')}`)
      const opened = results.filter(({ script, answer }) => script.includes('window.open') && answer !== 'null')
      const left = results.filter(result => result.url !== 'studio://app/')
      through.push(...[...opened, ...left].map(result => JSON.stringify(result)))
    }
    const attempted = addresses.length * ways('').length
    say('electron, leaving the window', attempted - through.length, attempted)
    expect(through).toEqual([])
    expect(visitors).toEqual([])
    const outside = () => electron.evaluate(() => Reflect.get(globalThis, 'openedOutside'))
    expect(await outside()).toEqual([])
    await inOwnWindows(electron, 'studio://app/', ["String(window.open('https://huggingface.co/models'))"])
    expect(await outside()).toEqual(['https://huggingface.co/models'])
  })

  test('the scheme serves the page and pictures by hash, whatever the spelling', async () => {
    const { electron, page } = await openStudio('electron')
    await page.getByTestId('dock').waitFor()
    const dots = ['..', '%2e%2e', '%2E.', '%252e%252e', '%c0%ae%c0%ae', '....', '．．', '..;']
    const separators = ['/', '\\', '%2f', '%5c', '%255c', '%c0%af', '//']
    const targets = ['package.json', 'dist/main.cjs', 'etc/passwd', 'native-models/sticker-world/model_index.json']
    const spellings = [
      ...dots.flatMap(dot =>
        separators.flatMap(by => targets.map(target => `studio://app/${`${dot}${by}`.repeat(6)}${target}`)),
      ),
      ...targets.map(target => `studio://app/assets/../../../${target}`),
      ...targets.map(target => `studio://app/blob/..%2f..%2f${target}`),
      'studio://app//etc/passwd',
      'studio://app/C:/Windows/win.ini',
      'studio://app/file:///etc/passwd',
      'studio://app/index.html%00.png',
      'studio://other/index.html',
      'studio://app.evil/index.html',
      'studio://localhost/etc/passwd',
      ...['A1'.repeat(32), 'a1'.repeat(31), `${'a1'.repeat(32)}0`, 'zz'.repeat(32), ''].map(
        id => `studio://app/blob/${id}`,
      ),
    ]
    const statuses = await electron?.evaluate(async ({ net }, urls) => {
      const found: [string, number | string][] = []
      for (const url of urls) {
        const status = await net.fetch(url).then(
          response => response.status,
          (error: Error) => error.message,
        )
        found.push([url, status])
      }
      return found
    }, spellings)
    const served = (statuses ?? []).filter(([, status]) => status !== 403 && typeof status === 'number')
    say('electron, spellings of paths', spellings.length - served.length, spellings.length)
    expect(served).toEqual([])
    const asked = await page.evaluate(async unknown => {
      const status = async (path: string, method = 'GET') => (await fetch(path, { method })).status
      const methods = ['POST', 'PUT', 'DELETE'].map(method => status('/', method))
      return [await status('/'), await status(`/blob/${unknown}`), ...(await Promise.all(methods))]
    }, 'a1'.repeat(32))
    expect(asked).toEqual([200, 404, 403, 403, 403])
  })

  test('only the studio’s own page, in its own window, is joined to the engine', async () => {
    const { electron, page } = await openStudio('electron')
    await page.getByTestId('dock').waitFor()
    if (electron === undefined) throw new Error('Electron is not there')
    const script = `new Promise(resolve => {
      addEventListener('message', event => event.data?.type === 'sfumato:port' && resolve('joined'))
      window.sfumato.connect()
    })`
    for (const url of ['studio://app/', 'data:text/html,<h1>A page of its own</h1>', 'about:blank']) {
      // The studio's page in a second window asks by itself too, and hears nothing either.
      const { results } = await inOwnWindows(electron, url, [script])
      expect(results.map(({ answer }) => answer)).not.toContain('joined')
    }
    const ownPage = await page.evaluate(
      () =>
        new Promise(resolve => {
          window.addEventListener('message', event => event.data?.type === 'sfumato:port' && resolve('joined'))
          Reflect.get(window, 'sfumato').connect()
        }),
    )
    expect(ownPage).toBe('joined')
  })

  test('a second start of the app shows the window that is there', async () => {
    const studio = await openStudio('electron')
    await generateButton(studio).waitFor()
    await expect(openStudio('electron', { home: studio.home })).rejects.toThrow()
    expect(await studio.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
    await write(studio, 'still here')
  })
})

describe.skipIf(!available('browser'))('browser', () => {
  test('a browser without the token, and one that comes second with it, stay outside', async () => {
    const { server, address: studio, ended } = await startBrowserMode(freshHome())
    const browser = await openChromium()
    const opens = async (url: string) => {
      const context = await browser.newContext()
      const page = await context.newPage()
      await page.goto(url)
      const joined = await generateButton({ page } as Parameters<typeof generateButton>[0])
        .waitFor({ timeout: 2500 })
        .then(() => true)
        .catch(() => false)
      const shown = page.url()
      await context.close()
      return { joined, shown }
    }
    const bare = studio.replace(/#.*/, '')
    expect(await opens(bare)).toEqual({ joined: false, shown: bare })
    expect((await opens(`${bare}#token=${'0'.repeat(64)}`)).joined).toBe(false)
    expect(await opens(studio)).toEqual({ joined: true, shown: bare })
    expect((await opens(studio)).joined).toBe(false)
    await browser.close()
    server.kill('SIGTERM')
    expect(await ended).toBe(0)
  })
})
