import Database from 'better-sqlite3'

/** Locks of this process: a lock that nothing refers to would be let go of by the garbage collector. */
const held = new Set<Database.Database>()

export interface FileLock {
  release(): void
}

/** Takes an exclusive lock on a file, which is made if need be. The system lets go of it when this process ends, however that
 *  happens; a process id in a file could belong to somebody else by then. @returns undefined when somebody else has it */
export function takeLock(path: string): FileLock | undefined {
  const lock = new Database(path, { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    lock.close()
    if (isBusy(error)) return undefined
    throw error
  }
  held.add(lock)
  return {
    release() {
      held.delete(lock)
      lock.close()
    },
  }
}

/** Whether a process holds the lock on this file. */
export function isLocked(path: string): boolean {
  let probe: Database.Database | undefined
  try {
    probe = new Database(path, { fileMustExist: true, timeout: 0 })
    probe.exec('BEGIN EXCLUSIVE')
    return false
  } catch (error) {
    return isBusy(error)
  } finally {
    probe?.close()
  }
}

const isBusy = (error: unknown) => error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY'
