import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { migrate } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { Store } from './store.ts'
import { problemCode, temporaryFolder } from './testing.ts'

const first = (store: Store) => store.script('CREATE TABLE things (name TEXT) STRICT')
const second = (store: Store) => store.script('ALTER TABLE things ADD COLUMN colour TEXT')
const failing = (store: Store) => {
  store.script('ALTER TABLE things ADD COLUMN size INTEGER')
  throw new Error('the third migration fails')
}

test('migrations are made once, in their order, each with the version that it makes', () => {
  const store = new Store(join(temporaryFolder(), 'library.db'))
  expect(migrate(store, [first])).toBe(0)
  expect(store.version).toBe(1)
  store.run('INSERT INTO things VALUES (?)', ['apple'])
  expect(migrate(store, [first, second])).toBe(1)
  expect(migrate(store, [first, second])).toBe(2)
  expect(store.get('SELECT * FROM things')).toEqual({ name: 'apple', colour: null })
  store.close()
})

test('a library is copied before it is changed; a new one is not', () => {
  const folder = temporaryFolder()
  const store = new Store(join(folder, 'library.db'))
  migrate(store, [first])
  expect(readdirSync(folder)).not.toContain('backups')
  store.run('INSERT INTO things VALUES (?)', ['apple'])
  migrate(store, [first, second], new Date('2026-11-23T10:00:00Z'))
  store.close()
  const [name, ...others] = readdirSync(join(folder, 'backups'))
  expect([name, others]).toEqual(['library-version-1-2026-11-23T10-00-00-000Z.db', []])
  const copy = new Store(join(folder, 'backups', name ?? ''))
  expect([copy.version, copy.get('SELECT * FROM things')]).toEqual([1, { name: 'apple' }])
  copy.close()
})

test('a migration that fails leaves the library as it was', () => {
  const store = new Store(join(temporaryFolder(), 'library.db'))
  migrate(store, [first])
  store.run('INSERT INTO things VALUES (?)', ['apple'])
  expect(() => migrate(store, [first, second, failing])).toThrow('the third migration fails')
  expect([store.version, store.get('SELECT * FROM things')]).toEqual([2, { name: 'apple', colour: null }])
  store.close()
})

test('a library of a later release is refused, untouched', async () => {
  const store = new Store(join(temporaryFolder(), 'library.db'))
  migrate(store, [first, second])
  expect(await problemCode(() => migrate(store, [first]))).toBe('LIBRARY_NEWER')
  expect(store.version).toBe(2)
  store.close()
})

test('pages of the gallery and searches are answered from indexes', () => {
  const store = new Store(join(temporaryFolder(), 'library.db'))
  migrate(store, migrations)
  const plan = (sql: string) =>
    store
      .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .map(row => row.detail)
      .join('; ')
  const page = plan('SELECT * FROM images WHERE trashedAt IS NULL ORDER BY createdAt DESC, number DESC LIMIT 100')
  expect(page).toContain('images_by_time')
  expect(page).not.toContain('TEMP B-TREE')
  expect(plan('SELECT count(*) FROM images WHERE trashedAt IS NULL')).toContain('COVERING INDEX')
  expect(plan(`SELECT id FROM jobs WHERE state = 'waiting' AND engine = 'e' ORDER BY position`)).not.toContain('TEMP')
  expect(plan(`SELECT id FROM images WHERE job = 'j' ORDER BY place`)).toContain('images_by_job')
  store.close()
})
