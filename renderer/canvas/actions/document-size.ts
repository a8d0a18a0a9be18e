import type { Change } from '../../../app/api/documents.ts'
import { t } from '../../language/language.ts'
import type { Image as Picture } from '../../state/api.ts'
import { say } from '../../state/toasts.ts'
import { type Anchor, croppedDocument, scaledDocument, widenedDocument } from '../painting/document-size.ts'
import { isEmpty, type Rectangle } from '../raster/rectangle.ts'
import type { Size } from '../viewport.ts'
import { change, keptDocument } from './edits.ts'
import { documentNow } from './stage.ts'

function apply(label: string, changesOf: (document: ReturnType<typeof documentNow>) => Change[]): void {
  if (keptDocument().layers.length === 0) return
  void change({ label, changes: changesOf({ ...keptDocument(), frame: documentNow().frame }) })
}

/** Makes the document larger or smaller with all that is on it. */
export const resizePicture = (size: Size): void => apply('Resize', document => scaledDocument(document, size))

/** Moves the edges of the document. */
export const resizeCanvas = (size: Size, anchor: Anchor): void =>
  apply('Canvas size', document => widenedDocument(document, size, anchor))

/** Makes the document as small as a rectangle; what lies outside of it stays in the layers. */
export function cropTo(area: Rectangle): void {
  if (!isEmpty(area)) apply('Crop', document => croppedDocument(document, area))
}

/** A result counts as larger than its place from this on. */
const LARGER = 1.2

/** Where a result is larger than the frame that it was put into, offers to make the document as large as it is. */
export function offerItsSize(picture: Pick<Picture, 'width' | 'height'>, frame: Size): void {
  const larger = Math.min(picture.width / frame.width, picture.height / frame.height)
  if (larger < LARGER) return
  const document = keptDocument()
  const size = { width: Math.round(document.width * larger), height: Math.round(document.height * larger) }
  say(t('The result is larger than its place in the picture.'), {
    label: t('Resize to {width} × {height}', size),
    run: () => resizePicture(size),
  })
}
