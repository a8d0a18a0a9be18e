import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { BlobStore } from '../blobs.ts'
import { openLibrary } from '../library.ts'
import { Store } from '../store.ts'
import { problemCode, temporaryFolder, testLibrary } from '../testing.ts'
import { newLayer, type StudioDocument } from './document.ts'
import { Documents } from './documents.ts'
import { edit, put, request, tilePng } from './testing.ts'

const HOUR = 3600_000
const paint = newLayer({ kind: 'paint', name: 'Ink', id: 'ink' })
const size = { width: 1024, height: 1024 }

/** A document with one layer, and what draws a stroke on it. */
async function studio(options: Parameters<typeof testLibrary>[0] = {}) {
  const library = testLibrary(options)
  const { documents } = library
  const { id } = documents.create({ name: 'Harbour', ...size, layers: [paint] })
  let serial = 0
  /** Puts some new tiles on the layer. */
  const stroke = async (tiles = 2) => {
    const hashes = await documents.tiles.store(Array.from({ length: tiles }, () => tilePng(++serial)))
    const { revision } = documents.info(id)
    return documents.apply({ id, revision }, edit(`Brush ${serial}`, put('ink', hashes)))
  }
  return { library, documents, id, stroke, now: () => documents.open(id) }
}

test('a document is there after a restart, with what undo and redo would do', async () => {
  const home = temporaryFolder()
  const { library, documents, id, stroke, now } = await studio({ home })
  const first = now()
  expect(first).toMatchObject({ revision: 0, document: { name: 'Harbour', ...size, layers: [paint] } })
  expect([first.undo, first.redo]).toEqual([undefined, undefined])
  await stroke()
  const [one, { revision }] = [now(), await stroke()]
  expect(documents.undo({ id, revision })).toMatchObject({ revision: 3, undo: 'Brush 2', redo: 'Brush 4' })
  expect(now().document).toEqual(one.document)
  library.close()

  const again = testLibrary({ home }).documents
  expect(again.open(id)).toEqual({ document: one.document, revision: 3, undo: 'Brush 2', redo: 'Brush 4' })
  expect(again.redo({ id, revision: 3 })).toMatchObject({ revision: 4, undo: 'Brush 4', edit: { label: 'Brush 4' } })
  again.undo({ id, revision: 4 })
  again.undo({ id, revision: 5 })
  expect(again.open(id)).toMatchObject({ document: first.document, redo: 'Brush 2' })
  expect(await problemCode(() => again.undo({ id, revision: 6 }))).toBe('UNDO_NONE')
})

test('a new edit cuts off what could be done again', async () => {
  const { documents, id, stroke, now } = await studio()
  await stroke()
  const { revision } = await stroke()
  documents.undo({ id, revision })
  expect(await stroke()).toEqual({ revision: 4, undo: 'Brush 6' })
  expect(await problemCode(() => documents.redo({ id, revision: 4 }))).toBe('REDO_NONE')
  documents.undo({ id, revision: 4 })
  expect(now()).toMatchObject({ undo: 'Brush 2', redo: 'Brush 6' })
})

test('another window that works on an older state is refused in words, and nothing is changed', async () => {
  const home = temporaryFolder()
  const { documents, id, stroke, now } = await studio({ home })
  const { revision } = await stroke()
  const other = testLibrary({ home }).documents
  expect(other.open(id)).toEqual(now())
  const hide = edit('Hide', { type: 'set-layer', id: 'ink', fields: { isVisible: false } })
  other.apply({ id, revision }, hide)
  const before = now()
  expect(before.document.layers[0].isVisible).toBe(false)
  for (const late of [
    () => documents.apply({ id, revision }, hide),
    () => documents.undo({ id, revision }),
    () => documents.redo({ id, revision }),
  ]) {
    expect(late).toThrow('"Harbour" was changed in another window meanwhile.')
    expect(await problemCode(late)).toBe('DOCUMENT_CHANGED')
  }
  expect(now()).toEqual(before)
})

test('a call whose answer was lost is done once, whatever it was', async () => {
  const { documents, id, stroke, now } = await studio()
  const { revision } = await stroke()
  const hide = edit('Hide', { type: 'set-layer', id: 'ink', fields: { isVisible: false } })
  const steps = [
    (step: { id: string; revision: number; request: string }) => documents.apply(step, hide),
    (step: { id: string; revision: number; request: string }) => documents.undo(step),
    (step: { id: string; revision: number; request: string }) => documents.redo(step),
  ]
  let at = revision
  for (const make of steps) {
    const step = { id, revision: at, request: request() }
    const answer = make(step)
    const after = now()
    expect(make(step)).toEqual(answer)
    expect(now()).toEqual(after)
    at = answer.revision
  }
  expect(at).toBe(revision + 3)
})

test('an edit that names a tile which was never sent, or does not fit, changes nothing', async () => {
  const { documents, id, now } = await studio()
  const before = now()
  const unknown = edit('Brush', put('ink', ['ab'.repeat(32)]))
  expect(await problemCode(() => documents.apply({ id, revision: 0 }, unknown))).toBe('TILE_UNKNOWN')
  const foreign = edit('Settings', { type: 'set-layer', id: 'ink', fields: { settings: { prompt: 'fox', weight: 1 } } })
  expect(await problemCode(() => documents.apply({ id, revision: 0 }, foreign))).toBe('EDIT_INVALID')
  const nowhere = edit('Delete', { type: 'remove-layer', id: 'x' })
  expect(await problemCode(() => documents.apply({ id, revision: 0 }, nowhere))).toBe('EDIT_INVALID')
  expect(await problemCode(() => documents.open('x'))).toBe('DOCUMENT_UNKNOWN')
  expect(now()).toEqual(before)
})

test('a picture of the library is no tile of a document', async () => {
  const { library, documents, id } = await studio()
  const blob = await library.blobs.put(Buffer.from('a large picture'), 'image/png')
  library.images.add([{ blob, width: 1, height: 1, index: 0 }])
  const named = edit('Brush', put('ink', [blob.hash]))
  expect(await problemCode(() => documents.apply({ id, revision: 0 }, named))).toBe('TILE_UNKNOWN')
})

test('tiles that only a cut-off past named are collected; what document, journal or version names stays', async () => {
  const { library, documents, id, stroke, now } = await studio()
  const exists = (hash: string) => existsSync(library.blobs.find(hash)?.path ?? '')
  const tiles = () => Object.values(now().document.layers[0].tiles)
  await stroke()
  const kept = tiles()
  documents.keepVersion(id, 'Sketch')
  await stroke()
  const [second, { revision }] = [tiles(), documents.info(id)]
  documents.undo({ id, revision })
  expect(await documents.tiles.collect(Date.now() + 2 * HOUR)).toBe(0)
  await stroke()
  const third = tiles()
  const [waiting] = await documents.tiles.store([tilePng(900)])
  // Not those that were just sent.
  expect(await documents.tiles.collect(Date.now())).toBe(0)
  expect(await documents.tiles.collect(Date.now() + 2 * HOUR)).toBe(3)
  expect([...kept, ...third].map(exists)).toEqual([true, true, true, true])
  expect([...second, waiting].map(exists)).toEqual([false, false, false])

  const [version] = documents.versions(id)
  documents.trash([id])
  expect(await documents.emptyTrash(Date.now() + 2 * HOUR)).toEqual([id])
  expect([...kept, ...third].map(exists)).toEqual([false, false, false, false])
  expect(await problemCode(() => documents.version(id, version.id))).toBe('DOCUMENT_UNKNOWN')
})

test('a tile that is also a picture of the library stays when no document names it any more', async () => {
  const { library, documents } = await studio()
  const png = tilePng(5)
  const [hash] = await documents.tiles.store([png])
  library.images.add([{ blob: await library.blobs.put(png, 'image/png'), width: 256, height: 256, index: 0 }])
  expect(await documents.tiles.collect(Date.now() + 2 * HOUR)).toBe(1)
  expect(existsSync(library.blobs.find(hash)?.path ?? '')).toBe(true)
  // And the other way round: a picture that is deleted for good, while a document shows it.
  await documents.tiles.store([png])
  library.images.trash(library.images.list({}).images.map(image => image.id))
  await library.images.emptyTrash()
  expect(existsSync(library.blobs.find(hash)?.path ?? '')).toBe(true)
})

test('tiles whose files a power cut took, or left half written, are there again after the next start', async () => {
  const home = temporaryFolder()
  const { library, id, stroke, now } = await studio({ home })
  await stroke(3)
  const hashes = Object.values(now().document.layers[0].tiles)
  const paths = hashes.map(hash => library.blobs.find(hash)?.path ?? '')
  const whole = paths.map(path => readFileSync(path))
  library.close()
  truncateSync(paths[0], 0)
  truncateSync(paths[1], 100)
  rmSync(paths[2])

  const again = testLibrary({ home })
  await again.documents.tiles.settle()
  expect(paths.map(path => readFileSync(path))).toEqual(whole)
  expect(again.documents.open(id)).toMatchObject({ undo: expect.stringContaining('Brush') })
  // What is certainly on the disk is not kept twice.
  rmSync(paths[0])
  await again.documents.tiles.settle()
  expect(existsSync(paths[0])).toBe(false)
  // Sent once more, it is there once more.
  writeFileSync(paths[1], '')
  await again.documents.tiles.store([whole[0], whole[1]])
  expect(paths.slice(0, 2).map(path => readFileSync(path))).toEqual(whole.slice(0, 2))
})

test('the files of tiles follow by themselves', async () => {
  const { library, documents } = await studio()
  const put = vi.spyOn(library.blobs, 'putAll')
  await documents.tiles.store([tilePng(1), tilePng(2)])
  expect(put).not.toHaveBeenCalled()
  await vi.waitFor(() => expect(put).toHaveBeenCalledTimes(1), 5000)
  expect(put.mock.calls[0][0]).toEqual([tilePng(1), tilePng(2)])
})

test('the journal keeps its newest edits, by their number and by their bytes', async () => {
  const home = temporaryFolder()
  openLibrary({ home, keepsQueue: true }).close()
  const store = new Store(join(home, 'library.db'))
  const blobs = new BlobStore(join(home, 'blobs'), store, 'engine')
  const walk = async (limits: { edits: number; bytes: number }, strokes: number) => {
    const documents = new Documents(store, blobs, limits)
    const { id } = documents.create({ ...size, layers: [paint] })
    const states: StudioDocument[] = []
    for (let k = 0; k < strokes; k++) {
      const hashes = await documents.tiles.store([tilePng(1000 + k, { isRough: true })])
      documents.apply({ id, revision: k }, edit(`${k}`, put('ink', hashes)))
      states.push(documents.open(id).document)
    }
    let undone = 0
    for (let at = strokes; documents.open(id).undo !== undefined; at++) {
      documents.undo({ id, revision: at })
      undone++
      expect(documents.open(id).document).toEqual(states[strokes - 1 - undone] ?? { ...states[0], layers: [paint] })
    }
    return undone
  }
  expect(await walk({ edits: 5, bytes: 1e9 }, 8)).toBe(5)
  expect(await walk({ edits: 5, bytes: 1e9 }, 3)).toBe(3)
  // Each rough tile has a quarter of a megabyte.
  expect(await walk({ edits: 1000, bytes: 1_100_000 }, 8)).toBe(4)
  // The last edit can always be taken back.
  expect(await walk({ edits: 1000, bytes: 10 }, 3)).toBe(1)
  store.close()
})

test('documents are listed, renamed, copied, thrown away and taken back', async () => {
  const { documents, id, stroke } = await studio()
  await stroke()
  const copy = documents.duplicate(id)
  expect(copy).toMatchObject({ name: 'Harbour copy', revision: 0 })
  expect(documents.open(copy.id).document.layers).toEqual(documents.open(id).document.layers)
  expect(documents.open(copy.id).undo).toBeUndefined()
  documents.rename(id, 'Quay', Date.now() + 10)
  expect(documents.list().map(({ name }) => name)).toEqual(['Quay', 'Harbour copy'])
  expect(documents.open(id)).toMatchObject({ document: { name: 'Quay' }, undo: 'Rename' })
  expect(documents.trash([id, 'x', id])).toEqual([id])
  expect(documents.list().map(({ name }) => name)).toEqual(['Harbour copy'])
  expect(documents.list({ trashed: true })).toMatchObject([{ name: 'Quay', trashedAt: expect.any(Number) }])
  // A window that shows it still saves.
  documents.undo({ id, revision: documents.info(id).revision })
  expect(documents.restore([id, copy.id])).toEqual([id])
  expect(documents.list().map(({ name }) => name)).toEqual(['Harbour', 'Harbour copy'])
  // The copy lives on by itself.
  documents.trash([id])
  await documents.emptyTrash(Date.now() + 2 * HOUR)
  expect(Object.keys(documents.open(copy.id).document.layers[0].tiles)).toEqual(['0,0', '1,0'])
})

test('a small picture stands for a document, and goes with it', async () => {
  const { library, documents, id } = await studio()
  const first = await documents.setThumbnail(id, tilePng(1, { width: 512, height: 384 }))
  const second = await documents.setThumbnail(id, tilePng(2, { width: 512, height: 384 }))
  expect(documents.list()[0].thumbnail).toBe(second.thumbnail)
  expect(library.blobs.find(first.thumbnail ?? '')).toBeUndefined()
  expect(await problemCode(() => documents.setThumbnail(id, tilePng(3, { width: 513 })))).toBe('TILE_INVALID')
  const version = documents.keepVersion(id, 'Sketch')
  await documents.setThumbnail(id, tilePng(4))
  expect(library.blobs.find(second.thumbnail ?? '')).toBeDefined()
  documents.removeVersion(id, version.id)
  expect(library.blobs.find(second.thumbnail ?? '')).toBeUndefined()
})

test('a version is kept under a name, looked at, opened as a document, returned to and undone', async () => {
  const { documents, id, stroke, now } = await studio()
  await stroke()
  const sketch = now().document
  const version = documents.keepVersion(id, 'Sketch')
  const { revision } = await stroke()
  const later = now().document
  expect(documents.versions(id)).toEqual([version])
  expect(documents.version(id, version.id)).toEqual(sketch)
  const own = documents.duplicate(id, version.id)
  expect(own.name).toBe('Harbour, Sketch')
  expect(documents.open(own.id).document.layers).toEqual(sketch.layers)
  expect(documents.returnTo({ id, revision }, version.id)).toMatchObject({ undo: 'Return to Sketch' })
  expect(now().document).toEqual(sketch)
  documents.undo({ id, revision: revision + 1 })
  expect(now().document).toEqual(later)
  expect(await problemCode(() => documents.version(own.id, version.id))).toBe('VERSION_UNKNOWN')
})
