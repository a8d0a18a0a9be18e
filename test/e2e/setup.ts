import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { electronFolder } from '../../scripts/electron.mjs'
import { ensureElectronRuntime } from './electron-runtime.ts'

/** What the windows of the tests need: the built app, an Electron, a Chromium, a screen. What is missing is left out of the run
 *  and named; with CI=true it is an error. The tests read the environment that this sets. */

const chromiums = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A screen that nobody sees, where this machine has none. */
async function openScreen(): Promise<ChildProcess | undefined> {
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined
  const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1440x900x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const number = await new Promise<string>((resolve, reject) => {
    screen.on('error', () => reject(new Error('Xvfb, a screen for tests, is not installed.')))
    screen.on('exit', () => reject(new Error('Xvfb ended before it had a screen.')))
    screen.stdio[3]?.once('data', data => resolve(String(data).trim()))
  })
  process.env.DISPLAY = `:${number}`
  return screen
}

async function findElectron(): Promise<string> {
  return electronFolder() ?? (await ensureElectronRuntime()).dist
}

export default async function setup(): Promise<() => void> {
  const missing: string[] = []
  const note = (part: string) => (error: Error) => {
    missing.push(`${part}: ${error.message}`)
    return undefined
  }
  // In a process of its own: a test runner's environment is not that of a build.
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
  mkdirSync('artifacts', { recursive: true })
  const screen = await openScreen().catch(note('Electron'))
  if (process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY) {
    process.env.ELECTRON_OVERRIDE_DIST_PATH = (await findElectron().catch(note('Electron'))) ?? ''
  }
  process.env.SFUMATO_CHROMIUM ??= chromiums.find(existsSync) ?? ''
  if (process.env.SFUMATO_CHROMIUM === '') missing.push('Chromium: not installed')
  if (missing.length > 0 && process.env.CI === 'true') throw new Error(`The e2e tests lack ${missing.join('; ')}`)
  for (const part of missing) console.log(`left out: e2e in ${part}`)
  return () => void screen?.kill()
}
