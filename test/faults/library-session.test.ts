import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { type Library, openLibrary } from '../../app/library/library.ts'
import type { Image } from '../../app/library/records.ts'
import { Store } from '../../app/library/store.ts'
import type { Line } from './library-session.ts'
import { rounds, temporaryHome } from './studio.ts'

/** Runs a session and kills it after some milliseconds. @returns what it said */
async function killedSession(home: string, seed: number, milliseconds: number): Promise<Line[]> {
  const script = fileURLToPath(new URL('library-session.ts', import.meta.url))
  const child = spawn(process.execPath, [script, home, `${seed}`], { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', piece => {
    text += piece
  })
  await once(child.stdout, 'data')
  await sleep(milliseconds)
  child.kill('SIGKILL')
  await once(child, 'close')
  return text
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))
}

interface Expected {
  hash: string
  starred: boolean
  trashed: boolean
}

/** What must be there after what was acknowledged, and which pictures the last deed may or may not have changed. */
function expectations(
  pictures: Map<string, Expected>,
  lines: readonly Line[],
): { uncertain: Set<string>; jobs: string[] } {
  const jobs: string[] = []
  for (const { about, deed, ids, hash } of lines) {
    if (about === 'begin') continue
    for (const id of ids) {
      const picture = pictures.get(id)
      if (deed === 'add') pictures.set(id, { hash: hash ?? '', starred: false, trashed: false })
      else if (deed === 'emptyTrash') pictures.delete(id)
      else if (deed === 'job') jobs.push(id)
      else if (picture && deed === 'star') picture.starred = true
      else if (picture) picture.trashed = deed === 'trash'
    }
  }
  const last = lines.at(-1)
  return { uncertain: new Set(last?.about === 'begin' ? last.ids : []), jobs }
}

function found(library: Library): Map<string, Image> {
  const all = new Map<string, Image>()
  for (const trashed of [false, true]) {
    let cursor: string | undefined
    do {
      const page = library.images.list({ trashed, cursor, limit: 500 })
      for (const image of page.images) all.set(image.id, image)
      cursor = page.next
    } while (cursor !== undefined)
  }
  return all
}

test('killed at any moment of a session, the library is sound and nothing acknowledged is lost', async () => {
  const home = temporaryHome()
  const pictures = new Map<string, Expected>()
  let seconds = 0
  for (let round = 0; round < rounds(6); round++) {
    const lines = await killedSession(home, round, Math.random() * 400)
    const { uncertain, jobs } = expectations(pictures, lines)

    const store = new Store(join(home, 'library.db'))
    expect(store.damages()).toEqual([])
    store.close()
    const start = performance.now()
    const library = openLibrary({ home, keepsQueue: true })
    seconds = Math.max(seconds, (performance.now() - start) / 1000)
    const recovery = await library.recovery
    expect(recovery?.blobs.rowsWithoutFile).toEqual([])

    const there = found(library)
    for (const [id, { hash, starred, trashed }] of pictures) {
      const image = there.get(id)
      if (uncertain.has(id)) continue
      expect(image).toMatchObject({ hash, starred })
      expect(image?.trashedAt !== undefined).toBe(trashed)
    }
    for (const { hash, recipe } of there.values()) {
      const bytes = readFileSync(library.blobs.find(hash)?.path ?? '')
      expect(createHash('sha256').update(bytes).digest('hex')).toBe(hash)
      expect(recipe?.seed).toBe('7')
    }
    // What was being added may be there too; nothing else is.
    expect([...there.keys()].filter(id => !pictures.has(id)).length).toBeLessThanOrEqual(1)
    expect(library.images.list({ search: 'fox', limit: 500 }).total).toBe(library.images.list({ limit: 500 }).total)
    for (const id of jobs) expect(library.jobs.get(id).state).toBe('done')

    // The next round begins with what is there now.
    pictures.clear()
    for (const { id, hash, starred, trashedAt } of there.values()) {
      pictures.set(id, { hash, starred, trashed: trashedAt !== undefined })
    }
    library.close()
  }
  expect(seconds).toBeLessThan(3)
})
