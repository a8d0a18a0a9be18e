import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Edit, newLayer } from '../../app/api/documents.ts'
import { connectTo, standIn } from '../testing/stand-in.ts'
import {
  closeDocument,
  createDocument,
  edit,
  hasUnsaved,
  keepAsCopy,
  loadTile,
  openDocument,
  redo,
  reopenDocument,
  type TileBytes,
  undo,
  useDocument,
} from './document.ts'
import { setLine, useEngine } from './engine.ts'
import { away, session } from './session.ts'

/** The page's documents on a stand-in engine, over a real message channel. */

let engine: ReturnType<typeof standIn>
let line: ReturnType<typeof connectTo>
const others: ReturnType<typeof connectTo>[] = []
function connect() {
  line = connectTo(engine.router)
  session(line.api).catch(() => {})
}
/** A page of its own on the same library. */
function otherPage() {
  const other = connectTo(engine.router)
  others.push(other)
  return other.api
}
function cut() {
  line.close()
  away()
}
const view = () => useDocument.getState()
const until = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 })
const saved = () => until(() => expect(view().saveState).toEqual({ is: 'saved' }))
const ink = newLayer({ kind: 'paint', name: 'Ink', id: 'ink' })
const tilesShown = () => view().document?.layers[0]?.tiles
const id = () => view().document?.id ?? ''

let serial = 0
/** A stroke of one new tile. */
async function stroke(label: string): Promise<{ edit: Edit; tiles: TileBytes; hash: string }> {
  const bytes = new TextEncoder().encode(`tile ${++serial}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  const hash = [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')
  const change = { type: 'set-tiles', id: 'ink', tiles: { [`${serial},0`]: hash } } as const
  return { edit: { label, changes: [change] }, tiles: new Map([[hash, bytes]]), hash }
}
async function paint(label: string): Promise<string> {
  const drawn = await stroke(label)
  edit(drawn.edit, drawn.tiles)
  return drawn.hash
}

beforeEach(async () => {
  engine = standIn({ pictures: [{ hash: 'h', prompt: 'p' }], library: 0, pace: 1 })
  connect()
  await createDocument({ name: 'Harbour', width: 512, height: 512, layers: [ink] })
  expect(view()).toMatchObject({ document: { name: 'Harbour' }, saveState: { is: 'saved' } })
})
afterEach(() => {
  closeDocument()
  for (const open of [line, ...others.splice(0)]) open.close()
  setLine(undefined)
  useEngine.setState(useEngine.getInitialState(), true)
  useDocument.setState(useDocument.getInitialState(), true)
})

test('an edit is shown at once and saved a moment later, in its order', async () => {
  const hash = await paint('Brush')
  expect(Object.values(tilesShown() ?? {})).toEqual([hash])
  expect(view()).toMatchObject({ undo: 'Brush', saveState: { is: 'saving' } })
  expect(hasUnsaved()).toBe(true)
  await paint('Eraser')
  edit({ label: 'Hide', changes: [{ type: 'set-layer', id: 'ink', fields: { isVisible: false } }] })
  await saved()
  expect(hasUnsaved()).toBe(false)
  const there = await otherPage().documents.open({ id: id() })
  expect(there).toMatchObject({ revision: 3, document: view().document, undo: 'Hide' })
})

test('an edit that does not fit is refused here, and nothing is sent', async () => {
  const misfit: Edit = { label: 'Delete', changes: [{ type: 'remove-layer', id: 'x' }] }
  expect(() => edit(misfit)).toThrow('The change does not fit the document')
  expect(view().saveState).toEqual({ is: 'saved' })
  await paint('Brush')
  await saved()
})

test('undo and redo are shown at once, and walk on through what was done before this page opened', async () => {
  const states = [tilesShown()]
  for (const label of ['One', 'Two', 'Three']) {
    await paint(label)
    states.push(tilesShown())
  }
  undo()
  expect(view()).toMatchObject({ undo: 'Two', redo: 'Three' })
  expect(tilesShown()).toEqual(states[2])
  redo()
  undo()
  await saved()
  const own = id()
  closeDocument()
  expect(view().document).toBeUndefined()
  await openDocument(own)
  expect(view()).toMatchObject({ undo: 'Two', redo: 'Three' })
  undo()
  undo()
  undo()
  await saved()
  expect(view().undo).toBeUndefined()
  expect(view().redo).toBe('One')
  expect(tilesShown()).toEqual({})
  for (const state of states.slice(1)) {
    redo()
    await saved()
    expect(tilesShown()).toEqual(state)
  }
  expect(view()).toMatchObject({ undo: 'Three', redo: undefined })
  redo()
  expect(view().saveState).toEqual({ is: 'saved' })
})

test('what is drawn while an older step is on its way comes after it, and cuts off what could be done again', async () => {
  for (const label of ['One', 'Two']) await paint(label)
  await saved()
  const own = id()
  closeDocument()
  await openDocument(own)
  undo()
  const hash = await paint('New')
  await saved()
  expect(view()).toMatchObject({ undo: 'New', redo: undefined })
  expect(Object.values(tilesShown() ?? {})).toHaveLength(2)
  expect(Object.values(tilesShown() ?? {})).toContain(hash)
  expect((await otherPage().documents.open({ id: own })).document).toEqual(view().document)
})

test('while the engine is away everything goes on; it is saved when it is back', async () => {
  await paint('Before')
  await saved()
  cut()
  const hash = await paint('Brush')
  await until(() => expect(view().saveState).toMatchObject({ is: 'not saved', reason: { code: 'ENGINE_AWAY' } }))
  undo()
  redo()
  expect(await (await loadTile(hash)).text()).toBe(`tile ${serial}`)
  connect()
  await saved()
  expect((await otherPage().documents.open({ id: id() })).document).toEqual(view().document)
})

test('answers that are lost make nothing twice', async () => {
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  const lost: string[] = []
  /** The engine does what it is asked, but its first answer to each kind of call never comes. */
  const losing = new Proxy(line.api.documents, {
    get(target, name) {
      const call = Reflect.get(target, name)
      return async (input: unknown) => {
        const answer = await call(input)
        if (lost.includes(String(name))) return answer
        lost.push(String(name))
        throw new Error('The line is gone.')
      }
    },
  })
  const get = (api: object, name: string) => (name === 'documents' ? losing : Reflect.get(api, name))
  // What is awaited must not look like a promise.
  setLine(new Proxy(line.api, { get: (api, name) => (name === 'then' ? undefined : get(api, String(name))) }))
  await paint('Brush')
  await until(() => expect(view().saveState).toMatchObject({ is: 'not saved', isFinal: false }))
  undo()
  redo()
  await paint('Eraser')
  await saved()
  expect(lost).toEqual(['storeTiles', 'apply', 'undo', 'redo'])
  expect(await otherPage().documents.open({ id: id() })).toMatchObject({ revision: 4, document: view().document })
})

test('a document that is left before all is saved is saved all the same, and opened again as it was left', async () => {
  const own = id()
  cut()
  await paint('Brush')
  const left = view().document
  connect()
  await createDocument({ name: 'Quay', width: 64, height: 64 })
  await openDocument(own)
  expect(view().document).toEqual(left)
  await saved()
  expect((await otherPage().documents.open({ id: own })).document).toEqual(left)
})

test('what another page does is shown here, where nothing waits', async () => {
  const other = otherPage()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  await other.documents.rename({ id: id(), name: 'Pier' })
  await until(() => expect(view()).toMatchObject({ document: { name: 'Pier' }, undo: 'Rename' }))
  undo()
  await saved()
  expect(view().document?.name).toBe('Harbour')
})

test('where two pages change a document, the later one is told, and can keep what it has', async () => {
  const own = id()
  const other = otherPage()
  cut()
  await paint('Here')
  const here = view().document
  await other.documents.rename({ id: own, name: 'Pier' })
  connect()
  await until(() => expect(view().saveState).toMatchObject({ is: 'not saved', isFinal: true }))
  expect(view().saveState).toMatchObject({ reason: { code: 'DOCUMENT_CHANGED' } })
  // It can be worked on, and is still not saved.
  await paint('More')
  expect(hasUnsaved()).toBe(true)
  await keepAsCopy()
  expect(view()).toMatchObject({ document: { name: 'Harbour copy' }, saveState: { is: 'saved' } })
  expect(Object.keys(tilesShown() ?? {}).length).toBe(Object.keys(here?.layers[0]?.tiles ?? {}).length + 1)
  expect(id()).not.toBe(own)
  expect(hasUnsaved()).toBe(false)
  expect((await other.documents.open({ id: own })).document).toMatchObject({ name: 'Pier', layers: [{ tiles: {} }] })
})

test('or give it up, and go on from what the other page made', async () => {
  const other = otherPage()
  cut()
  await paint('Here')
  await other.documents.rename({ id: id(), name: 'Pier' })
  connect()
  await until(() => expect(view().saveState).toMatchObject({ is: 'not saved', isFinal: true }))
  await reopenDocument()
  expect(view()).toMatchObject({ document: { name: 'Pier', layers: [{ tiles: {} }] }, saveState: { is: 'saved' } })
  await paint('Again')
  await saved()
})

test('a document that was deleted for good elsewhere is still shown, and says so', async () => {
  const other = otherPage()
  await until(() => expect(useEngine.getState().presence).toBe('here'))
  await other.documents.trash({ ids: [id()] })
  await other.documents.emptyTrash()
  await until(() => expect(view().saveState).toMatchObject({ is: 'not saved', reason: { code: 'DOCUMENT_UNKNOWN' } }))
  await keepAsCopy()
  expect(view().document).toMatchObject({ name: 'Harbour copy', layers: [{ id: 'ink' }] })
})

test('a document that is not there is said in words', async () => {
  await openDocument('x')
  expect(view().failure).toMatchObject({ code: 'DOCUMENT_UNKNOWN' })
  expect(view()).toMatchObject({ opening: undefined, document: { name: 'Harbour' } })
})
