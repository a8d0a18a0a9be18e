import { readFileSync } from 'node:fs'
import { parsePythonJson } from '../../app/weights/json-file.ts'

/** Reads JSON as Python writes it; whole numbers beyond 2^53 (seeds) become bigints, so that nothing is rounded. */
export function readExactJson(path: string): unknown {
  return parsePythonJson(readFileSync(path, 'utf8'), (_, value, { source }) => {
    const isLarge = typeof value === 'number' && !Number.isSafeInteger(value)
    return isLarge && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value
  })
}
