import { type Affine, type Frame, type Layer, newLayer } from '../../app/api/documents.ts'
import { followed, scaling, translation } from '../canvas/raster/affine.ts'
import type { Rectangle } from '../canvas/raster/rectangle.ts'
import type { Size } from '../canvas/viewport.ts'
import type { OpenedFile } from '../state/api.ts'
import type { CutPicture } from './cut-tiles.ts'

/** Characters of a name. */
const LONGEST_NAME = 200

/** A file's name as a document's or layer's: without folder and ending. */
export const plainName = (file: string): string =>
  (file.replace(/^.*[/\\]/, '').replace(/\.[a-z0-9]{1,5}$/i, '') || file).slice(0, LONGEST_NAME)

/** The layers of a file as those of a document, groups before what lies in them.
 *  @param cut the pixels of each layer of the file; groups have none  @param place from the file's pixels to the document's  @param parent the group that all of
 *  them lie in */
export function layersOfFile(
  file: OpenedFile,
  cut: readonly (CutPicture | undefined)[],
  name: string,
  place: Affine,
  parent: string | null = null,
): readonly Layer[] {
  /** The groups that are open, by depth. */
  const open: string[] = []
  return file.layers.map((layer, k) => {
    const { kind, depth, opacity, blend, isVisible, left, top } = layer
    const made = newLayer({
      ...{ kind, opacity, blend, isVisible },
      name: (layer.name || name).slice(0, LONGEST_NAME),
      parent: depth === 0 ? parent : (open[depth - 1] ?? parent),
      ...(kind === 'image' && { tiles: cut[k]?.tiles ?? {}, transform: followed(translation(left, top), place) }),
    })
    if (kind === 'group') open[depth] = made.id
    return made
  })
}

/** Where a picture comes into a document that is there: in the middle of the frame, as large as it is or, where it is larger than the frame, as
 *  large as fits in it. */
export function placeInFrame({ width, height }: Size, frame: Rectangle): Affine {
  const scale = Math.min(1, frame.width / width, frame.height / height)
  const x = Math.round(frame.x + (frame.width - width * scale) / 2)
  const y = Math.round(frame.y + (frame.height - height * scale) / 2)
  return followed(scaling(scale), translation(x, y))
}

/** The frame of a document that a picture began: as large as the next picture and in the middle, smaller where that is larger than the picture. */
export function frameOfPicture({ width, height }: Size, next: Size | undefined): Frame {
  if (next === undefined) return { x: 0, y: 0, width, height }
  const scale = Math.min(1, width / next.width, height / next.height)
  const [wide, high] = [Math.max(1, Math.round(next.width * scale)), Math.max(1, Math.round(next.height * scale))]
  return { x: Math.floor((width - wide) / 2), y: Math.floor((height - high) / 2), width: wide, height: high }
}
