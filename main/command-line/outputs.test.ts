import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { outputPaths } from './outputs.ts'
import { duration, ProgressLine } from './progress-line.ts'

const root = mkdtempSync(join(tmpdir(), 'sfumato-outputs-'))
const before = process.cwd()
afterAll(() => {
  process.chdir(before)
  rmSync(root, { recursive: true })
})

let folder = root
let number = 0
beforeEach(() => {
  folder = join(root, String(++number))
  mkdirSync(folder)
})
const at = (name: string) => join(folder, name)

test('one picture has exactly the name, several are numbered before the ending', () => {
  expect(outputPaths(at('apple.png'), 1, '7')).toEqual([at('apple.png')])
  expect(outputPaths(at('apple.PNG'), 3, '7')).toEqual([at('apple-1.PNG'), at('apple-2.PNG'), at('apple-3.PNG')])
  expect(readdirSync(folder)).toEqual([])
})

test('without a name, a free one where the person is, which need not be the current folder', () => {
  expect(outputPaths(undefined, 1, '8', at)).toEqual([at('picture-8.png')])
  writeFileSync(at('picture-8.png'), '')
  expect(outputPaths(undefined, 1, '8', at)).toEqual([at('picture-8-again2.png')])
})

test('without a name, a free one in the current folder, after the seed', () => {
  process.chdir(folder)
  expect(outputPaths(undefined, 1, '7')).toEqual(['picture-7.png'])
  writeFileSync('picture-7.png', '')
  expect(outputPaths(undefined, 1, '7')).toEqual(['picture-7-again2.png'])
  writeFileSync('picture-7-again2-2.png', '')
  expect(outputPaths(undefined, 2, '7')).toEqual(['picture-7-1.png', 'picture-7-2.png'])
})

test('what cannot be written is found out before anything is made', () => {
  writeFileSync(at('file'), '')
  mkdirSync(at('folder.png'))
  expect(() => outputPaths(at('none/a.png'), 1, '7')).toThrow(/none does not exist/)
  expect(() => outputPaths(at('file/a.png'), 1, '7')).toThrow(
    /file does not exist, because a part of its path is not a folder/,
  )
  expect(() => outputPaths(at('folder.png'), 1, '7')).toThrow(/folder\.png is a folder/)
  expect(() => outputPaths(at('a.jpg'), 1, '7')).toThrow(/--out must name a PNG file/)
  expect(() => outputPaths('', 1, '7')).toThrow(/--out must name a PNG file/)
  expect(readdirSync(folder)).toEqual(['file', 'folder.png'])
})

test.runIf(existsSync('/proc/version'))('a folder that lets nobody write is found out, for administrators too', () => {
  expect(() => outputPaths('/proc/apple.png', 1, '7')).toThrow(/^\/proc /)
})

test('progress is one line on a terminal, cut to its width, and nothing elsewhere', () => {
  const written: string[] = []
  const stream = (isTTY: boolean) => ({ isTTY, columns: 20, write: (text: string) => Boolean(written.push(text)) })
  const line = new ProgressLine(stream(true))
  line.show({ phase: 'Step 3 of 20', secondsLeft: 4.2 })
  line.show({ phase: 'A phase with a very long name' })
  line.clear()
  line.clear()
  expect(written).toEqual(
    ['\r\x1b[KStep 3 of 20, 4 s le', '\r\x1b[KA phase with a very', '\r\x1b[K'].map(text => text.slice(0, 4 + 19)),
  )
  new ProgressLine(stream(false)).show({ phase: 'Step 3 of 20' })
  expect(written).toHaveLength(3)
})

test('durations are told in words', () => {
  expect([0.2, 59.4, 60, 125].map(duration)).toEqual(['0 s', '59 s', '1 min 0 s', '2 min 5 s'])
})
