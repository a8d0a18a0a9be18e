// `npm run package`: the installed app for this system, in release/: its folder and an archive of it. Fetches nothing.
//   --dir         the folder only
//   --installers  the installers of electron-builder.yml too; electron-builder fetches its tools for them
//   --for-tests   where Electron's own program is not here, the older one of the tests is used; never to be handed out
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { binaryOfPackage, nodePackage } from '../main/node-binary.ts'
import { build } from './build.mjs'
import { electronFolder } from './electron.mjs'
import { notice } from './licences.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const flags = new Set(process.argv.slice(2))
const { version, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** @param {string} sentence @returns {never} */
function stop(sentence) {
  console.error(sentence)
  process.exit(1)
}

/** The folder and the version of the Electron to pack.
 * @returns {Promise<{ folder: string, version: string }>} */
async function electronToPack() {
  if (flags.has('--for-tests')) {
    const { ensureElectronRuntime } = await import('../test/e2e/electron-runtime.ts')
    const { dist, version } = await ensureElectronRuntime()
    return { folder: dist, version }
  }
  const folder = electronFolder()
  if (folder === undefined) {
    stop(
      'Electron\'s own program is not here. "npm start" fetches it, and so does "npx install-electron"; then package again.',
    )
  }
  const found = readFileSync(join(folder, 'version'), 'utf8').trim().replace(/^v/, '')
  if (found !== devDependencies.electron) {
    stop(`The Electron in ${folder} is ${found}; Sfumato is packed with ${devDependencies.electron} alone.`)
  }
  return { folder, version: found }
}

/** Puts what is neither bundled nor a package into one place: this system's Node, and the licences of everything. */
function stage() {
  const name = nodePackage(process.platform, process.arch)
  const folder = join(root, 'node_modules', name ?? '')
  if (name === undefined || !existsSync(folder)) stop(`There is no Node for ${process.platform} ${process.arch} here.`)
  const place = join(root, '.cache/package')
  rmSync(place, { recursive: true, force: true })
  mkdirSync(join(place, 'node'), { recursive: true })
  mkdirSync(join(place, 'licences'))
  const binary = binaryOfPackage(folder)
  const copy = join(place, 'node', basename(binary))
  copyFileSync(binary, copy)
  chmodSync(copy, 0o755)
  const bundled = ['command', 'app', 'page'].flatMap(part =>
    JSON.parse(readFileSync(join(root, `dist/packages-of-${part}.json`), 'utf8')),
  )
  writeFileSync(join(place, 'licences/THIRD-PARTY-NOTICES.txt'), notice(bundled, folder))
  copyFileSync(join(root, 'LICENSE'), join(place, 'licences/LICENSE.txt'))
}

/** @param {{ folder: string, version: string }} electron */
function runBuilder({ folder, version: electronVersion }) {
  const cli = join(root, 'node_modules/electron-builder/cli.js')
  const parameters = ['--publish', 'never', `-c.electronDist=${folder}`, `-c.electronVersion=${electronVersion}`]
  if (!flags.has('--installers')) parameters.push('--dir')
  const environment = { ...process.env, CSC_IDENTITY_AUTO_DISCOVERY: process.env.CSC_LINK ? 'true' : 'false' }
  execFileSync(process.execPath, [cli, ...parameters], { cwd: root, stdio: 'inherit', env: environment })
}

/** The app's folder as one file, by the tar that every system has.
 * @returns {string} */
function archive() {
  const release = join(root, 'release')
  const folder = { linux: 'linux-unpacked', win32: 'win-unpacked', darwin: `mac-${process.arch}` }[
    String(process.platform)
  ]
  const name = `sfumato-${version}-${process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? `${name}.zip` : `${name}.tar.gz`
  const form = process.platform === 'win32' ? ['-a', '-cf'] : ['-czf']
  // Unpacked it has the app's name, not the builder's.
  renameSync(join(release, String(folder)), join(release, name))
  try {
    execFileSync('tar', [...form, file, name], { cwd: release, stdio: 'inherit' })
  } finally {
    renameSync(join(release, name), join(release, String(folder)))
  }
  return join('release', file)
}

await build()
stage()
runBuilder(await electronToPack())
if (!flags.has('--dir') && !flags.has('--for-tests')) console.log(`Packed ${archive()}`)
