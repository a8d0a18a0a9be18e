import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { installedElectron } from '../../scripts/electron.mjs'
import { available, descendants, environment, freshHome, isRunning, until } from './studio.ts'

/** `npm start`, as a person types it: Electron where it can be, else the browser, with one line that says why. */

const started: ChildProcess[] = []
afterEach(() => {
  for (const { pid } of started.splice(0)) {
    for (const one of pid === undefined ? [] : [...descendants(pid).map(child => child.pid), pid]) {
      if (isRunning(one)) process.kill(one, 'SIGKILL')
    }
  }
})

function start(flags: string[], changes: Record<string, string | undefined>) {
  const defined = Object.entries({ ...environment(freshHome()), ...changes }).filter(([, value]) => value !== undefined)
  const child = spawn(process.execPath, ['scripts/start.mjs', ...flags], {
    env: Object.fromEntries(defined),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.push(child)
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', piece => (text += piece))
  const ended = new Promise<number | null>(resolve => child.once('exit', resolve))
  const says = (words: RegExp) => until(() => words.test(text), 20_000, `"${words}" is said`)
  return { pid: child.pid ?? -1, says, text: () => text, stop: () => child.kill('SIGTERM'), ended }
}

/** Ends it as Ctrl+C does, and looks for what stays behind. */
async function stops({ pid, stop, ended }: ReturnType<typeof start>): Promise<void> {
  const children = descendants(pid).map(child => child.pid)
  expect(children.length).toBeGreaterThan(1)
  stop()
  expect(await ended).toBe(0)
  await until(() => children.every(child => !isRunning(child)), 3000, 'nothing is left')
}

const noScreen = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined }

test('opens in the browser when that is asked for', async () => {
  const studio = start(['--browser', '--no-open'], {})
  await studio.says(/opens in the browser: as asked\.\n.*http:\/\/127\.0\.0\.1:\d+\/#token=/)
  await until(
    () => descendants(studio.pid).some(({ command }) => command.includes('engine.cjs')),
    5000,
    'the engine runs',
  )
  await stops(studio)
})

test.skipIf(process.platform !== 'linux')('opens in the browser where there is no screen', async () => {
  const studio = start(['--no-open'], noScreen)
  await studio.says(/opens in the browser: there is no screen here\.\n.*http:\/\/127\.0\.0\.1:\d+\/#token=/)
})

describe.skipIf(!process.env.DISPLAY)('with a screen', () => {
  test.skipIf(!available('electron'))('opens in the Electron that is there', async () => {
    const studio = start(['--disable-gpu'], {})
    await until(
      () => descendants(studio.pid).some(({ command }) => /type=renderer/.test(command)),
      20_000,
      'the page runs',
    )
    await until(
      () => descendants(studio.pid).some(({ command }) => command.includes('engine.cjs')),
      5000,
      'the engine runs',
    )
    expect(studio.text()).not.toContain('browser')
    if (process.getuid?.() === 0) expect(studio.text()).toContain('--no-sandbox')
    await stops(studio)
  })

  test('opens in the browser where Electron cannot start', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sfumato-broken-electron-'))
    writeFileSync(join(folder, 'electron'), '#!/bin/sh\nexit 3\n')
    chmodSync(join(folder, 'electron'), 0o755)
    const studio = start(['--no-open'], { ELECTRON_OVERRIDE_DIST_PATH: folder })
    await studio.says(/opens in the browser: Electron ended at once \(3\)\.\n.*http:\/\/127\.0\.0\.1/)
  })

  test.skipIf(installedElectron('') !== undefined)(
    'opens in the browser where Electron is not here and cannot be fetched',
    async () => {
      const studio = start(['--no-open'], {
        ELECTRON_OVERRIDE_DIST_PATH: undefined,
        ELECTRON_MIRROR: 'http://127.0.0.1:9/',
      })
      await studio.says(/is not here yet and is fetched now/)
      await studio.says(/Electron could not be fetched \(its server cannot be reached\)\.\n.*http:\/\/127\.0\.0\.1/)
    },
  )
})
