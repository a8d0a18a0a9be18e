import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Problem } from '../app/problem.ts'
import { startEngine } from './engine-process.ts'
import { homeFolder } from './home.ts'
import { logTo } from './log-file.ts'
import { serveLoopback } from './loopback.ts'
import { nodeBinary, unpacked } from './node-binary.ts'

/** Browser mode's process: starts the engine as the desktop app does, serves it on a loopback port, opens the browser.
 *  `--no-open` only prints the address. */

/** Hands an address to the person's own browser; a machine without one, or without a screen, just has the printed address. */
function openBrowser(address: string): void {
  const { platform, env } = process
  if (platform === 'linux' && !env.DISPLAY && !env.WAYLAND_DISPLAY) return
  const [command, ...parameters] =
    platform === 'win32'
      ? ['rundll32', 'url.dll,FileProtocolHandler', address]
      : [platform === 'darwin' ? 'open' : 'xdg-open', address]
  const browser = spawn(command, parameters, { stdio: 'ignore', detached: true })
  browser.on('error', () => {})
  browser.unref()
}

/** A page keeps its prompt and its places with its address, port included: the same port finds them again. */
function lastPort(place: string): number | undefined {
  try {
    const port = Number(readFileSync(place, 'utf8'))
    return Number.isInteger(port) && port > 1023 && port < 65536 ? port : undefined
  } catch {
    return undefined
  }
}

function keepPort(place: string, port: number): void {
  mkdirSync(dirname(place), { recursive: true })
  writeFileSync(`${place}.new`, String(port))
  renameSync(`${place}.new`, place)
}

async function start(): Promise<void> {
  const root = join(import.meta.dirname, '..')
  const installation = { packaged: false, root, resources: '' }
  const home = homeFolder()
  const engine = startEngine({
    node: nodeBinary(installation),
    entry: unpacked(installation, 'engine.cjs'),
    home,
    models: join(root, 'native-models'),
    log: logTo(join(home, 'logs', 'engine.log')),
  })
  engine.onState((_state, problem) => {
    if (problem) console.error([problem.message, problem.hint].filter(Boolean).join(' '))
  })
  const place = join(home, 'window', 'port')
  const loopback = await serveLoopback({ page: join(root, 'dist', 'renderer'), engine, port: lastPort(place) })
  keepPort(place, Number(new URL(loopback.address).port))
  console.log(`Sfumato is open at ${loopback.address}`)
  console.log('The address works in the first browser that opens it. Ctrl+C ends Sfumato.')
  if (!process.argv.includes('--no-open')) openBrowser(loopback.address)

  let leaving = false
  const leave = async () => {
    if (leaving) return
    leaving = true
    await loopback.close()
    await engine.stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void leave())
}

start().catch((error: Error) => {
  console.error(error instanceof Problem ? error.sentence : error)
  process.exit(1)
})
