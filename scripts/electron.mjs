// Where Electron is, and fetching it. `require('electron')` would download without being asked, so files are looked at instead.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const electronPackage = fileURLToPath(new URL('../node_modules/electron', import.meta.url))

/** The name of Electron's program inside its folder. */
const program =
  { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[String(process.platform)] ?? 'electron'

/** The program of an Electron that is there, else undefined: in the folder that ELECTRON_OVERRIDE_DIST_PATH names, or the package's own.
 * @param {string | undefined} other @returns {string | undefined} */
export function installedElectron(other = process.env.ELECTRON_OVERRIDE_DIST_PATH) {
  const name = join(electronPackage, 'path.txt')
  const path = other
    ? join(other, program)
    : existsSync(name) && join(electronPackage, 'dist', readFileSync(name, 'utf8'))
  return path && existsSync(path) ? path : undefined
}

/** The folder with the whole of an Electron that is there, as Playwright and electron-builder want it.
 * @returns {string | undefined} */
export function electronFolder() {
  return installedElectron()?.slice(0, -(program.length + 1))
}

/** Bytes in a folder that another process fills.
 * @param {string} folder @returns {number} */
function bytesIn(folder) {
  let bytes = 0
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

/** Fetches Electron's own program by its package's `install-electron`, with a line that tells how far it is.
 * @param {object} options
 * @param {number} [options.patience] seconds without a new byte after which it is given up
 * @returns {Promise<string | undefined>} why it failed; undefined when Electron is there */
export async function fetchElectron({ patience = 30 } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-electron-'))
  const environment = { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder, ELECTRON_GET_NO_PROGRESS: '1' }
  const script = join(electronPackage, 'install.js')
  const installer = spawn(process.execPath, [script], { env: environment, stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  installer.stderr.setEncoding('utf8').on('data', text => {
    complaint += text
  })
  let bytes = 0
  let silent = 0
  let givenUp = false
  const watch = setInterval(() => {
    const now = bytesIn(folder)
    silent = now === bytes ? silent + 0.5 : 0
    bytes = now
    progressLine(`Fetching Electron: ${(bytes / 2 ** 20).toFixed(0)} MB`)
    if (silent < patience) return
    givenUp = true
    installer.kill('SIGKILL')
  }, 500)
  const code = await new Promise(resolve => {
    installer.on('error', () => resolve(1)).on('close', resolve)
  })
  clearInterval(watch)
  progressLine('')
  rmSync(folder, { recursive: true, force: true })
  if (code === 0 && installedElectron()) return undefined
  if (givenUp) return `nothing came for ${patience} seconds`
  return reason(complaint)
}

/** One line that is written over; where the output is no terminal, nothing (a log would fill with it).
 * @param {string} text */
function progressLine(text) {
  if (process.stdout.isTTY) process.stdout.write(`\r\x1b[K${text}`)
}

/** What an error's printed stack says, in a few words: the innermost cause's message.
 * @param {string} complaint @returns {string} */
function reason(complaint) {
  const messages = [...complaint.matchAll(/(?:^|cause\]: )(?:\w*Error): (.+?)\s*$/gm)]
  const message = messages.at(-1)?.[1] ?? 'it could not be installed'
  return message === 'fetch failed' ? 'its server cannot be reached' : message
}
