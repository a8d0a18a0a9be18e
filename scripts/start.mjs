// `npm start`: opens the studio from a checkout, in Electron or, where that cannot be, in the browser.
// Plain JavaScript, because it may be run by a Node that does not know TypeScript.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const flags = process.argv.slice(2)
let leaving = false

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}

if (!existsSync(`${root}node_modules/electron`)) stop('The parts of Sfumato are not here yet. Run "npm ci" first.')
if (Number.parseInt(process.versions.node, 10) < 22) {
  stop(
    `Sfumato starts with the Node that it brings along, not with ${process.version}. Run "npm ci", then "npm start".`,
  )
}
const { build } = await import('./build.mjs')
const { fetchElectron, installedElectron } = await import('./electron.mjs')

await build()
const hindrance = flags.includes('--browser') ? 'as asked' : await hindranceToElectron()
if (hindrance === undefined) await runElectron()
else await runBrowser(hindrance)

/** Makes sure that Electron is there.
 * @returns {Promise<string | undefined>} why it cannot be used here */
async function hindranceToElectron() {
  const { platform, env } = process
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return 'there is no screen here'
  if (installedElectron()) return undefined
  console.log(
    "Sfumato's window is Electron's; its program (about 120 MB) is not here yet and is fetched now, this once.",
  )
  const failure = await fetchElectron()
  return failure && `Electron could not be fetched (${failure})`
}

async function runElectron() {
  const parameters = [root, ...flags]
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    console.log('Running as root: Chromium then has no sandbox (--no-sandbox). A person of their own is safer.')
    parameters.unshift('--no-sandbox')
  }
  const started = performance.now()
  const { code, signal } = await run(String(installedElectron()), parameters)
  // A window that a person closed ends with 0. One that never came ends at once: no screen, no sandbox, a library missing.
  if (code !== 0 && !leaving && performance.now() - started < 10_000)
    await runBrowser(`Electron ended at once (${signal ?? code})`)
  else process.exitCode = code ?? 1
}

/** @param {string} hindrance */
async function runBrowser(hindrance) {
  console.log(`Sfumato opens in the browser: ${hindrance}.`)
  const { code } = await run(process.execPath, [`${root}dist/browser.cjs`, ...flags])
  process.exitCode = code ?? 1
}

/** Runs a program to its end; what ends this one ends it too.
 * @param {string} program @param {string[]} parameters
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>} */
function run(program, parameters) {
  const child = spawn(program, parameters, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  /** @param {NodeJS.Signals} signal */
  const pass = signal => {
    leaving = true
    child.kill(signal)
  }
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  return new Promise(resolve => {
    child.on('error', () => resolve({ code: 1, signal: null }))
    child.on('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass)
      resolve({ code, signal })
    })
  })
}
