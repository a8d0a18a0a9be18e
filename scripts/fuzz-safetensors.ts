/** Feeds damaged headers to the safetensors reader: `node scripts/fuzz-safetensors.ts [--seconds N] [--seed N]`.
 *  A file that is neither opened nor refused with a Problem, or takes over a second, is kept, named, and ends the run with 1. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Problem } from '../app/problem.ts'
import { openSafetensors } from '../app/weights/safetensors.ts'
import { mutations } from '../app/weights/safetensors-mutations.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 32) },
  },
})
const folder = mkdtempSync(join(tmpdir(), 'sfumato-fuzz-'))
const path = join(folder, 'model.safetensors')
const end = performance.now() + Number(values.seconds) * 1000
const codes = new Map<string, number>()

function outcome(): string {
  try {
    openSafetensors(path)
    return 'opened'
  } catch (error) {
    return error instanceof Problem ? error.code : `CRASH ${error}`
  }
}

let slowest = 0
let count = 0
for (const bytes of mutations(Number(values.seed))) {
  if (performance.now() > end) break
  writeFileSync(path, bytes)
  const start = performance.now()
  const code = outcome()
  const milliseconds = performance.now() - start
  slowest = Math.max(slowest, milliseconds)
  codes.set(code, (codes.get(code) ?? 0) + 1)
  count++
  if (code.startsWith('CRASH') || milliseconds > 1000) {
    console.error(
      `${code} after ${milliseconds.toFixed(0)} ms; the file is kept: ${path} (seed ${values.seed}, number ${count})`,
    )
    process.exit(1)
  }
}
rmSync(folder, { recursive: true })
for (const [code, times] of [...codes].sort(([, a], [, b]) => b - a))
  console.log(`${String(times).padStart(9)}  ${code}`)
console.log(`${count} files with seed ${values.seed}, none crashed; the slowest took ${slowest.toFixed(1)} ms`)
