import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { StudioEvent } from '../../app/api/contract.ts'
import type { Job } from '../../app/library/records.ts'
import { createEngine, type Engine } from '../../main/engine-core.ts'
import { type EngineProcess, startEngine } from '../../main/engine-process.ts'
import { type Client, models, slowEngine, slowWorker } from './page.ts'
import { operations } from './slow-operation.ts'

/** Engines with the slow operation, in this process or as processes of their own, and what tests ask of them. */

/** How often a random test is repeated: a few times with all other tests, many times by `npm run faults`. */
export const rounds = (few: number): number => Number(process.env.SFUMATO_FAULT_ROUNDS ?? few)

/** Of tests with a bound in time: any other program may take the processor for a moment; what is too slow is so three times. */
export const heldToTime = { retry: 2 }

/** A folder that is gone after the test. */
export function temporaryHome(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-faults-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }))
  return folder
}

/** An engine in this process. */
export async function engineHere(options: Partial<Parameters<typeof createEngine>[0]> = {}): Promise<Engine> {
  const engine = await createEngine({
    home: temporaryHome(),
    models,
    operations,
    worker: slowWorker,
    provider: 'cpu',
    ...options,
  })
  onTestFinished(() => engine.close())
  return engine
}

/** An engine in a process of its own, as the app has it. */
export function engineApart(home = temporaryHome()): { engine: EngineProcess; log: string[] } {
  const log: string[] = []
  const engine = startEngine({ node: process.execPath, entry: slowEngine, home, models, log: line => log.push(line) })
  onTestFinished(() => engine.stop())
  return { engine, log }
}

/** Events until one fits. */
export async function until(
  events: AsyncIterable<StudioEvent>,
  fits: (event: StudioEvent) => boolean,
): Promise<StudioEvent[]> {
  const seen: StudioEvent[] = []
  for await (const event of events) {
    seen.push(event)
    if (fits(event)) return seen
  }
  throw new Error('the events ended before')
}

/** Waits until a job is in a state. */
export async function jobIn(client: Client, id: string, state: Job['state'], patience = 10_000): Promise<Job> {
  return await eventually(patience, async () => {
    const job = (await client.jobs.list()).find(found => found.id === id)
    return job?.state === state ? job : undefined
  })
}

/** Asks again and again until there is an answer; fails after the given milliseconds. */
export async function eventually<T>(patience: number, ask: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const end = performance.now() + patience
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) return expect.unreachable(`not within ${patience} ms`)
    await sleep(10)
  }
}

/** Milliseconds that something takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

/** A disk of its own of a few megabytes; only root can make one, and only on Linux. */
export function smallDisk(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return undefined
  const folder = temporaryHome()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch {
    return undefined
  }
  onTestFinished(() => void execFileSync('umount', ['-l', folder]))
  return folder
}
