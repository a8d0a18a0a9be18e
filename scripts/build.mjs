// `npm run build`: the page by Vite, the processes by Rolldown, one CommonJS file each, into dist/.
// Does nothing when dist/ was made from the very same sources.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Entry of each process -> its bundle, and the Node that runs it: Electron has its own, and the older one of the tests must do.
 *  Native packages stay outside: they are found in node_modules when the app runs. */
const electronNode = 'node18'
const ownNode = 'node26'
const appProcesses = [
  { entry: 'main/electron.ts', file: 'main.cjs', target: electronNode },
  { entry: 'main/preload.ts', file: 'preload.cjs', target: electronNode },
  { entry: 'main/engine.ts', file: 'engine.cjs', target: ownNode },
  { entry: 'main/decoder.ts', file: 'decoder.cjs', target: ownNode },
  { entry: 'main/browser.ts', file: 'browser.cjs', target: ownNode },
]
const commandProcesses = [
  { entry: 'main/command-line.ts', file: 'command-line.cjs', target: ownNode },
  { entry: 'main/worker.ts', file: 'worker.cjs', target: ownNode },
  { entry: 'main/picture-reader.ts', file: 'picture-reader.cjs', target: ownNode },
  { entry: 'main/opener.ts', file: 'opener.cjs', target: ownNode },
  { entry: 'main/metrics.ts', file: 'metrics.cjs', target: ownNode },
  { entry: 'main/datasets.ts', file: 'datasets.cjs', target: ownNode },
]
const external = ['electron', 'onnxruntime-node', 'better-sqlite3', 'sharp']
const sources = ['app', 'main', 'renderer', 'package-lock.json', 'scripts/build.mjs']

/** Name, size and time of every source file (tests are none), as one hash: 20 ms, where reading them would take longer than some builds. */
function fingerprint() {
  const hash = createHash('sha256')
  const visit = (/** @type {string} */ path) => {
    const state = statSync(join(root, path))
    if (!state.isDirectory()) return void hash.update(`${path} ${state.size} ${state.mtimeMs}\n`)
    for (const name of readdirSync(join(root, path)).sort()) {
      if (!/\.test\.tsx?$/.test(name)) visit(`${path}/${name}`)
    }
  }
  for (const source of sources) visit(source)
  return hash.digest('hex')
}

/** @param {typeof appProcesses[number]} process */
async function bundle({ entry, file, target }) {
  const { rolldown } = await import('rolldown')
  const bundled = await rolldown({
    input: join(root, entry),
    external,
    platform: 'node',
    transform: { target },
    logLevel: 'warn',
  })
  const { output } = await bundled.generate({ file, format: 'cjs', sourcemap: true, codeSplitting: false })
  await bundled.close()
  for (const part of output) put(part.fileName, part.type === 'chunk' ? part.code : part.source)
  return output
}

/** Writes a file of dist/ in one piece: a program that starts while another one builds finds the old one or the new one.
 * @param {string} name @param {string | Uint8Array} content */
function put(name, content) {
  const file = join(root, 'dist', name)
  writeFileSync(`${file}.${process.pid}`, content)
  renameSync(`${file}.${process.pid}`, file)
}

async function page() {
  // Whatever the shell or a test runner has set: React's development form is several times slower.
  process.env.NODE_ENV = 'production'
  const { build } = await import('vite')
  const options = { configFile: join(root, 'renderer/vite.config.ts'), root: join(root, 'renderer') }
  const fresh = join(root, `dist/renderer-${process.pid}`)
  // One file of code is right for a page that is read from the disk.
  const place = { outDir: fresh, chunkSizeWarningLimit: 8000 }
  const built = await build({ ...options, logLevel: 'warn', build: place })
  if (!('output' in built)) throw new Error('The page was not built once, as vite.config.ts should say.')
  // Whoever opens the page meanwhile finds the old one or the new one.
  const [current, old] = [join(root, 'dist/renderer'), `${fresh}-old`]
  if (existsSync(current)) renameSync(current, old)
  renameSync(fresh, current)
  rmSync(old, { recursive: true, force: true })
  return built.output
}

/** The folders of the packages that went into a bundle; their licences go with the app.
 * @param {readonly (import('rolldown').OutputChunk | import('rolldown').OutputAsset)[]} output */
function packagesIn(output) {
  const modules = output.flatMap(part => (part.type === 'chunk' ? part.moduleIds : []))
  const folders = modules.map(id => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id.replaceAll('\\', '/'))?.[0])
  return folders.filter(folder => folder !== undefined).map(folder => relative(root, folder.replace(/^\0/, '')))
}

/** The parts of dist/: the command line is not kept waiting for what it does not need. */
const parts = {
  command: () => Promise.all(commandProcesses.map(bundle)),
  app: () => Promise.all(appProcesses.map(bundle)),
  page: async () => [await page()],
}

/** @param {keyof typeof parts} part
 * @param {string} made fingerprint of the sources  @param {boolean} force */
async function make(part, made, force) {
  const stamp = join(root, `dist/.${part}-made-from`)
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === made) return false
  const outputs = await parts[part]()
  const packages = [...new Set(outputs.flatMap(packagesIn))].sort()
  writeFileSync(join(root, `dist/packages-of-${part}.json`), `${JSON.stringify(packages, null, 2)}\n`)
  writeFileSync(stamp, made)
  return true
}

/** Makes dist/ from the sources.
 * @param {{ force?: boolean, only?: (keyof typeof parts)[] }} options
 * @returns {Promise<boolean>} whether anything had to be made */
export async function build({ force = false, only } = {}) {
  const made = fingerprint()
  mkdirSync(join(root, 'dist'), { recursive: true })
  /** @type {(keyof typeof parts)[]} */
  const wanted = only ?? ['command', 'app', 'page']
  return (await Promise.all(wanted.map(part => make(part, made, force)))).includes(true)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const start = performance.now()
  /** @type {('command' | 'app')[] | undefined} */
  const only = process.argv.includes('--programs') ? ['command', 'app'] : undefined
  const made = await build({ force: process.argv.includes('--force'), only })
  console.log(made ? `Built in ${((performance.now() - start) / 1000).toFixed(1)} s` : 'dist/ is up to date')
}
