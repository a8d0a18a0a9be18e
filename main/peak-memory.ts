import { readFileSync, writeFileSync } from 'node:fs'

/** The most memory that this process has held since it was made, in bytes: what is its own and pages of files (weights) that it has mapped. */
export class PeakMemory {
  readonly #before: number

  constructor() {
    try {
      // Linux forgets the highest mark.
      writeFileSync('/proc/self/clear_refs', '5')
    } catch {
      // Other systems keep one mark for the whole life of a process.
    }
    this.#before = highestMark()
  }

  /** Undefined where an earlier job reached more: then nobody knows. */
  get bytes(): number | undefined {
    const now = highestMark()
    return process.platform === 'linux' || now > this.#before ? now : undefined
  }
}

function highestMark(): number {
  // Beside what `resourceUsage` tells, which is never forgotten where the parent process was larger.
  if (process.platform === 'linux') {
    const mark = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
    if (mark !== undefined) return Number(mark) * 1024
  }
  return process.resourceUsage().maxRSS * 1024
}
