import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'

const EXPECTED = join(import.meta.dirname, 'expected')
const temporary = mkdtempSync(join(tmpdir(), 'sfumato-expected-'))
afterAll(() => rmSync(temporary, { recursive: true }))

const run = (...options: string[]) => {
  const script = join(import.meta.dirname, 'expected.ts')
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...options], { encoding: 'utf8' })
  return { status, lines: stdout.trimEnd().split('\n'), stderr }
}

test('the embedded model draws what the reference draws: every picture at 45 dB or more', () => {
  const { status, lines } = run(EXPECTED)
  const decibels = lines.map(line => Number(/(\S+) dB$/.exec(line)?.[1]))
  expect(lines.length).toBe(14)
  expect(Math.min(...decibels.slice(0, -1))).toBeGreaterThanOrEqual(45)
  expect(lines[13]).toBe(`worst PSNR ${Math.min(...decibels.slice(0, -1)).toFixed(2)} dB`)
  expect(status).toBe(0)
})

test('another picture, a missing one and one of another size are failures', () => {
  const [entry] = JSON.parse(readFileSync(join(EXPECTED, 'index.json'), 'utf8'))
  const quick = { ...entry, steps: 1 }
  const files = ['00.png', 'missing.png', '08.png']
  writeFileSync(join(temporary, 'index.json'), JSON.stringify(files.map(file => ({ ...quick, files: [file] }))))
  for (const file of ['00.png', '08.png']) cpSync(join(EXPECTED, file), join(temporary, file))
  const { status, lines } = run(temporary)
  expect(lines.map(line => line.split(' ')[0])).toEqual([...files.map(file => `${file}:`), 'worst'])
  expect(Number(/(\S+) dB$/.exec(lines[0])?.[1])).toBeLessThan(45)
  expect(lines[1]).toContain('cannot be read')
  expect(lines[2]).toContain('128 x 128 instead of 192 x 128')
  expect(lines[3]).toBe('worst PSNR -Infinity dB')
  expect(status).toBe(1)
})

test('a folder without an index and a parameter that does not exist are said', () => {
  expect(run(join(temporary, 'nowhere'))).toMatchObject({ status: 1, stderr: expect.stringContaining('index.json') })
  writeFileSync(join(temporary, 'index.json'), JSON.stringify([{ prompt: 'a cat', stpes: 3, files: ['00.png'] }]))
  expect(run(temporary)).toMatchObject({ status: 1, stderr: expect.stringContaining('stpes') })
})
