import { spawn } from 'node:child_process'
import { type PeakMemory, watchMemory } from './memory.ts'

/** How a program ended. */
export interface Finished {
  /** Lines that it printed. */
  readonly lines: readonly string[]
  readonly seconds: number
  readonly memory: PeakMemory | undefined
}

/** Runs a program to its end and watches the memory of all its processes. @param watchFrom what it prints when watching is to begin; absent: at once
 *  @throws Error with its last words when it fails */
export function runProgram(
  command: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  watchInterval?: number,
  watchFrom = '',
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    let memory: ReturnType<typeof watchMemory> | undefined
    let [output, errors] = ['', '']
    const watch = () => {
      if (output.includes(watchFrom)) memory ??= watchMemory(child.pid ?? 0, watchInterval)
    }
    watch()
    child.stdout.on('data', chunk => {
      output += chunk
      watch()
    })
    child.stderr.on('data', chunk => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', code => {
      const peak = memory?.stop()
      if (code !== 0) return reject(new Error(`${command} ended with ${code}: ${errors.slice(-500)}`))
      resolve({ lines: output.trim().split('\n'), seconds: (performance.now() - start) / 1000, memory: peak })
    })
  })
}
