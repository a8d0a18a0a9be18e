import { movedScene } from '../../../app/api/bodies.ts'
import { type Affine, type Change, isOfKind, type Layer, type StudioDocument } from '../../../app/api/documents.ts'
import { applied, determinant, followed, scaling, translation } from '../raster/affine.ts'
import type { Size } from '../viewport.ts'

/** Which part of a document stays in its place when its edges move: shares of what is added to the left and above, 0, ½ or 1. */
export interface Anchor {
  readonly x: 0 | 0.5 | 1
  readonly y: 0 | 0.5 | 1
}

type Sized = Pick<StudioDocument, 'width' | 'height' | 'frame' | 'layers'>

/** The document in another size with all that is on it: layers are scaled where they stand, and no pixel is changed. */
export const scaledDocument = (document: Sized, { width, height }: Size): Change[] =>
  placed(document, { width, height }, scaling(width / document.width, height / document.height))

/** The document with its edges elsewhere; layers keep what lies outside of them. */
export const widenedDocument = (document: Sized, size: Size, { x, y }: Anchor): Change[] =>
  placed(
    document,
    size,
    translation(whole((size.width - document.width) * x), whole((size.height - document.height) * y)),
  )

/** The document as a rectangle of it. */
export const croppedDocument = (document: Sized, { x, y, width, height }: StudioDocument['frame']): Change[] =>
  placed(document, { width, height }, translation(-x, -y))

const whole = (value: number): number => Math.round(value) + 0

/** All that stands in a document moved to its place in another one. */
function placed({ frame, layers }: Sized, size: Size, move: Affine): Change[] {
  const [from, to] = [applied(move, frame), applied(move, { x: frame.x + frame.width, y: frame.y + frame.height })].map(
    ({ x, y }) => ({ x: whole(x), y: whole(y) }),
  )
  if (from === undefined || to === undefined) return []
  const side = (length: number) => Math.max(1, length)
  const around = { x: from.x, y: from.y, width: side(to.x - from.x), height: side(to.y - from.y) }
  return [
    { type: 'set-document', fields: { width: size.width, height: size.height, frame: around } },
    ...layers
      .filter(({ kind }) => kind !== 'group')
      .map((layer): Change => ({ type: 'set-layer', id: layer.id, fields: fieldsOf(layer, move) })),
  ]
}

/** What of a layer counts in pixels of the document. */
function fieldsOf(layer: Layer, move: Affine): Partial<Pick<Layer, 'transform' | 'settings'>> {
  const transform = followed(layer.transform, move)
  const larger = Math.sqrt(determinant(move))
  if (isOfKind(layer, 'control')) {
    const { figures, scene } = layer.settings
    const placed = {
      ...(figures && { figures: figures.map(figure => figure.map(joint => joint && applied(move, joint))) }),
      ...(scene && { scene: movedScene(scene, place => applied(move, place), larger) }),
    }
    return { transform, ...(Object.keys(placed).length > 0 && { settings: { ...layer.settings, ...placed } }) }
  }
  if (isOfKind(layer, 'mask') && larger !== 1) {
    const { blur, grow } = layer.settings
    return { transform, settings: { ...layer.settings, blur: blur * larger, grow: grow * larger } }
  }
  return { transform }
}
