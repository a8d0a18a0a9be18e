import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type FileLock, isLocked, takeLock } from './file-lock.ts'
import { libraryProblem, type Store } from './store.ts'

/** The engines that have this library open. Each holds an exclusive lock on a file of its own, which the system lets go of when
 *  its process ends, however that happens; a process id could belong to somebody else by then. */
export class Engines {
  readonly #store: Store
  readonly #folder: string
  readonly #id: string
  #lock: FileLock | undefined

  constructor(store: Store, folder: string, id: string) {
    this.#store = store
    this.#folder = folder
    this.#id = id
  }

  /** Takes the lock first, then the row, so that a row without a lock is always that of a dead engine. */
  join(keepsQueue: boolean, now = Date.now()): void {
    try {
      mkdirSync(this.#folder, { recursive: true })
      this.#lock = takeLock(this.#file(this.#id))
    } catch (error) {
      throw libraryProblem(error, this.#folder)
    }
    this.#store.run('INSERT INTO engines (id, pid, startedAt, keepsQueue) VALUES (?, ?, ?, ?)', [
      this.#id,
      process.pid,
      now,
      keepsQueue ? 1 : 0,
    ])
  }

  /** Other engines, by whether their process is still there. */
  others(): { alive: Set<string>; dead: { id: string; keepsQueue: boolean }[] } {
    const rows = this.#store.all<{ id: string; keepsQueue: number }>(
      'SELECT id, keepsQueue FROM engines WHERE id <> ?',
      [this.#id],
    )
    const alive = new Set<string>()
    const dead: { id: string; keepsQueue: boolean }[] = []
    for (const { id, keepsQueue } of rows) {
      if (isLocked(this.#file(id))) alive.add(id)
      else dead.push({ id, keepsQueue: keepsQueue === 1 })
    }
    return { alive, dead }
  }

  /** Removes the lock file of an engine that is gone. */
  forget(id: string): void {
    for (const ending of ['', '-journal']) rmSync(`${this.#file(id)}${ending}`, { force: true })
  }

  leave(): void {
    this.#store.run('DELETE FROM engines WHERE id = ?', [this.#id])
    this.#lock?.release()
    this.#lock = undefined
    this.forget(this.#id)
  }

  #file(id: string): string {
    return join(this.#folder, `${id}.lock`)
  }
}
