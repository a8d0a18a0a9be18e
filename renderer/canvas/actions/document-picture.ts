import type { StudioDocument } from '../../../app/api/documents.ts'
import { loadTile } from '../../state/document.ts'
import { LayerStore } from '../raster/layer-store.ts'
import type { Surface } from '../raster/surface.ts'
import { fontsReady } from '../raster/vector.ts'
import type { Size } from '../viewport.ts'
import { drawn, pictureTree } from './region.ts'

const load = async (hash: string): Promise<ImageBitmap> =>
  createImageBitmap(await loadTile(hash), { colorSpaceConversion: 'none' })

/** Draws a document that is not on the stage, from the tiles in the library. The surface belongs to the caller.
 *  @throws an Error where a tile cannot be read */
export async function drawDocument(document: StudioDocument, size: Size): Promise<Surface> {
  let failure: unknown
  const store = new LayerStore({
    load,
    changed: () => {},
    failed: error => {
      failure = error
    },
  })
  try {
    store.follow(document)
    await Promise.all([fontsReady(document.layers), ...document.layers.map(({ id }) => store.loaded(id))])
    if (failure !== undefined) throw failure
    const all = { x: 0, y: 0, width: document.width, height: document.height }
    return drawn(pictureTree(document), all, size, id => store.get(id))
  } finally {
    store.follow({ ...document, layers: [] })
  }
}
