import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { backUpBeforeMigration, backUpIfDue } from './backups.ts'
import { Store } from './store.ts'
import { temporaryFolder } from './testing.ts'

const day = (n: number) => new Date(Date.UTC(2026, 10, n, 12))

test('a copy a week, of which the last three stay; those from before a migration are not touched', async () => {
  const folder = temporaryFolder()
  const store = new Store(join(folder, 'library.db'))
  store.script('CREATE TABLE things (name TEXT) STRICT')
  backUpBeforeMigration(store, 1, day(1))
  expect(await backUpIfDue(store, day(1))).toBe(true)
  expect(await backUpIfDue(store, day(7))).toBe(false)
  for (const n of [8, 15, 22]) {
    store.run('INSERT INTO things VALUES (?)', [`${n}`])
    expect(await backUpIfDue(store, day(n))).toBe(true)
  }
  const names = readdirSync(join(folder, 'backups')).sort()
  const regular = ['08', '15', '22'].map(n => `library-2026-11-${n}T12-00-00-000Z.db`)
  expect(names).toEqual([...regular, 'library-version-1-2026-11-01T12-00-00-000Z.db'])
  const copy = new Store(join(folder, 'backups', names[1]))
  expect(copy.all('SELECT name FROM things')).toEqual([{ name: '8' }, { name: '15' }])
  for (const open of [store, copy]) open.close()
})

test('a copy that fails leaves nothing behind', async () => {
  const folder = temporaryFolder()
  const store = new Store(join(folder, 'library.db'))
  const copying = backUpIfDue(store, day(1))
  store.close()
  await expect(copying).rejects.toThrow()
  expect(readdirSync(join(folder, 'backups'))).toEqual([])
})
