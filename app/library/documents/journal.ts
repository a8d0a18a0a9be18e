import type { Store } from '../store.ts'
import { type Edit, tilesOfEdit } from './document.ts'
import type { DocumentState } from './records.ts'
import type { TileTable } from './tiles.ts'

/** How much of a document's past is kept: so many edits, and so many bytes of tiles and of the edits themselves. */
export interface JournalLimits {
  readonly edits: number
  readonly bytes: number
}
const usual: JournalLimits = { edits: 1000, bytes: 2 * 2 ** 30 }

/** The edits of all documents, each with its inverse, so that they can be taken back and done again after any restart. The edits of one are numbered
 *  without a gap; its `place` is the number of the last one in force, whether or not that one is still kept. */
export class Journal {
  readonly #store: Store
  readonly #tiles: TileTable
  readonly #limits: JournalLimits

  constructor(store: Store, tiles: TileTable, limits: JournalLimits = usual) {
    this.#store = store
    this.#tiles = tiles
    this.#limits = limits
  }

  /** What undo and redo would do at a place. */
  labels(document: number, place: number): Omit<DocumentState, 'revision'> {
    const rows = this.#store.all<{ number: number; label: string }>(
      'SELECT number, label FROM documentEdits WHERE document = ? AND number IN (?, ?)',
      [document, place, place + 1],
    )
    const undo = rows.find(({ number }) => number === place)?.label
    const redo = rows.find(({ number }) => number !== place)?.label
    return { ...(undo !== undefined && { undo }), ...(redo !== undefined && { redo }) }
  }

  /** An edit and what takes it back; undefined where it is not kept. */
  at(document: number, number: number): { edit: Edit; inverse: Edit } | undefined {
    const row = this.#store.get<{ edit: string; inverse: string }>(
      'SELECT edit, inverse FROM documentEdits WHERE document = ? AND number = ?',
      [document, number],
    )
    return row && { edit: JSON.parse(row.edit), inverse: JSON.parse(row.inverse) }
  }

  /** Writes an edit after a place; what could be done again there is gone. The oldest edits go where they are too many.
   *  @returns its number */
  append(document: number, place: number, edit: Edit, inverse: Edit, now: number): number {
    this.#store.run('DELETE FROM documentEdits WHERE document = ? AND number > ?', [document, place])
    const number = place + 1
    const texts = [JSON.stringify(edit), JSON.stringify(inverse)]
    const tiles = [edit, inverse].map(each => [...this.#tiles.numbered(tilesOfEdit(each)).values()])
    // The document itself holds one side's tiles, the journal the other's.
    const bytes = Math.max(...tiles.map(each => each.reduce((sum, tile) => sum + tile.bytes, 0)))
    const length = texts.reduce((sum, text) => sum + text.length, 0)
    this.#store.run(
      'INSERT INTO documentEdits (document, number, bytes, label, madeAt, edit, inverse) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [document, number, bytes + length, edit.label, now, ...texts],
    )
    for (const tile of new Set(tiles.flat().map(tile => tile.number))) {
      this.#store.run('INSERT INTO editTiles (document, edit, tile) VALUES (?, ?, ?)', [document, number, tile])
    }
    this.#trim(document, number)
    return number
  }

  #trim(document: number, newest: number): void {
    const rows = this.#store.all<{ number: number; bytes: number }>(
      'SELECT number, bytes FROM documentEdits WHERE document = ? ORDER BY number DESC',
      [document],
    )
    let bytes = 0
    const kept = rows.findIndex((row, index) => {
      bytes += row.bytes
      return row.number !== newest && (index >= this.#limits.edits || bytes > this.#limits.bytes)
    })
    if (kept < 0) return
    this.#store.run('DELETE FROM documentEdits WHERE document = ? AND number <= ?', [document, rows[kept].number])
  }
}
