import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readJsonObject } from './json-file.ts'

const file = (text: string) => {
  const path = join(mkdtempSync(join(tmpdir(), 'sfumato-json-')), 'config.json')
  writeFileSync(path, text)
  return path
}

test("Python's words for numbers are read, and are left alone inside strings", () => {
  const text = String.raw`{"low": -Infinity, "list": [Infinity, 1], "none": NaN, "note": "a \"NaN\" or -Infinity", "Infinity": 2}`
  expect(readJsonObject(file(text))).toEqual({
    low: Number.NEGATIVE_INFINITY,
    list: [Number.POSITIVE_INFINITY, 1],
    none: Number.NaN,
    note: 'a "NaN" or -Infinity',
    Infinity: 2,
  })
})

test.each([['{"a": nan}'], ['{"a": 1'], ['[1]'], [''], ['version https://git-lfs.github.com/spec/v1']])(
  '%s is refused with the file',
  text => {
    const path = file(text)
    expect(() => readJsonObject(path)).toThrow(path)
  },
)
