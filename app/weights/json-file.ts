import { readFileSync, statSync } from 'node:fs'
import { Problem } from '../problem.ts'
import { fileProblem } from './safe-file.ts'

/** A parsed JSON object. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Configs have kilobytes, an index of shards a megabyte; beyond this it is something else. */
const largest = 32 * 2 ** 20

/** Whether a value is a JSON object (no list, not null). */
export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The JSON object in a text that any program may have written, such as metadata; undefined: it holds none. */
export function jsonObjectIn(text: string | undefined): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null')
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** JSON as Python writes it: NaN, Infinity and -Infinity are numbers (`"lambda_min_clipped": -Infinity` in scheduler configs).
 *  Strings are left as they are. @throws SyntaxError */
export function parsePythonJson(
  text: string,
  revive?: (key: string, value: unknown, context: { source?: string }) => unknown,
): unknown {
  const marked = text.replaceAll(stringOrWord, found => (found.startsWith('"') ? found : JSON.stringify(mark + found)))
  return JSON.parse(marked, (key, value: unknown, context: { source?: string }) => {
    if (typeof value === 'string' && value.startsWith(mark)) return Number(value.slice(mark.length))
    return revive === undefined ? value : revive(key, value, context)
  })
}

const stringOrWord = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g
/** Begins a string that stands for a number; no text begins so. */
const mark = '\u0000number '

/** Reads a file that holds one JSON object. @throws Problem FILE_*, JSON_FILE naming the file */
export function readJsonObject(path: string): JsonObject {
  const fail = (found: string, cause?: unknown) =>
    new Problem('JSON_FILE', `${path} ${found}.`, { hint: 'Download or copy it again.', cause })
  try {
    if (statSync(path).size > largest) throw fail('is too large for a file of settings')
    const text = readFileSync(path, 'utf8')
    if (text.startsWith('version https://git-lfs')) throw fail('is only a Git LFS pointer, not the file itself')
    const value = parsePythonJson(text)
    if (!isJsonObject(value)) throw fail('does not hold a JSON object')
    return value
  } catch (error) {
    if (error instanceof SyntaxError) throw fail(`is not sound JSON (${error.message})`, error)
    throw fileProblem(error, path)
  }
}
