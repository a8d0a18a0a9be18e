import type { Change } from '../../../app/api/documents.ts'
import { sayFailure } from '../../state/toasts.ts'
import { encodePng } from '../raster/encoder.ts'
import { placeOf } from '../raster/tiled-layer.ts'
import { useCanvas } from './canvas-state.ts'
import { changeLater, keptDocument, type Made } from './edits.ts'
import { documentNow, stage } from './stage.ts'

/** Changes that give a document without layers the size in which it is shown. */
export function firstChanges(): Change[] {
  if (keptDocument().layers.length > 0) return []
  const { width, height, frame } = documentNow()
  return [{ type: 'set-document', fields: { width, height, frame } }]
}

/** Makes what was painted into a layer's tiles one edit: they are encoded in another thread and kept, then the document names them.
 *  @param before changes that come first, e.g. the layer itself */
export function keepTiles(
  label: string,
  id: string,
  keys: readonly string[],
  before: readonly Change[] = [],
): Promise<void> {
  const { store } = stage()
  const tiles = store.begin(id)
  const pictures = keys.map(key => {
    const [column, row] = placeOf(key)
    const surface = tiles.tile(column, row)
    // A snapshot of now: the next stroke may touch the tile before this one is encoded.
    return surface === undefined ? undefined : createImageBitmap(surface.canvas)
  })
  store.hold(id, keys)
  let kept: Record<string, string | null> | undefined
  const make = async (): Promise<Made> => {
    const files = await Promise.all(pictures.map(async picture => fileOf(await picture)))
    kept = Object.fromEntries(keys.map((key, k) => [key, files[k]?.hash ?? null]))
    const bytes = new Map(files.filter(file => file !== undefined).map(file => [file.hash, file.bytes]))
    return { edit: { label, changes: [...before, { type: 'set-tiles', id, tiles: kept }] }, tiles: bytes }
  }
  return changeLater(make).then(() => {
    if (kept !== undefined) store.settle(id, kept)
    useCanvas.setState(state => (state.pending?.layer.id === id ? { pending: undefined } : state))
  }, sayFailure)
}

export interface TileFile {
  readonly hash: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** The PNG of a tile and its SHA-256; nothing where it is wholly transparent. */
export async function fileOf(picture: ImageBitmap | undefined): Promise<TileFile | undefined> {
  const bytes = picture === undefined ? undefined : await encodePng(picture)
  return bytes && { bytes, hash: hexadecimal(await crypto.subtle.digest('SHA-256', bytes)) }
}

const hexadecimal = (bytes: ArrayBuffer): string =>
  [...new Uint8Array(bytes)].map(byte => byte.toString(16).padStart(2, '0')).join('')
