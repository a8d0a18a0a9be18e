import { readdirSync, readFileSync } from 'node:fs'

/** Peak memory of a process and all its children together, in bytes. */
export interface PeakMemory {
  /** Memory that only these processes hold. */
  readonly anonymous: number
  /** Pages of files that they have mapped (programs, libraries, weights); shared pages are counted once. */
  readonly mapped: number
  /** Both at the same moment. */
  readonly together: number
}

/** Watches a process tree until `stop`; undefined where the system does not tell (only Linux does). */
export function watchMemory(root: number, everyMilliseconds = 25): { stop: () => PeakMemory | undefined } {
  let peak: PeakMemory | undefined
  const look = () => {
    const now = memoryOf(root)
    if (now === undefined) return
    peak = {
      anonymous: Math.max(peak?.anonymous ?? 0, now.anonymous),
      mapped: Math.max(peak?.mapped ?? 0, now.mapped),
      together: Math.max(peak?.together ?? 0, now.together),
    }
  }
  const timer = setInterval(look, everyMilliseconds)
  return {
    stop: () => {
      clearInterval(timer)
      return peak
    },
  }
}

/** Memory of a process and all its children together, now. */
export function memoryOf(root: number): PeakMemory | undefined {
  if (process.platform !== 'linux') return undefined
  let [anonymous, mapped] = [0, 0]
  for (const pid of tree(root)) {
    const text = read(`/proc/${pid}/smaps_rollup`)
    const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024
    anonymous += bytes('Pss_Anon')
    mapped += bytes('Pss_File') + bytes('Pss_Shmem')
  }
  return { anonymous, mapped, together: anonymous + mapped }
}

/** The process and all that descend from it. */
function tree(root: number): number[] {
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const parent = /^PPid:\s+(\d+)/m.exec(read(`/proc/${name}/status`))?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const belongs = (pid: number): boolean => pid === root || (parents.has(pid) && belongs(parents.get(pid) ?? 0))
  return [...parents.keys()].filter(belongs)
}

/** Processes end while they are looked at. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
