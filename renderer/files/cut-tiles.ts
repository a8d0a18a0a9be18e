import { type Tiles, tileSize } from '../../app/api/documents.ts'
import { fileOf } from '../canvas/actions/tiles.ts'
import { cells } from '../canvas/raster/rectangle.ts'
import { keyOf } from '../canvas/raster/tiled-layer.ts'
import type { TileBytes } from '../state/document.ts'

/** Tiles that are encoded at the same time. */
const AT_ONCE = 16

/** Pixels as tiles of a document, with the PNG of each tile by its hash. */
export interface CutPicture {
  readonly tiles: Tiles
  readonly bytes: TileBytes
}

/** Cuts a picture into the tiles of a layer that begins at its upper left corner. What is wholly transparent has no tile. */
export async function cutTiles(picture: ImageBitmap): Promise<CutPicture> {
  const tiles: Record<string, string> = {}
  const bytes = new Map<string, Uint8Array<ArrayBuffer>>()
  const places = [...cells({ x: 0, y: 0, width: picture.width, height: picture.height }, tileSize)]
  for (let k = 0; k < places.length; k += AT_ONCE) {
    await Promise.all(
      places.slice(k, k + AT_ONCE).map(async ([column, row]) => {
        const part = createImageBitmap(picture, column * tileSize, row * tileSize, tileSize, tileSize)
        const file = await fileOf(await part)
        if (file === undefined) return
        tiles[keyOf(column, row)] = file.hash
        bytes.set(file.hash, file.bytes)
      }),
    )
  }
  return { tiles, bytes }
}
