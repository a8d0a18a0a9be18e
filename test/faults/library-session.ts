import { randomBytes } from 'node:crypto'
import { writeSync } from 'node:fs'
import { openLibrary } from '../../app/library/library.ts'

/** A scripted session in a library: `library-session HOME SEED`. Each deed is announced before and acknowledged after, a line of JSON
 *  each, so that whoever kills this process knows what must be there. */

/** What a session does; `made` comes with the acknowledgement. */
export interface Deed {
  readonly deed: 'add' | 'star' | 'trash' | 'restore' | 'emptyTrash' | 'job'
  readonly ids: readonly string[]
  readonly hash?: string
}
export type Line = { readonly about: 'begin' | 'done' } & Deed

const say = (line: Line) => writeSync(1, `${JSON.stringify(line)}\n`)

async function session(home: string, seed: number): Promise<void> {
  const library = openLibrary({ home, keepsQueue: true })
  const { images, blobs, jobs } = library
  await library.recovery
  let state = seed
  // Numerical Recipes' generator: the same session for the same seed.
  const random = (below: number) => {
    state = (state * 1664525 + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const some = (ids: readonly string[], most: number) => ids.filter(() => random(ids.length) < most)
  const shown = () => images.list({ limit: 500 }).images.map(image => image.id)

  const add = async () => {
    say({ about: 'begin', deed: 'add', ids: [] })
    const blob = await blobs.put(randomBytes(1000 + random(100_000)), 'image/png')
    const recipe = {
      ...{ operation: 'o', operationVersion: 1, parameters: { prompt: 'a fox', sampler: 's' }, seed: '7' },
      ...{ model: { name: 'm', hash: 'h' }, provider: 'cpu', app: 'a', parents: [] },
    }
    const [image] = images.add([{ blob, width: 1, height: 1, index: 0, recipe }])
    say({ about: 'done', deed: 'add', ids: [image.id], hash: blob.hash })
  }
  const star = () => {
    const [id] = some(shown(), 1)
    if (id === undefined) return
    say({ about: 'begin', deed: 'star', ids: [id] })
    images.star(id, true)
    say({ about: 'done', deed: 'star', ids: [id] })
  }
  const trash = () => {
    const ids = some(shown(), 3)
    say({ about: 'begin', deed: 'trash', ids })
    images.trash(ids)
    say({ about: 'done', deed: 'trash', ids })
  }
  const binned = () => images.list({ trashed: true, limit: 500 }).images.map(image => image.id)
  const restore = () => {
    const ids = some(binned(), 2)
    say({ about: 'begin', deed: 'restore', ids })
    images.restore(ids)
    say({ about: 'done', deed: 'restore', ids })
  }
  const emptyTrash = async () => {
    const ids = binned()
    say({ about: 'begin', deed: 'emptyTrash', ids })
    await images.emptyTrash()
    say({ about: 'done', deed: 'emptyTrash', ids })
  }
  const job = () => {
    say({ about: 'begin', deed: 'job', ids: [] })
    const { id } = jobs.add({ operation: 'o', model: 'm', parameters: {} })
    jobs.start(id)
    jobs.end(id, 'done')
    say({ about: 'done', deed: 'job', ids: [id] })
  }
  const deeds = [add, add, add, add, star, trash, restore, emptyTrash, job]
  for (;;) await deeds[random(deeds.length)]()
}

const [, script, home, seed] = process.argv
if (script === import.meta.filename) await session(home, Number(seed))
