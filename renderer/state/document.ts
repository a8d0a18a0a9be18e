import { create } from 'zustand'
import type { Edit, StudioDocument } from '../../app/api/documents.ts'
import { t } from '../language/language.ts'
import { blobUrl, type DocumentInfo, type NewDocument, type StudioEvent } from './api.ts'
import { DocumentWriter, type SaveState, type TileBytes } from './document-writer.ts'
import { engine, useEngine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'
import { keep, load } from './storage.ts'

export type { SaveState, TileBytes } from './document-writer.ts'

/** The document that is open: shown with every edit at once, written by the engine a moment later. */
export interface DocumentView {
  readonly document?: StudioDocument
  /** What undo and redo would do, in words; absent: nothing. */
  readonly undo?: string
  readonly redo?: string
  readonly saveState: SaveState
  /** Id of the document that is being opened. */
  readonly opening?: string
  /** Why it could not be opened, or nothing could be made. */
  readonly failure?: Failure
}

export const useDocument = create<DocumentView>()(() => ({ saveState: { is: 'saved' } }))

const LAST_KEY = 'sfumato.document'

let current: DocumentWriter | undefined
/** Documents that were left before all of them was on the disk, by id; they are written all the same. */
const left = new Map<string, DocumentWriter>()

/** Shows what a writer has; undefined: no document. */
function show(writer: DocumentWriter | undefined): void {
  current = writer
  useDocument.setState(
    writer === undefined
      ? { document: undefined, undo: undefined, redo: undefined, saveState: { is: 'saved' } }
      : { document: writer.document, ...writer.labels, saveState: writer.save, failure: undefined },
  )
}

function writerOf(opened: ConstructorParameters<typeof DocumentWriter>[0]): DocumentWriter {
  const writer: DocumentWriter = new DocumentWriter(opened, {
    onChange: () => {
      if (writer === current) show(writer)
      else if (writer.isIdle) left.delete(writer.id)
    },
  })
  return writer
}

/** Puts the present document away; what of it is not saved is saved in the background. */
function leave(): void {
  if (current !== undefined && !current.isIdle) left.set(current.id, current)
}

let turn = 0

/** Opens a document in place of the present one. */
export async function openDocument(id: string): Promise<void> {
  const mine = ++turn
  const waiting = current?.id === id && !current.isIdle ? current : left.get(id)
  // What was done here and is not on the disk is newer than what the engine has.
  if (waiting !== undefined) return enter(waiting)
  useDocument.setState({ opening: id, failure: undefined })
  try {
    const opened = await (await engine()).documents.open({ id })
    // Something may have been done meanwhile on what is shown: whether it fits is the engine's to say.
    const isBusy = current?.id === id && !current.isIdle
    if (mine === turn) enter(isBusy && current ? current : writerOf(opened))
  } catch (error) {
    if (mine === turn) useDocument.setState({ opening: undefined, failure: failureOf(error) })
  }
}

function enter(writer: DocumentWriter): void {
  if (current?.id !== writer.id) leave()
  left.delete(writer.id)
  keep(LAST_KEY, writer.id)
  useDocument.setState({ opening: undefined })
  show(writer)
}

/** The document that was open last, if it is still there and not in the trash. */
export async function reopenLast(): Promise<void> {
  const id = load(LAST_KEY)
  if (id === null) return
  const known = await (await engine()).documents.list()
  if (known.some(info => info.id === id)) await openDocument(id)
}

/** Makes a document and opens it. */
export async function createDocument(request: NewDocument): Promise<void> {
  useDocument.setState({ failure: undefined })
  try {
    const { id } = await (await engine()).documents.create(request)
    await openDocument(id)
  } catch (error) {
    useDocument.setState({ failure: failureOf(error) })
  }
}

export function closeDocument(): void {
  turn++
  leave()
  show(undefined)
}

// ---- Working on it -----------------------------------------------------------------------------------------------------

/** Changes the open document, at once; it is on the disk when `saveState` says so.
 *  @param tiles PNG bytes (8-bit RGBA, at most 256 x 256) of the tiles that are new in the edit, by their SHA-256
 *  @throws Problem EDIT_INVALID where the edit does not fit the document */
export function edit(edit: Edit, tiles: TileBytes = new Map()): void {
  current?.edit(edit, tiles)
}

export const undo = (): void => current?.undo()
export const redo = (): void => current?.redo()

/** A tile's PNG, whether or not it is on the disk yet. @throws an Error where there is none */
export async function loadTile(hash: string): Promise<Blob> {
  for (const writer of [current, ...left.values()]) {
    const bytes = writer?.tile(hash)
    if (bytes !== undefined) return new Blob([bytes], { type: 'image/png' })
  }
  const answer = await fetch(blobUrl(hash))
  if (!answer.ok) throw new Error('A piece of the picture could not be read from the library.')
  return await answer.blob()
}

/** Whether something was done that is not on the disk yet, in any document. */
export const hasUnsaved = (): boolean => [current, ...left.values()].some(writer => writer?.isIdle === false)

/** Asks before the window is closed while something is not on the disk. */
export function askBeforeClosing(event: BeforeUnloadEvent): void {
  if (hasUnsaved()) event.preventDefault()
}

/** Gives up what was done here and could not be saved, and shows the document as it is in the library. */
export async function reopenDocument(): Promise<void> {
  if (current === undefined) return
  const { id } = current
  left.delete(id)
  current = undefined
  await openDocument(id)
}

/** Makes a document of its own of what is shown, where it cannot be saved as what it was; nothing that was done here is lost. */
export async function keepAsCopy(): Promise<void> {
  const writer = current
  if (writer === undefined) return
  try {
    const api = await engine()
    await writer.storeWaitingTiles(api)
    const { name, width, height, frame, layers } = writer.document
    const { id } = await api.documents.create({
      name: t('{name} copy', { name }),
      width,
      height,
      frame,
      layers: [...layers],
    })
    if (writer === current) current = undefined
    await openDocument(id)
  } catch (error) {
    useDocument.setState({ failure: failureOf(error) })
  }
}

// ---- What happens elsewhere ----------------------------------------------------------------------------------------------

/** Another page may have changed the document that is open here. */
export function documentEvent(event: StudioEvent): void {
  if (event.type === 'document' && event.document.id === current?.id) {
    // What waits here is refused by the engine, in words.
    if (current.isIdle && event.document.revision > current.revision) void openDocument(current.id)
  }
  if (event.type === 'documents removed' && current !== undefined && event.ids.includes(current.id)) {
    current.giveUp({
      code: 'DOCUMENT_UNKNOWN',
      message: `"${current.document.name}" was deleted for good in another window.`,
      hint: 'Keep it as a copy to have it back.',
    })
  }
}

/** A line to the engine was opened: what changed elsewhere meanwhile is shown. */
export async function documentsOpened(): Promise<void> {
  const api = await engine()
  const lists = await Promise.all([api.documents.list(), api.documents.list({ trashed: true })])
  const documents = Object.fromEntries(lists.flat().map((info): [string, DocumentInfo] => [info.id, info]))
  useEngine.setState({ documents })
  const info = current && documents[current.id]
  if (info) documentEvent({ type: 'document', document: info })
}
