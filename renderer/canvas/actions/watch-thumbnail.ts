import type { StudioDocument } from '../../../app/api/documents.ts'
import { useDocument } from '../../state/document.ts'
import { engine, useEngine } from '../../state/engine.ts'
import { encodePng } from '../raster/encoder.ts'
import { sizeWithin } from '../viewport.ts'
import { drawDocument } from './document-picture.ts'
import { drawn, pictureTree } from './region.ts'
import { stageIfOpen } from './stage.ts'

/** Milliseconds without an edit before the small picture of a document is made again. */
const QUIET = 4_000
/** Pixels of its longer side. */
const LONGEST = 320

type Picture = Pick<StudioDocument, 'width' | 'height' | 'layers'>
const isSamePicture = (a: Picture, b: Picture): boolean =>
  a.layers === b.layers && a.width === b.width && a.height === b.height

/** The pixels of the stage where the document is on it, else those of the library. */
async function draw(document: StudioDocument) {
  const size = sizeWithin(document, LONGEST)
  const raster = stageIfOpen()
  if (raster?.document?.id !== document.id) return await drawDocument(document, size)
  await Promise.all(document.layers.map(({ id }) => raster.store.seen(id)))
  const all = { x: 0, y: 0, width: document.width, height: document.height }
  return drawn(pictureTree(document), all, size, id => raster.store.get(id))
}

async function upload(document: StudioDocument): Promise<void> {
  const surface = await draw(document)
  const bytes = await encodePng(surface.canvas.transferToImageBitmap())
  // A picture that is wholly transparent has no bytes: the list shows an empty one.
  if (bytes === undefined) return
  await (await engine()).documents.setThumbnail({
    id: document.id,
    picture: new Blob([bytes], { type: 'image/png' }),
  })
}

/** Keeps the small pictures of documents in lists: made some seconds after the last edit, and when a document is left.
 *  Returns what ends it. */
export function watchThumbnail(): () => void {
  let waiting: StudioDocument | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  const make = () => {
    clearTimeout(timer)
    const document = waiting
    waiting = undefined
    // It is a convenience: what fails is made after the next edit.
    if (document !== undefined) void upload(document).catch(() => {})
  }
  const stop = useDocument.subscribe(({ document }, { document: before }) => {
    if (document?.id !== before?.id) make()
    if (document === undefined || document.layers.length === 0) return
    const isFirst = document.id !== before?.id
    const lacks = useEngine.getState().documents[document.id]?.thumbnail === undefined
    if (isFirst ? !lacks : before !== undefined && isSamePicture(document, before)) return
    waiting = document
    clearTimeout(timer)
    timer = setTimeout(make, QUIET)
  })
  return () => {
    stop()
    make()
  }
}
