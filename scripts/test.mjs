// `npm test`: sets up what the tests need, runs all of them, part by part, and says at the end how many passed.
//   npm test -- unit e2e    only these parts
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { electronFolder } from './electron.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = join(root, 'node_modules/.bin')
const reports = mkdtempSync(join(tmpdir(), 'sfumato-reports-'))
const environment = {
  ...process.env,
  PATH: `${bin}${delimiter}${process.env.PATH}`,
  NODE_ENV: '',
  // Asked for by name, the windows are tested whole; among all the rest, long flows take one window.
  SFUMATO_BOTH_WINDOWS: process.argv.includes('e2e') ? '1' : '',
}

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

// ---- What the machine must have ----------------------------------------------------------------------------------

/** Debian's packages, and how to see that one is there. */
const systemPackages = [
  { name: 'xvfb', isHere: () => isCommand('Xvfb') },
  { name: 'chromium', isHere: () => ['chromium', 'chromium-browser', 'google-chrome'].some(isCommand) },
  // Brings WebGPU to SwiftShader, which Chromium carries.
  { name: 'libvulkan1', isHere: () => output('ldconfig', '-p').includes('libvulkan.so.1') },
  { name: 'fonts-dejavu-core', isHere: () => existsSync('/usr/share/fonts') },
]

/** @param {string} name */
function isCommand(name) {
  return (process.env.PATH ?? '').split(delimiter).some(folder => existsSync(join(folder, name)))
}

/** @param {string} command @param {string[]} parameters */
function output(command, ...parameters) {
  try {
    return execFileSync(command, parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return ''
  }
}

/** Installs what is missing where that is allowed. @returns {string[]} what is missing still */
function setUpTheMachine() {
  if (process.platform !== 'linux') return []
  const missing = () => systemPackages.filter(({ isHere }) => !isHere()).map(({ name }) => name)
  const wanted = missing()
  if (wanted.length === 0 || process.getuid?.() !== 0 || !isCommand('apt-get')) return wanted
  console.log(`Installing ${wanted.join(', ')}`)
  /** @type {import('node:child_process').ExecFileSyncOptions} */
  const options = { stdio: ['ignore', 'ignore', 'inherit'], env: { ...environment, DEBIAN_FRONTEND: 'noninteractive' } }
  for (let attempt = 0; attempt < 3 && missing().length > 0; attempt++) {
    try {
      execFileSync('apt-get', ['update', '-qq'], options)
      const flags = ['-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=300']
      execFileSync('apt-get', ['install', ...flags, ...wanted], options)
    } catch (error) {
      console.log(`apt-get: ${error instanceof Error ? error.message : error}`)
    }
  }
  return missing()
}

/** What could not run here, in words; some of it the parts themselves find out. */
const leftOut = new Set()

/** The tests that failed, and why: said again at the end, where a long output is read. @type {string[]} */
const failures = []

// ---- The parts ---------------------------------------------------------------------------------------------------

/** Runs a program to its end and shows what it prints.
 * @param {string} program @param {string[]} parameters @returns {Promise<{ code: number, text: string }>} */
function run(program, parameters) {
  return new Promise(resolve => {
    const child = spawn(program, parameters, { cwd: root, env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', piece => {
        text += piece
        process.stdout.write(piece)
      })
    }
    child.on('error', error => resolve({ code: 1, text: error.message }))
    // Not 'close': a process that a test left behind would keep the pipe open.
    child.on('exit', async code => {
      await setTimeout(200)
      for (const [line] of text.matchAll(/^left out: .*$/gm)) leftOut.add(line)
      resolve({ code: code ?? 1, text })
    })
  })
}

/** @param {string} script @param {string[]} parameters */
const node = (script, ...parameters) => run(process.execPath, [script, ...parameters])

/** Tests of Vitest; the counts come out of its own report. A file that could not even be loaded counts as one failure.
 * @param {string} part @param {string[]} parameters @returns {Promise<Count>} */
async function vitest(part, ...parameters) {
  const file = join(reports, `${part}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { code } = await node('node_modules/vitest/vitest.mjs', 'run', ...parameters, ...reporters)
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  for (const { name, message, assertionResults } of report.testResults) {
    const path = relative(root, name)
    if (message) failures.push(`failed: ${path}: ${message}`)
    for (const { status, fullName, failureMessages } of assertionResults) {
      if (status === 'failed') failures.push(`failed: ${path}: ${fullName}\n${failureMessages.join('\n')}`)
    }
  }
  const failed = report.numFailedTests
  const skipped = report.numPendingTests + report.numTodoTests
  return { passed: report.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped }
}

/** Formatting, lint and types: one test for each checker.
 * @returns {Promise<Count>} */
async function check() {
  const { text } = await node('scripts/check.mjs')
  const count = (/** @type {string} */ word) => [...text.matchAll(new RegExp(`^${word}  `, 'gm'))].length
  const passed = count('passed')
  return { passed, failed: Math.max(count('failed'), passed === 0 ? 1 : 0), skipped: 0 }
}

/** Packs the app and uses it once. Packing is a test itself.
 * @returns {Promise<Count>} */
async function packaged() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log('left out: the packaged app (only on Linux x64)')
    return { passed: 0, failed: 0, skipped: 1 }
  }
  const flags = electronFolder() ? [] : ['--for-tests']
  const { code } = await node('scripts/package.mjs', '--dir', ...flags)
  if (code !== 0) return { passed: 0, failed: 1, skipped: 0 }
  const { passed, failed, skipped } = await vitest('packaged', '--project', 'e2e', 'test/e2e/packaged.test.ts')
  return { passed: passed + 1, failed, skipped }
}

/** @type {Record<string, () => Promise<Count>>} */
const parts = {
  check,
  unit: () => vitest('unit', '--project', 'unit', '--exclude', 'test/parity/**'),
  parity: () => vitest('parity', '--project', 'unit', 'test/parity/'),
  webgpu: () => vitest('webgpu', '--project', 'webgpu'),
  faults: () => vitest('faults', '--project', 'faults'),
  e2e: () => vitest('e2e', '--project', 'e2e', '--exclude', 'test/e2e/packaged.test.ts'),
  packaged,
}

// ---- All of it ---------------------------------------------------------------------------------------------------

const asked = process.argv.slice(2)
const unknown = asked.filter(name => !(name in parts))
if (unknown.length > 0) {
  console.error(`There is no part ${unknown.join(', ')}. The parts are ${Object.keys(parts).join(', ')}.`)
  process.exit(1)
}
const total = { passed: 0, failed: 0, skipped: 0 }
const lines = []
for (const name of setUpTheMachine()) {
  leftOut.add(`left out: what needs ${name}, which is not installed here`)
  if (process.env.CI === 'true') total.failed++
}
for (const [name, part] of Object.entries(parts)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`\n==== ${name}`)
  const start = performance.now()
  const { passed, failed, skipped } = await part()
  total.passed += passed
  total.failed += failed
  total.skipped += skipped
  const seconds = ((performance.now() - start) / 1000).toFixed(0)
  lines.push(`${name.padEnd(9)} ${seconds.padStart(4)} s  ${passed} passed, ${failed} failed, ${skipped} skipped`)
}
rmSync(reports, { recursive: true })
console.log(`\n${[...failures, ...leftOut, ...lines].join('\n')}\n`)
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed === 0 ? 0 : 1
