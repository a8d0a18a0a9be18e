import { applyEdit, type Edit, inverseOf, type StudioDocument } from '../../app/api/documents.ts'
import type { Api, DocumentChange, OpenDocument } from './api.ts'
import { engine, useEngine } from './engine.ts'
import { type Failure, failureOf } from './problem.ts'

/** Whether all that was done is on the disk. */
export type SaveState =
  | { readonly is: 'saved' }
  | { readonly is: 'saving' }
  /** `isFinal`: trying again does not help; the document can be opened again, or kept as a copy. */
  | { readonly is: 'not saved'; readonly reason: Failure; readonly isFinal: boolean }

export type TileBytes = ReadonlyMap<string, Uint8Array<ArrayBuffer>>

/** An edit, and what takes it back. */
interface Entry {
  readonly edit: Edit
  readonly inverse: Edit
}

/** What was done and is not known to be on the disk yet. `request` lets the engine do it once, however often it is asked. */
type Step = { readonly request: string } & (
  | { readonly do: 'edit'; readonly edit: Edit; readonly tiles: TileBytes }
  /** `isShown`: what it changes is shown already. */
  | { readonly do: 'undo' | 'redo'; readonly isShown: boolean }
)

export interface WriterParts {
  /** Something that is shown has changed. */
  readonly onChange: () => void
  readonly wait?: (milliseconds: number) => Promise<void>
}

/** Edits that this page can take back without asking; the engine keeps more. */
const MOST_KNOWN = 300
/** Milliseconds before a step that failed is tried again. */
const PAUSE = 1000
/** Tiles, and bytes of them, that go in one message. */
const TILES_OF_MESSAGE = 48
const BYTES_OF_MESSAGE = 8 * 2 ** 20
/** What no second try mends. */
const FINAL = new Set([
  'UNDO_NONE',
  'REDO_NONE',
  'DOCUMENT_CHANGED',
  'DOCUMENT_UNKNOWN',
  'EDIT_INVALID',
  'CALL_INVALID',
  'TILE_INVALID',
  'TILE_UNKNOWN',
])

export const ENGINE_AWAY: Failure = {
  code: 'ENGINE_AWAY',
  message: 'The engine is starting again; what was done is kept here and saved when it is back.',
}

const sleep = (milliseconds: number) => new Promise<void>(resolve => setTimeout(resolve, milliseconds))

/** The page's side of one document: shows each edit at once, sends it in its turn, and tries until it is on the disk. */
export class DocumentWriter {
  document: StudioDocument
  save: SaveState = { is: 'saved' }
  /** The revision that the engine answered last: without what waits here. */
  revision: number
  /** Edits that can be taken back, the last one first, and done again, the last one first: those that this page knows of. */
  readonly #past: Entry[] = []
  readonly #future: Entry[] = []
  /** By the engine's journal: what can be taken back and done again beyond them, in words. */
  #beyond: { undo?: string; redo?: string }
  #waiting: Step[] = []
  /** What was asked while a step is on its way whose change only the engine knows. */
  #deferred: (() => void)[] = []
  #isSending = false
  readonly #parts: WriterParts

  constructor({ document, revision, undo, redo }: OpenDocument, parts: WriterParts) {
    this.document = document
    this.revision = revision
    this.#beyond = { undo, redo }
    this.#parts = parts
  }

  get id(): string {
    return this.document.id
  }

  /** Nothing waits here. */
  get isIdle(): boolean {
    return this.#waiting.length === 0 && this.#deferred.length === 0
  }

  /** What undo and redo would do, in words. */
  get labels(): { undo?: string; redo?: string } {
    return {
      undo: this.#past.at(-1)?.edit.label ?? this.#beyond.undo,
      redo: this.#future.at(-1)?.edit.label ?? this.#beyond.redo,
    }
  }

  /** Bytes of a tile that may not be on the disk yet. */
  tile(hash: string): Uint8Array<ArrayBuffer> | undefined {
    for (const step of this.#waiting) {
      const bytes = step.do === 'edit' ? step.tiles.get(hash) : undefined
      if (bytes !== undefined) return bytes
    }
    return undefined
  }

  /** @throws Problem EDIT_INVALID */
  edit(edit: Edit, tiles: TileBytes): void {
    if (this.#isWalking) {
      this.#deferred.push(() => this.edit(edit, tiles))
      return
    }
    const inverse = inverseOf(this.document, edit)
    this.document = applyEdit(this.document, edit)
    this.#past.push({ edit, inverse })
    if (this.#past.length > MOST_KNOWN) this.#forgetOldest()
    this.#future.length = 0
    this.#beyond = { undo: this.#beyond.undo }
    this.#add({ do: 'edit', edit, tiles, request: crypto.randomUUID() })
  }

  undo(): void {
    this.#walk('undo', this.#past, this.#future)
  }

  redo(): void {
    this.#walk('redo', this.#future, this.#past)
  }

  /** Ends with a reason that no second try mends. */
  giveUp(reason: Failure): void {
    this.#set({ is: 'not saved', reason, isFinal: true })
  }

  /** Puts all tiles that wait here on the disk, so that another document can name them. */
  async storeWaitingTiles(api: Api): Promise<void> {
    for (const step of this.#waiting) if (step.do === 'edit') await storeTiles(api, step.tiles)
  }

  get #isWalking(): boolean {
    return this.#waiting.some(step => step.do !== 'edit' && !step.isShown)
  }

  #walk(way: 'undo' | 'redo', from: Entry[], to: Entry[]): void {
    if (this.#isWalking) {
      this.#deferred.push(() => this.#walk(way, from, to))
      return
    }
    if (this.labels[way] === undefined) return
    const entry = from.pop()
    if (entry !== undefined) {
      this.document = applyEdit(this.document, way === 'undo' ? entry.inverse : entry.edit)
      to.push(entry)
    }
    this.#add({ do: way, isShown: entry !== undefined, request: crypto.randomUUID() })
  }

  /** The engine's journal still has it. */
  #forgetOldest(): void {
    this.#beyond = { ...this.#beyond, undo: this.#past.shift()?.edit.label }
  }

  #add(step: Step): void {
    this.#waiting.push(step)
    if (this.save.is === 'not saved' && this.save.isFinal) this.#parts.onChange()
    else void this.#send()
  }

  #set(save: SaveState): void {
    this.save = save
    this.#parts.onChange()
  }

  /** Sends what waits, one after the other; a step leaves when it is on the disk. */
  async #send(): Promise<void> {
    if (this.#isSending) {
      this.#parts.onChange()
      return
    }
    this.#isSending = true
    for (let step = this.#waiting[0]; step !== undefined; step = this.#waiting[0]) {
      try {
        this.#set(isEngineHere() ? { is: 'saving' } : { is: 'not saved', reason: ENGINE_AWAY, isFinal: false })
        const api = await engine()
        if (this.save.is !== 'saving') this.#set({ is: 'saving' })
        await this.#make(api, step)
        this.#waiting.shift()
        if (!this.#isWalking) for (const ask of this.#deferred.splice(0)) ask()
      } catch (error) {
        const failed = failureOf(error)
        if (step.do !== 'edit' && !step.isShown && failed.code === `${step.do.toUpperCase()}_NONE`) {
          // Its journal was cut meanwhile.
          this.#beyond = { ...this.#beyond, [step.do]: undefined }
          this.#waiting.shift()
          continue
        }
        const isFinal = FINAL.has(failed.code)
        // A call that was cut off tells nothing about the document.
        this.#set({ is: 'not saved', reason: isEngineHere() ? failed : ENGINE_AWAY, isFinal })
        if (isFinal) break
        await (this.#parts.wait ?? sleep)(PAUSE)
      }
    }
    this.#isSending = false
    if (this.#waiting.length === 0) this.#set({ is: 'saved' })
  }

  async #make(api: Api, step: Step): Promise<void> {
    const asked = { id: this.id, revision: this.revision, request: step.request }
    if (step.do === 'edit') {
      await storeTiles(api, step.tiles)
      this.revision = (await api.documents.apply({ ...asked, edit: step.edit })).revision
    } else if (step.isShown) {
      this.revision = (await api.documents[step.do](asked)).revision
    } else {
      this.#show(step.do, await api.documents[step.do](asked))
    }
  }

  /** Shows a step into a past or future that only the engine knew. */
  #show(way: 'undo' | 'redo', { edit, revision, ...beyond }: DocumentChange): void {
    const back = inverseOf(this.document, edit)
    this.document = applyEdit(this.document, edit)
    this.revision = revision
    if (way === 'undo') this.#future.push({ edit: back, inverse: edit })
    else this.#past.push({ edit, inverse: back })
    this.#beyond = { ...this.#beyond, [way]: beyond[way] }
  }
}

const isEngineHere = () => useEngine.getState().presence !== 'away'

/** Sends tiles as bytes, some in one message. */
async function storeTiles(api: Api, tiles: TileBytes): Promise<void> {
  let message: Blob[] = []
  let bytes = 0
  const send = async () => {
    if (message.length > 0) await api.documents.storeTiles({ tiles: message })
    message = []
    bytes = 0
  }
  for (const tile of tiles.values()) {
    if (message.length === TILES_OF_MESSAGE || bytes + tile.length > BYTES_OF_MESSAGE) await send()
    message.push(new Blob([tile]))
    bytes += tile.length
  }
  await send()
}
