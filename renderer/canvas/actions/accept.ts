import { type Change, newLayer } from '../../../app/api/documents.ts'
import { blobUrl, type Image as Picture } from '../../state/api.ts'
import { reopenLast, useDocument } from '../../state/document.ts'
import { imagePrompt, named } from '../../state/engine.ts'
import { asOneStep } from '../../state/history.ts'
import { accept, useStudio } from '../../state/studio.ts'
import { sayFailure, warn } from '../../state/toasts.ts'
import { shortName } from '../../state/words.ts'
import { identity } from '../raster/affine.ts'
import { makeSurface } from '../raster/surface.ts'
import type { Size } from '../viewport.ts'
import { useCanvas } from './canvas-state.ts'
import { offerItsSize } from './document-size.ts'
import { drawInto } from './draw-into.ts'
import { keptDocument } from './edits.ts'
import { documentNow, showNow, whenOpen } from './stage.ts'
import { keepTiles } from './tiles.ts'

/** Puts the shown result into a layer of its own above all others, inside the frame. */
export async function acceptResult(): Promise<void> {
  const { draft, shown } = useStudio.getState()
  const picture = draft.staged[shown]
  if (picture === undefined) return
  const image = await decoded(picture)
  if (image === undefined || useStudio.getState().draft.staged[shown]?.id !== picture.id) return
  const frame = keptDocument().layers.length === 0 ? picture : documentNow().frame
  asOneStep(() => {
    placeImage(picture, image)
    accept()
  })
  offerItsSize(picture, frame)
}

/** A picture of the library, and where it was drawn, if that was a part of another one. */
interface Decoded {
  readonly image: CanvasImageSource
  readonly mask: CanvasImageSource | undefined
}

async function decoded({ hash, recipe }: Picture): Promise<Decoded | undefined> {
  const marked = recipe?.operation === 'inpaint' ? recipe.parameters.mask : undefined
  try {
    const image = await opened(hash)
    return { image, mask: typeof marked === 'string' ? await opened(marked) : undefined }
  } catch {
    warn('The picture could not be read from the library.')
    return undefined
  }
}

async function opened(hash: string): Promise<HTMLImageElement> {
  const image = new Image()
  image.src = blobUrl(hash)
  await image.decode()
  return image
}

/** What was drawn, without what stayed as it was: that shows through from below, pixel for pixel. */
function cutOut(image: CanvasImageSource, mask: CanvasImageSource, { width, height }: Size): CanvasImageSource {
  const marks = makeSurface(width, height)
  marks.context.drawImage(mask, 0, 0, width, height)
  const pixels = marks.context.getImageData(0, 0, width, height)
  for (let k = 0; k < pixels.data.length; k += 4) pixels.data[k + 3] = (pixels.data[k] ?? 0) > 0 ? 255 : 0
  marks.context.putImageData(pixels, 0, 0)
  marks.context.globalCompositeOperation = 'source-in'
  marks.context.drawImage(image, 0, 0, width, height)
  return marks.canvas
}

/** Puts a picture of the library into a layer above all others. @param also what belongs to the same step of undo */
export async function placePicture(picture: Picture, also: () => void = () => {}): Promise<void> {
  const [image] = await Promise.all([decoded(picture), whenOpen()])
  if (image === undefined) return
  asOneStep(() => {
    placeImage(picture, image)
    also()
  })
}

let isBegun = false

/** Opens what was worked on last. What was accepted before there were documents becomes a layer of one. */
export async function begin(): Promise<void> {
  if (isBegun) return
  isBegun = true
  try {
    if (useDocument.getState().document === undefined) await reopenLast()
  } catch (error) {
    sayFailure(error)
  }
  const { accepted } = useStudio.getState().draft
  if (accepted !== undefined && useDocument.getState().document === undefined) await placePicture(accepted)
}

/** A picture of the library as a layer, as large as the frame. A document without layers takes the picture's size. */
export function placeImage(picture: Picture, { image, mask }: Decoded): void {
  const document = keptDocument()
  const isFirst = document.layers.length === 0
  const { width, height } = picture
  const frame = isFirst ? { x: 0, y: 0, width, height } : documentNow().frame
  const layer = newLayer({
    kind: 'image',
    name: shortName(named(imagePrompt(picture))),
    settings: { source: picture.id },
    transform: [frame.width / width, 0, 0, frame.height / height, frame.x, frame.y],
  })
  const index = document.layers.length
  const before: Change[] = [
    ...(isFirst ? [{ type: 'set-document', fields: { width, height, frame } } as const] : []),
    { type: 'add-layer', layer, index },
  ]
  useCanvas.setState({ pending: { layer, index }, active: layer.id })
  showNow()
  const shown = mask === undefined ? image : cutOut(image, mask, { width, height })
  const keys = drawInto(layer, { x: 0, y: 0, width, height }, identity, {}, context => context.drawImage(shown, 0, 0))
  void keepTiles('Accept', layer.id, keys, before)
}
