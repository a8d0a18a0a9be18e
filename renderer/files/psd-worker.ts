/** Writes Photoshop files, off the page's own thread: one order, one answer. */
import { initializeCanvas, writePsdUint8Array } from 'ag-psd'
import { type Layer, tileSize } from '../../app/api/documents.ts'
import { bounds, isWhole } from '../canvas/raster/affine.ts'
import { filledPart } from '../canvas/raster/filled-part.ts'
import { isEmpty, outward, type Rectangle, union } from '../canvas/raster/rectangle.ts'
import { dropSurface, makeSurface, type Surface } from '../canvas/raster/surface.ts'
import { placeOf } from '../canvas/raster/tiled-layer.ts'
import { longestPsdSide, type PlacedPixels, psdLayers } from './psd.ts'

/** Pixels as they lie in the document. */
export interface DrawnPixels {
  readonly left: number
  readonly top: number
  readonly picture: ImageData
}

interface PsdLayer extends Omit<Layer, 'tiles'> {
  /** PNG files of the tiles, by their keys. */
  readonly tiles: Readonly<Record<string, Blob>>
  /** Texts and shapes as the page drew them: it alone has the letters. */
  readonly drawn?: DrawnPixels
}

export interface PsdOrder {
  readonly width: number
  readonly height: number
  /** The picture as a whole, for programs that read no layers. */
  readonly picture: ImageData
  readonly layers: readonly PsdLayer[]
  /** What it says of how it was made. */
  readonly xmp?: string
}

export type PsdAnswer = { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly problem: string }

/** All tiles of a layer side by side, in its own pixels. */
async function flatOf(tiles: PsdLayer['tiles']): Promise<{ surface: Surface; own: Rectangle }> {
  const rectangles = Object.keys(tiles).map(key => {
    const [column, row] = placeOf(key)
    return { x: column * tileSize, y: row * tileSize, width: tileSize, height: tileSize }
  })
  const own = rectangles.reduce(union, { x: 0, y: 0, width: 0, height: 0 })
  const surface = makeSurface(own.width, own.height)
  for (const [key, file] of Object.entries(tiles)) {
    const [column, row] = placeOf(key)
    const tile = await createImageBitmap(file, { colorSpaceConversion: 'none' })
    surface.context.drawImage(tile, column * tileSize - own.x, row * tileSize - own.y)
    tile.close()
  }
  return { surface, own }
}

/** The pixels of a layer as they lie in the document: as they are where it was only moved. */
async function pixelsOf({ tiles, transform, drawn }: PsdLayer): Promise<PlacedPixels | undefined> {
  if (drawn !== undefined) {
    const { left, top, picture } = drawn
    const surface = makeSurface(picture.width, picture.height)
    surface.context.putImageData(picture, 0, 0)
    return cropped(surface, left, top)
  }
  if (Object.keys(tiles).length === 0) return undefined
  const { surface: flat, own } = await flatOf(tiles)
  if (isWhole(transform)) return cropped(flat, own.x + transform[4], own.y + transform[5])
  const area = outward(bounds(transform, own))
  const placed = makeSurface(area.width, area.height)
  placed.context.translate(-area.x, -area.y)
  placed.context.transform(...transform)
  placed.context.imageSmoothingQuality = 'high'
  placed.context.drawImage(flat.canvas, own.x, own.y)
  dropSurface(flat)
  return cropped(placed, area.x, area.y)
}

function cropped(surface: Surface, left: number, top: number): PlacedPixels | undefined {
  const { canvas, context } = surface
  const found = filledPart(context.getImageData(0, 0, canvas.width, canvas.height))
  if (isEmpty(found)) return undefined
  const { data, width, height } = context.getImageData(found.x, found.y, found.width, found.height)
  dropSurface(surface)
  return { left: left + found.x, top: top + found.y, pixels: { data: new Uint8ClampedArray(data), width, height } }
}

async function write({ width, height, picture, layers, xmp }: PsdOrder): Promise<Uint8Array<ArrayBuffer>> {
  initializeCanvas(
    () => {
      throw new Error('there is no canvas')
    },
    (wide, high) => new ImageData(wide, high),
  )
  const pixels = new Map<string, PlacedPixels | undefined>()
  for (const layer of layers) pixels.set(layer.id, await pixelsOf(layer))
  const bytes = writePsdUint8Array(
    {
      ...{ width, height },
      imageData: { data: new Uint8ClampedArray(picture.data), width, height },
      children: psdLayers(layers, id => pixels.get(id)),
      ...(xmp !== undefined && { imageResources: { xmpMetadata: xmp } }),
    },
    { psb: Math.max(width, height) > longestPsdSide, noBackground: true },
  )
  return new Uint8Array(bytes)
}

addEventListener('message', async ({ data }: MessageEvent<PsdOrder>) => {
  const answer: PsdAnswer = await write(data).then(
    bytes => ({ bytes }),
    (error: unknown) => ({ problem: error instanceof Error ? error.message : String(error) }),
  )
  postMessage(answer, { transfer: 'bytes' in answer ? [answer.bytes.buffer] : [] })
})
