import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFile, syncFolder } from '../weights/safe-file.ts'
import { libraryProblem, type Store } from './store.ts'

/** Copies of the library's database, in `backups/` beside it. Pictures are not in it: they are files that are never changed. */

/** A copy is made when the last one is older than this (days). */
const INTERVAL_DAYS = 7
/** So many of the regular copies are kept; those from before a migration are never removed. */
const KEPT = 3

const DAY = 24 * 3600 * 1000
const folderOf = (store: Store) => join(dirname(store.path), 'backups')
const stamp = (time: Date) => time.toISOString().replaceAll(/[:.]/g, '-')
const REGULAR = /^library-(\d{4}-\d\d-\d\d)T[\d-]+Z\.db$/

/** Copies a library before it is changed by a migration, whole or not at all. */
export function backUpBeforeMigration(store: Store, version: number, now: Date): void {
  const name = `library-version-${version}-${stamp(now)}.db`
  const temporary = begin(store, name)
  store.copyTo(temporary)
  finish(store, temporary, name)
}

/** Copies a library in small pieces while it is used, if the last copy is a week old. @returns whether a copy was made */
export async function backUpIfDue(store: Store, now = new Date()): Promise<boolean> {
  try {
    const copies = regularCopies(store)
    const [, last] = REGULAR.exec(copies.at(-1) ?? '') ?? []
    if (last !== undefined && now.getTime() - Date.parse(last) < INTERVAL_DAYS * DAY) return false
    const name = `library-${stamp(now)}.db`
    const temporary = begin(store, name)
    try {
      await store.copyGradually(temporary)
      finish(store, temporary, name)
    } finally {
      rmSync(temporary, { force: true })
    }
    for (const old of regularCopies(store).slice(0, -KEPT)) rmSync(join(folderOf(store), old), { force: true })
    return true
  } catch (error) {
    throw libraryProblem(error, folderOf(store))
  }
}

function regularCopies(store: Store): string[] {
  mkdirSync(folderOf(store), { recursive: true })
  return readdirSync(folderOf(store))
    .filter(name => REGULAR.test(name))
    .sort()
}

function begin(store: Store, name: string): string {
  mkdirSync(folderOf(store), { recursive: true })
  const temporary = join(folderOf(store), `.${name}.${process.pid}`)
  rmSync(temporary, { force: true })
  return temporary
}

function finish(store: Store, temporary: string, name: string): void {
  syncFile(temporary)
  renameSync(temporary, join(folderOf(store), name))
  syncFolder(folderOf(store))
}
