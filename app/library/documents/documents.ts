import { randomUUID } from 'node:crypto'
import { Problem } from '../../problem.ts'
import type { BlobStore } from '../blobs.ts'
import type { Store } from '../store.ts'
import { applyEdit, type Edit, editBetween, inverseOf, type StudioDocument, tilesOf, tilesOfEdit } from './document.ts'
import { DocumentBodies } from './document-bodies.ts'
import { Journal, type JournalLimits } from './journal.ts'
import {
  areSettingsOf,
  type DocumentChange,
  type DocumentInfo,
  type DocumentState,
  type DocumentStep,
  type DocumentVersion,
  NewDocument,
  type OpenDocument,
} from './records.ts'
import { TileTable } from './tiles.ts'
import { Versions } from './versions.ts'

/** Most pixels of a document's small picture, either way. */
const THUMBNAIL_SIDE = 512

interface Row {
  number: number
  id: string
  name: string
  width: number
  height: number
  revision: number
  place: number
  request: string | null
  createdAt: number
  changedAt: number
  trashedAt: number | null
  thumbnail: string | null
}
const COLUMNS =
  'number, id, name, width, height, revision, place, request, createdAt, changedAt, trashedAt, thumbnail' as const

/** The documents of the library. Every change of one is on the disk, with what takes it back, before it is answered; a change that was made on another
 *  revision than the present one is refused, so two windows never work over each other. */
export class Documents {
  readonly tiles: TileTable
  readonly #store: Store
  readonly #blobs: BlobStore
  readonly #bodies: DocumentBodies
  readonly #journal: Journal
  readonly #versions: Versions

  constructor(store: Store, blobs: BlobStore, limits?: JournalLimits) {
    this.#store = store
    this.#blobs = blobs
    this.tiles = new TileTable(store, blobs)
    this.#bodies = new DocumentBodies(store)
    this.#journal = new Journal(store, this.tiles, limits)
    this.#versions = new Versions(store, blobs)
  }

  /** The one that was changed last comes first. */
  list({ trashed = false } = {}): DocumentInfo[] {
    const rows = this.#store.all<Row>(
      `SELECT ${COLUMNS} FROM documents WHERE trashedAt IS ${trashed ? 'NOT NULL' : 'NULL'} ORDER BY changedAt DESC, number DESC`,
    )
    return rows.map(infoOf)
  }

  /** @throws Problem DOCUMENT_UNKNOWN; as does all that names one */
  info(id: string): DocumentInfo {
    return infoOf(this.#row(id))
  }

  /** @throws Problem EDIT_INVALID, TILE_UNKNOWN */
  create(request: NewDocument, now = Date.now()): DocumentInfo {
    const { name, width, height, layers, frame = { x: 0, y: 0, width, height } } = NewDocument.parse(request)
    const id = randomUUID()
    const empty: StudioDocument = { id, name, width, height, frame, layers: [] }
    // Whether the layers fit together is found out by adding them.
    return this.#add(applyEdit(empty, editBetween(empty, { ...empty, layers }, '')), null, now)
  }

  open(id: string): OpenDocument {
    return this.#store.transaction(() => {
      const row = this.#row(id)
      return { document: this.#bodies.read(row), ...this.#state(row) }
    })
  }

  /** @throws Problem DOCUMENT_CHANGED where the revision is not the present one; EDIT_INVALID, TILE_UNKNOWN, DISK_FULL ...; then nothing is changed */
  apply(step: DocumentStep, edit: Edit, now = Date.now()): DocumentState {
    const { edit: _, ...state } = this.#step(step, now, (row, before) => {
      const after = applyEdit(before, edit)
      refuseForeignSettings(after, edit)
      const place = this.#journal.append(row.number, row.place, edit, inverseOf(before, edit), now)
      return { edit, after, place }
    })
    return state
  }

  /** Takes the last edit back. @throws Problem UNDO_NONE, DOCUMENT_CHANGED */
  undo(step: DocumentStep, now = Date.now()): DocumentChange {
    return this.#step(step, now, (row, before) => {
      const edit = this.#journal.at(row.number, row.place)?.inverse
      if (edit === undefined) throw new Problem('UNDO_NONE', 'There is nothing that can be undone.')
      return { edit, after: applyEdit(before, edit), place: row.place - 1 }
    })
  }

  /** Does again what was taken back last. @throws Problem REDO_NONE, DOCUMENT_CHANGED */
  redo(step: DocumentStep, now = Date.now()): DocumentChange {
    return this.#step(step, now, (row, before) => {
      const edit = this.#journal.at(row.number, row.place + 1)?.edit
      if (edit === undefined) throw new Problem('REDO_NONE', 'There is nothing that can be done again.')
      return { edit, after: applyEdit(before, edit), place: row.place + 1 }
    })
  }

  /** Gives it another name, which undo takes back. */
  rename(id: string, name: string, now = Date.now()): DocumentInfo {
    return this.#store.transaction(() => {
      const { revision } = this.#row(id)
      this.apply({ id, revision }, { label: 'Rename', changes: [{ type: 'set-document', fields: { name } }] }, now)
      return this.info(id)
    })
  }

  /** A document of its own with the same layers, without a past. @param version of it, to begin with that one */
  duplicate(id: string, version?: string, now = Date.now()): DocumentInfo {
    return this.#store.transaction(() => {
      const row = this.#row(id)
      const document = version === undefined ? this.#bodies.read(row) : this.#versions.read(row.number, version)
      const kept = version === undefined ? undefined : this.#versions.info(row.number, version)
      const name = kept === undefined ? `${row.name} copy` : `${row.name}, ${kept.name}`
      return this.#add({ ...document, id: randomUUID(), name }, kept ? (kept.thumbnail ?? null) : row.thumbnail, now)
    })
  }

  /** @returns the ids that were moved; unknown ones and those there already are left out */
  trash(ids: readonly string[], now = Date.now()): string[] {
    const move = (id: string) =>
      this.#store.run('UPDATE documents SET trashedAt = ? WHERE id = ? AND trashedAt IS NULL', [now, id])
    return this.#store.transaction(() => ids.filter(id => move(id) > 0))
  }

  /** @returns the ids that were restored */
  restore(ids: readonly string[]): string[] {
    const move = (id: string) =>
      this.#store.run('UPDATE documents SET trashedAt = NULL WHERE id = ? AND trashedAt IS NOT NULL', [id])
    return this.#store.transaction(() => ids.filter(id => move(id) > 0))
  }

  /** Removes for good what is in the trash, and the tiles that only it named. @returns the ids that were removed */
  async emptyTrash(now = Date.now()): Promise<string[]> {
    const removed = this.#store.transaction(() => {
      const pictures = this.#store.all<{ thumbnail: string }>(
        `SELECT thumbnail FROM documents WHERE trashedAt IS NOT NULL AND thumbnail IS NOT NULL UNION
         SELECT documentVersions.thumbnail FROM documentVersions JOIN documents ON documents.number = document
         WHERE trashedAt IS NOT NULL AND documentVersions.thumbnail IS NOT NULL`,
      )
      const rows = this.#store.all<{ id: string }>('DELETE FROM documents WHERE trashedAt IS NOT NULL RETURNING id')
      this.#blobs.doomUnused(pictures.map(({ thumbnail }) => thumbnail))
      return rows.map(({ id }) => id)
    })
    await this.#blobs.removeDoomed()
    await this.tiles.collect(now)
    return removed
  }

  /** Sets the small picture that stands for it in lists. @param png 8-bit RGBA, at most 512 x 512  @throws Problem TILE_INVALID, DISK_FULL ... */
  async setThumbnail(id: string, png: Uint8Array): Promise<DocumentInfo> {
    this.#row(id)
    await this.tiles.storePicture(png, THUMBNAIL_SIDE, hash => {
      const { number, thumbnail } = this.#row(id)
      this.#store.run('UPDATE documents SET thumbnail = ? WHERE number = ?', [hash, number])
      if (thumbnail !== null) this.#blobs.doomUnused([thumbnail])
    })
    await this.#blobs.removeDoomed()
    return this.info(id)
  }

  /** The versions of a document, the newest first. */
  versions(id: string): DocumentVersion[] {
    return this.#versions.list(this.#row(id).number)
  }

  /** Keeps the present state under a name. */
  keepVersion(id: string, name: string, now = Date.now()): DocumentVersion {
    return this.#store.transaction(() => {
      const row = this.#row(id)
      return this.#versions.keep(row.number, this.#bodies.read(row), { name, thumbnail: row.thumbnail, now })
    })
  }

  /** What a document was when a version was kept. @throws Problem VERSION_UNKNOWN; as do the next two */
  version(id: string, version: string): StudioDocument {
    return this.#versions.read(this.#row(id).number, version)
  }

  /** Makes a document what it was when a version was kept, which undo takes back. Its name stays. */
  returnTo(step: DocumentStep, version: string, now = Date.now()): DocumentChange {
    return this.#step(step, now, (row, before) => {
      const { name } = this.#versions.info(row.number, version)
      const kept = { ...this.#versions.read(row.number, version), name: before.name }
      const edit = editBetween(before, kept, `Return to ${name}`)
      const place = this.#journal.append(row.number, row.place, edit, inverseOf(before, edit), now)
      return { edit, after: applyEdit(before, edit), place }
    })
  }

  removeVersion(id: string, version: string): void {
    this.#versions.remove(this.#row(id).number, version)
  }

  /** Makes one step on a document: all or nothing. A step that was made already, and whose answer was lost, is answered once more. */
  #step(
    { id, revision, request }: DocumentStep,
    now: number,
    make: (row: Row, before: StudioDocument) => { edit: Edit; after: StudioDocument; place: number },
  ): DocumentChange {
    const done = this.#store.transaction(() => {
      const row = this.#row(id)
      if (request !== undefined && row.request === request && row.revision === revision + 1) {
        return { edit: this.#lastStep(row), ...this.#state(row) }
      }
      if (row.revision !== revision) throw changedElsewhere(row)
      const before = this.#bodies.read(row)
      const { edit, after, place } = make(row, before)
      this.#bodies.write(row.number, before, after, this.tiles.numbered(tilesOfEdit(edit)))
      this.#store.run(
        `UPDATE documents SET name = ?, width = ?, height = ?, revision = ?, place = ?, request = ?, changedAt = ?,
         wentBack = ? WHERE number = ?`,
        [
          ...[after.name, after.width, after.height, revision + 1, place, request ?? null, now],
          ...[place < row.place ? 1 : 0, row.number],
        ],
      )
      return { edit, ...this.#state({ ...row, revision: revision + 1, place }), after }
    })
    if (!('after' in done)) return done
    const { after, ...change } = done
    this.#bodies.remember(id, change.revision, after)
    return change
  }

  /** The edit that the last step applied. */
  #lastStep({ number, place }: Row): Edit {
    const wentBack = this.#store.get<{ wentBack: number }>('SELECT wentBack FROM documents WHERE number = ?', [number])
    const entry = this.#journal.at(number, wentBack?.wentBack === 1 ? place + 1 : place)
    if (entry === undefined) throw new Error('the journal lacks its last step')
    return wentBack?.wentBack === 1 ? entry.inverse : entry.edit
  }

  #add(document: StudioDocument, thumbnail: string | null, now: number): DocumentInfo {
    return this.#store.transaction(() => {
      const { id, name, width, height } = document
      this.#store.run(
        `INSERT INTO documents (id, name, width, height, revision, place, createdAt, changedAt, thumbnail, body)
         VALUES (?, ?, ?, ?, 0, 0, ?, ?, ?, '{}')`,
        [id, name, width, height, now, now, thumbnail],
      )
      const row = this.#row(id)
      const empty = { ...document, layers: [] }
      this.#bodies.write(row.number, empty, document, this.tiles.numbered(tilesOf(document)))
      return infoOf(row)
    })
  }

  #state({ number, revision, place }: Row): DocumentState {
    return { revision, ...this.#journal.labels(number, place) }
  }

  #row(id: string): Row {
    const row = this.#store.get<Row>(`SELECT ${COLUMNS} FROM documents WHERE id = ?`, [id])
    if (!row) throw new Problem('DOCUMENT_UNKNOWN', 'This document is not in the library any more.')
    return row
  }
}

const changedElsewhere = ({ name }: Row) =>
  new Problem('DOCUMENT_CHANGED', `"${name}" was changed in another window meanwhile.`, {
    hint: 'Open it again to go on from there.',
  })

/** The schemas cannot know the kind of the layer whose settings an edit sets. */
function refuseForeignSettings({ layers }: StudioDocument, { changes }: Edit): void {
  for (const change of changes) {
    if (change.type !== 'set-layer' || change.fields.settings === undefined) continue
    const layer = layers.find(({ id }) => id === change.id)
    if (layer === undefined || areSettingsOf(layer.kind, change.fields.settings)) continue
    throw new Problem('EDIT_INVALID', `The settings do not fit the layer "${layer.name}".`, {
      hint: 'Open the document again.',
    })
  }
}

const infoOf = ({
  id,
  name,
  width,
  height,
  revision,
  createdAt,
  changedAt,
  trashedAt,
  thumbnail,
}: Row): DocumentInfo => ({
  ...{ id, name, width, height, revision, createdAt, changedAt },
  ...(trashedAt !== null && { trashedAt }),
  ...(thumbnail !== null && { thumbnail }),
})
