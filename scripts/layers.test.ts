import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

/** The order of the folders: each imports only from those before it. */
const layers = [
  'tensor',
  'graph',
  'weights',
  'models',
  'runtime',
  'schedulers',
  'diffusion',
  'metrics',
  'training',
  'operations',
  'library',
  'api',
]
const before = (folder: string) => layers.slice(0, layers.indexOf(folder))
const from = (folder: string) => layers.slice(layers.indexOf(folder) + 1)

/** `file imports what`, and whether the lint must refuse it. */
const edges: { file: string; imports: string; refused: boolean }[] = [
  ...layers.flatMap(folder => [
    ...from(folder).flatMap(other => [
      { file: `app/${folder}/x.ts`, imports: `../${other}/y.ts`, refused: true },
      { file: `app/${folder}/deep/x.ts`, imports: `../../${other}/y.ts`, refused: true },
    ]),
    ...before(folder).map(other => ({ file: `app/${folder}/x.ts`, imports: `../${other}/y.ts`, refused: false })),
    { file: `app/${folder}/x.ts`, imports: '../problem.ts', refused: false },
    { file: `app/${folder}/x.ts`, imports: './y.ts', refused: false },
    { file: `app/${folder}/x.ts`, imports: '../../main/engine.ts', refused: true },
    { file: `app/${folder}/x.ts`, imports: '../../renderer/app.tsx', refused: true },
    { file: `app/${folder}/x.ts`, imports: 'electron', refused: true },
    { file: `app/${folder}/x.ts`, imports: 'onnxruntime-node', refused: folder !== 'runtime' },
    { file: `app/${folder}/x.ts`, imports: 'better-sqlite3', refused: folder !== 'library' },
  ]),
  { file: 'app/problem.ts', imports: './tensor/tensor.ts', refused: true },
  { file: 'main/electron.ts', imports: 'electron', refused: false },
  { file: 'main/preload.ts', imports: 'electron', refused: false },
  { file: 'main/electron.ts', imports: '../app/api/router.ts', refused: true },
  { file: 'main/electron.ts', imports: '../app/problem.ts', refused: false },
  { file: 'main/engine.ts', imports: 'electron', refused: true },
  { file: 'main/engine.ts', imports: 'better-sqlite3', refused: true },
  { file: 'main/engine.ts', imports: '../app/library/library.ts', refused: false },
  { file: 'main/engine.ts', imports: '../app/runtime/session.ts', refused: true },
  { file: 'main/worker.ts', imports: 'onnxruntime-node', refused: true },
  { file: 'main/worker.ts', imports: '../app/runtime/session.ts', refused: false },
  { file: 'renderer/state/x.ts', imports: 'node:fs', refused: true },
  { file: 'renderer/state/x.ts', imports: 'electron', refused: true },
  { file: 'renderer/state/x.ts', imports: '../../app/tensor/tensor.ts', refused: true },
  { file: 'renderer/state/x.ts', imports: '../../main/preload.ts', refused: true },
  { file: 'renderer/state/x.ts', imports: '../../app/api/contract.ts', refused: false },
  { file: 'renderer/state/x.ts', imports: '../../app/problem.ts', refused: false },
]

const folder = mkdtempSync(join(tmpdir(), 'sfumato-layers-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Lints a folder that holds every edge, with the project's own rules; returns `file:line` of the imports that were refused. */
function refusals(): Set<string> {
  cpSync('biome.json', join(folder, 'biome.json'))
  for (const [file, own] of Object.entries(Object.groupBy(edges, edge => edge.file))) {
    const path = join(folder, file)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, (own ?? []).map(edge => `export * from '${edge.imports}'\n`).join(''))
  }
  const rules = ['--only=style/noRestrictedImports', '--only=correctness/noNodejsModules']
  const biome = join(process.cwd(), 'node_modules/@biomejs/biome/bin/biome')
  const flags = ['lint', '--vcs-enabled=false', '--reporter=github', '--max-diagnostics=none', ...rules]
  const { stdout } = spawnSync(process.execPath, [biome, ...flags, '.'], { cwd: folder, encoding: 'utf8' })
  return new Set([...stdout.matchAll(/^::error .*?file=(.+?),line=(\d+)/gm)].map(([, path, line]) => `${path}:${line}`))
}

test('every import that the layers forbid fails the lint, and every one that they allow passes', () => {
  const refused = refusals()
  const found = edges.map(edge => {
    const line = 1 + edges.filter(other => other.file === edge.file).indexOf(edge)
    const places = [edge.file, join(folder, edge.file)].map(path => `${path}:${line}`)
    return { ...edge, refused: places.some(place => refused.has(place)) }
  })
  expect(found).toEqual(edges)
})

test('native packages are loaded at start by the bundles of their own processes alone', () => {
  execFileSync(process.execPath, ['scripts/build.mjs', '--programs'], { stdio: 'pipe' })
  const bundles = readdirSync('dist').filter(name => name.endsWith('.cjs'))
  const texts = bundles.map(name => [name, readFileSync(join('dist', name), 'utf8')] as const)
  const having = (name: string) => texts.filter(([, text]) => text.includes(`require("${name}")`)).map(([file]) => file)
  expect({
    electron: having('electron'),
    'onnxruntime-node': having('onnxruntime-node'),
    'better-sqlite3': having('better-sqlite3'),
    sharp: having('sharp').filter(file => file === 'main.cjs' || file === 'preload.cjs'),
  }).toEqual({
    electron: ['main.cjs', 'preload.cjs'],
    // It is loaded with the first session: who only asks graphs what they would take goes without.
    'onnxruntime-node': [],
    'better-sqlite3': ['command-line.cjs', 'datasets.cjs', 'engine.cjs'],
    sharp: [],
  })
})
