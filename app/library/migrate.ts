import { Problem } from '../problem.ts'
import { backUpBeforeMigration } from './backups.ts'
import type { Store } from './store.ts'

/** Brings a library to the version that this app writes: a backup, then each migration in a transaction of its own.
 *  @returns the version it had
 *  @throws Problem LIBRARY_NEWER when a later release wrote it; whatever a migration throws, with the library as it was */
export function migrate(store: Store, migrations: readonly ((store: Store) => void)[], now = new Date()): number {
  const found = store.version
  if (found > migrations.length) throw newer(store.path, found, migrations.length)
  if (found > 0 && found < migrations.length) backUpBeforeMigration(store, found, now)
  for (const [index, up] of migrations.entries()) {
    store.transaction(() => {
      // Another engine may have made the same migration since: the number is looked at under the lock.
      if (store.version !== index) return
      up(store)
      store.version = index + 1
    })
  }
  return found
}

const newer = (path: string, found: number, known: number) =>
  new Problem('LIBRARY_NEWER', `${path} was written by a later Sfumato (version ${found}, this one knows ${known}).`, {
    hint: 'Install the later Sfumato again, or set SFUMATO_HOME to another folder.',
  })
