import type { BlendMode, PixelData, Layer as PsdLayer } from 'ag-psd'
import type { Layer } from '../../app/api/documents.ts'
import { type Branch, isPicture, treeOf } from '../canvas/raster/layer-tree.ts'

/** Pixels of a layer where they lie in the document. */
export interface PlacedPixels {
  readonly left: number
  readonly top: number
  readonly pixels: PixelData
}

/** Longest side of a Photoshop document; a larger one is a PSB. */
export const longestPsdSide = 30_000

/** The layers of a document as those of a Photoshop file, lowest first, with their groups. Masks, regions and controls are no part of the picture: they are
 *  hidden layers there. @param pixelsOf of a layer; nothing where it is empty */
export function psdLayers(
  layers: readonly Omit<Layer, 'tiles'>[],
  pixelsOf: (id: string) => PlacedPixels | undefined,
): PsdLayer[] {
  const made = ({ layer, children }: Branch): PsdLayer => {
    const { name, opacity, blend, isVisible, kind, id } = layer
    const looks = {
      ...{ name, opacity, hidden: !isVisible || !isPicture(layer) },
      blendMode: blend.replaceAll('-', ' ') as BlendMode,
    }
    if (kind === 'group') return { ...looks, opened: true, children: children.map(made) }
    const placed = pixelsOf(id)
    if (placed === undefined) return looks
    const { left, top, pixels } = placed
    return { ...looks, left, top, imageData: pixels }
  }
  return treeOf(layers.map(layer => ({ ...layer, tiles: {} }))).map(made)
}
