import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeSafetensors } from '../../app/weights/safetensors.ts'
import { differences } from './compare.ts'
import { readExactJson } from './exact-json.ts'
import { readVariants } from './goldens.ts'

/* The runner must not let anything pass that it did not compare. */

const folder = mkdtempSync(join(tmpdir(), 'sfumato-goldens-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Random numbers of which one is false, a kind that nothing replays, and outputs to be compared by hand. */
const floats = (...values: number[]) => new Uint8Array(Float32Array.from(values).buffer)
const longs = (...values: number[]) => new Uint8Array(BigInt64Array.from(values, BigInt).buffer)
function writeCase(path: string, json: object, tensors: Record<string, ['F32' | 'I64', Uint8Array]>): void {
  const cases = join(folder, 'cases', path)
  mkdirSync(cases, { recursive: true })
  writeFileSync(join(cases, 'case.json'), JSON.stringify(json))
  writeSafetensors(
    join(cases, 'tensors.safetensors'),
    new Map(
      Object.entries(tensors).map(([name, [dtype, data]]) => [
        name,
        { dtype, shape: [data.length / (dtype === 'F32' ? 4 : 8)], data },
      ]),
    ),
  )
}
const permutation = { seed: 42, ops: [{ op: 'randperm', n: 3 }] }
writeCase(
  '01_rng/orders',
  {
    kind: 'rng',
    variants: {
      right: { params: permutation, tolerance: 0 },
      wrong: { params: permutation, tolerance: 0 },
      unknown_draw: { params: { seed: 1, ops: [{ op: 'gamma', shape: [1] }] }, tolerance: 0 },
    },
  },
  {
    'right/out/00_randperm': ['I64', longs(0, 2, 1)],
    'wrong/out/00_randperm': ['I64', longs(2, 2, 2)],
    'unknown_draw/out/00_gamma': ['F32', floats(1)],
  },
)
writeCase(
  '99_new/thing',
  { kind: 'never-heard-of', variants: { one: { params: {}, tolerance: 1 } } },
  { 'one/out/x': ['F32', floats(1)] },
)
writeCase(
  '98_compare/outputs',
  {
    kind: 'compared-here',
    variants: {
      any: { params: {}, tolerance: 0.1, expected: { words: ['a', 'b'] }, non_finite_outputs: ['infinite'] },
    },
  },
  {
    'any/out/finite': ['F32', floats(1, -100)],
    'any/out/infinite': ['F32', floats(1, Infinity, Number.NaN)],
    'any/out/whole': ['I64', longs(7)],
  },
)

const run = (...options: string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(import.meta.dirname, 'run.ts'), ...options], {
    encoding: 'utf8',
  })
  return { status, lines: stdout.trimEnd().split('\n'), stderr }
}

test('the last lines count what was left out, passed and failed; failures say where and how much', () => {
  const { status, lines } = run(folder, '--only', '0*', '--only', '99_new/thing/one')
  expect(lines.slice(-2)).toEqual(['2 left out', '1 passed, 1 failed'])
  expect(lines[0]).toMatch(
    /^failed 01_rng\/orders\/wrong: 00_randperm differs by 2\.00 \(allowed 0\) at \[0\]: 0 instead of 2$/,
  )
  expect(lines.filter(line => line.startsWith('left out')).length).toBe(2)
  expect(status).toBe(1)
})

test('without failures the exit code is 0', () => {
  const { status, lines } = run(folder, '--only', '*right')
  expect(lines).toEqual(['0 left out', '1 passed, 0 failed'])
  expect(status).toBe(0)
})

test('a pattern without a match, a folder without cases and a wrong option are errors', () => {
  expect(run(folder, '--only', '*right', '--only', '01_rng/nothing*')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('No variant matches "01_rng/nothing*".'),
  })
  expect(run(join(folder, 'cases'))).toMatchObject({ status: 1, stderr: expect.stringContaining('"cases"') })
  expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('Usage') })
  expect(run(folder, '--olny', 'x')).toMatchObject({ status: 1, stderr: expect.stringContaining('Usage') })
})

test('JSON as Python writes it', () => {
  const path = join(folder, 'python.json')
  writeFileSync(path, '{"seed": 18446744073709551615, "a": [-Infinity, NaN, 1e400, 3], "b": "NaN \\" Infinity"}')
  const a = [Number.NEGATIVE_INFINITY, Number.NaN, Infinity, 3]
  expect(readExactJson(path)).toEqual({ seed: 2n ** 64n - 1n, a, b: 'NaN " Infinity' })
})

test('missing, misshapen, wrong and undefined outputs are told', () => {
  const [variant] = readVariants(folder).filter(({ kind }) => kind === 'compared-here')
  const right = {
    finite: { shape: [2], data: [1.05, -100.05] },
    infinite: { shape: [3], data: [1, 5, 5] },
    whole: { shape: [1], data: [7] },
  }
  const expected = { words: ['a', 'b'] }
  const compare = (outputs: object, words: unknown = expected.words) =>
    differences(variant, { outputs: { ...right, ...outputs }, expected: { words } })
  expect(compare({})).toEqual([])
  expect(compare({ finite: { shape: [2], data: [1, -99] } })).toEqual([
    'finite differs by 1.00 (allowed 0.1) at [1]: -99 instead of -100',
  ])
  expect(
    differences(variant, { outputs: { ...right, finite: { shape: [2], data: [1, -99] } }, expected, isRelative: true }),
  ).toEqual([])
  expect(differences(variant, { outputs: right, expected, exact: ['finite'] }).length).toBe(1)
  expect(compare({ finite: { shape: [2], data: [1, Number.NaN] } })[0]).toContain('finite differs by Infinity')
  expect(compare({ infinite: { shape: [3], data: [Number.NaN, Infinity, Number.NaN] } })[0]).toContain(
    'infinite differs by Infinity',
  )
  expect(compare({ finite: { shape: [2, 1], data: [1, -100] } })).toEqual(['finite has shape [2,1] instead of [2]'])
  expect(compare({ whole: { shape: [1], data: [7.05] } })[0]).toContain('whole differs by')
  expect(compare({}, ['a', 'c'])).toEqual(['words[1] is "c" instead of "b"'])
  expect(compare({}, undefined)).toEqual([])
  expect(differences(variant, { outputs: { infinite: right.infinite, whole: right.whole } })).toEqual([
    'finite was not computed',
    'words was not computed',
  ])
})
