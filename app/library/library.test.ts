import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Library, openLibrary } from './library.ts'
import { libraryProblem, Store } from './store.ts'
import { addImage, problemCode, temporaryFolder, testLibrary } from './testing.ts'

const job = { operation: 'text-to-image', model: 'm', parameters: { prompt: 'a fox' } }

/** Another process that opens the library, has one job running and one waiting, and is then killed without a word. */
async function killedEngine(home: string, keepsQueue: boolean): Promise<void> {
  const script = `
    import { openLibrary } from ${JSON.stringify(new URL('./library.ts', import.meta.url).href)}
    const library = openLibrary({ home: ${JSON.stringify(home)}, keepsQueue: ${keepsQueue} })
    const running = library.jobs.add(${JSON.stringify(job)})
    library.jobs.add(${JSON.stringify(job)})
    library.jobs.start(running.id)
    console.log('ready')
    setInterval(() => library.engine, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  const other = openLibrary({ home, keepsQueue: true })
  expect(other.recovery).toBeUndefined()
  expect(other.jobs.list().map(found => found.state)).toEqual(['running', 'waiting'])
  other.close()
  child.kill('SIGKILL')
  await once(child, 'exit')
}

test('jobs of an engine that lives are left alone; of one that was killed, the running is interrupted, the queue goes on', async () => {
  const home = temporaryFolder()
  await killedEngine(home, true)
  const library = testLibrary({ home })
  const [waiting, interrupted] = library.jobs.list()
  expect(waiting).toMatchObject({ state: 'waiting', engine: library.engine })
  expect(interrupted).toMatchObject({ state: 'interrupted', problem: { code: 'ENGINE_ENDED' } })
  expect((await library.recovery)?.jobs.map(found => found.state)).toEqual(['interrupted', 'waiting'])
  expect(readdirSync(join(home, 'engines')).filter(name => name.endsWith('.lock'))).toEqual([`${library.engine}.lock`])
})

test('the queue of a killed command is not drawn by the app that opens next', async () => {
  const home = temporaryFolder()
  await killedEngine(home, false)
  expect(
    testLibrary({ home })
      .jobs.list()
      .map(found => found.state),
  ).toEqual(['interrupted', 'interrupted'])
})

test('closing keeps what waits for the next start, and says what became of what ran', () => {
  const home = temporaryFolder()
  const first = testLibrary({ home })
  const running = first.jobs.add(job)
  const waiting = first.jobs.add(job)
  first.jobs.start(running.id)
  first.close()
  const second = testLibrary({ home })
  expect(second.recovery).toBeUndefined()
  expect(second.jobs.get(running.id)).toMatchObject({ state: 'interrupted', problem: { code: 'ENGINE_CLOSED' } })
  expect(second.jobs.waiting().map(found => found.id)).toEqual([waiting.id])
})

test("two engines see each other's pictures, and each is told of the other's", async () => {
  const home = temporaryFolder()
  const [app, command] = [testLibrary({ home }), testLibrary({ home, keepsQueue: false })]
  const draw = async (library: Library) => {
    const { id } = library.jobs.add(job)
    const blob = await library.blobs.put(Buffer.from(id), 'image/png')
    return library.images.add([{ blob, width: 1, height: 1, index: 0, job: id }])
  }
  const own = await draw(app)
  expect(app.addedByOthers()).toEqual([])
  const others = await draw(command)
  expect(app.images.list({}).images).toEqual([...others, ...own])
  expect([app.addedByOthers(), app.addedByOthers()]).toEqual([others, []])
  expect([command.addedByOthers(), command.addedByOthers()]).toEqual([own, []])
})

test('a damaged library is refused in words and stays as it is', async () => {
  const home = temporaryFolder()
  const first = testLibrary({ home })
  await addImage(first)
  first.close()
  const path = join(home, 'library.db')
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 0, 100)
  writeFileSync(path, bytes)
  expect(await problemCode(() => openLibrary({ home, keepsQueue: true }))).toBe('LIBRARY_DAMAGED')
  expect(readFileSync(path)).toEqual(bytes)
})

test('a library whose pages are damaged is found out after an unclean end, before anything is written', async () => {
  const home = temporaryFolder()
  await killedEngine(home, true)
  const store = new Store(join(home, 'library.db'))
  store.script('PRAGMA wal_checkpoint(TRUNCATE)')
  store.close()
  const path = join(home, 'library.db')
  const bytes = readFileSync(path)
  bytes.fill(0x5a, 4096 * 3, 4096 * 6)
  writeFileSync(path, bytes)
  expect(await problemCode(() => openLibrary({ home, keepsQueue: true }))).toBe('LIBRARY_DAMAGED')
  expect(readFileSync(path)).toEqual(bytes)
})

test('a folder that cannot be written is said in words', async () => {
  const home = temporaryFolder()
  writeFileSync(join(home, 'file'), '')
  expect(libraryProblem(Object.assign(new Error('x'), { code: 'EROFS' }), home)).toMatchObject({
    code: 'LIBRARY_READ_ONLY',
  })
  if (process.getuid?.() === 0) return
  chmodSync(home, 0o500)
  expect(await problemCode(() => openLibrary({ home, keepsQueue: true }))).toBe('LIBRARY_READ_ONLY')
})

test('a full database is said in words, and what was recorded before is still there', async () => {
  const home = temporaryFolder()
  const library = testLibrary({ home })
  const image = await addImage(library)
  const full = new Store(join(home, 'library.db'))
  full.script('PRAGMA max_page_count = 1')
  const fill = () =>
    full.transaction(() => full.run('INSERT INTO settings VALUES (?, ?)', ['x', `"${'y'.repeat(1e6)}"`]))
  expect(await problemCode(fill)).toBe('DISK_FULL')
  full.close()
  expect(library.images.get(image.id)).toEqual(image)
})

test('settings: defaults, changes, and values of another release', () => {
  const home = temporaryFolder()
  const library = testLibrary({ home })
  expect(library.settings.read()).toEqual({
    theme: 'system',
    language: 'system',
    provider: 'auto',
    precision: 'as stored',
    memoryShare: 0.6,
    saysOrigin: true,
    contrast: 'system',
    notifies: true,
    keys: {},
    pressureCurve: [1 / 3, 1 / 3, 2 / 3, 2 / 3],
  })
  expect(library.settings.change({ theme: 'dark' })).toEqual({
    theme: 'dark',
    language: 'system',
    provider: 'auto',
    precision: 'as stored',
    memoryShare: 0.6,
    saysOrigin: true,
    contrast: 'system',
    notifies: true,
    keys: {},
    pressureCurve: [1 / 3, 1 / 3, 2 / 3, 2 / 3],
  })
  const store = new Store(join(home, 'library.db'))
  store.run(`UPDATE settings SET value = '"sepia"' WHERE key = 'theme'`)
  store.close()
  expect(library.settings.read().theme).toBe('system')
})
