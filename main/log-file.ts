import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/** Bytes after which a log begins anew; the one before is kept as `.old`. */
const fullAt = 4 * 2 ** 20

/** Keeps lines of the engine and the app with their time. A log that cannot be written (full disk) stops nothing. */
export function logTo(file: string): (line: string) => void {
  return line => {
    try {
      mkdirSync(dirname(file), { recursive: true })
      if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > fullAt) renameSync(file, `${file}.old`)
      appendFileSync(file, `${new Date().toISOString()} ${line}\n`)
    } catch {
      // Nobody is left to tell.
    }
  }
}
