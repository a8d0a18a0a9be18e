import type { Layer, StudioDocument } from '../../../app/api/documents.ts'
import { loadTile } from '../../state/document.ts'
import { frameSize } from '../../state/draft.ts'
import { formNow } from '../../state/form-in-force.ts'
import { useStudio } from '../../state/studio.ts'
import { sayFailure } from '../../state/toasts.ts'
import { inForce, previewed } from '../document-in-force.ts'
import { Raster } from '../raster/raster.ts'
import type { Size } from '../viewport.ts'
import { activeOf, useCanvas } from './canvas-state.ts'
import { keptDocument } from './edits.ts'

/** The one stage of the window: the pixels that tools work on. */

let raster: Raster | undefined

const load = async (hash: string): Promise<ImageBitmap> =>
  createImageBitmap(await loadTile(hash), { colorSpaceConversion: 'none' })

/** Opens the stage on a canvas. Returns what closes it. */
export function openStage(canvas: HTMLCanvasElement): () => void {
  const opened = new Raster({
    canvas,
    load,
    failed: sayFailure,
    changed: id => useCanvas.setState(({ painted }) => ({ painted: { ...painted, [id]: (painted[id] ?? 0) + 1 } })),
  })
  raster = opened
  for (const tell of waiting.splice(0)) tell()
  return () => {
    opened.release()
    if (raster === opened) raster = undefined
  }
}

const waiting: (() => void)[] = []

/** Resolves when the stage is open: it is while the Studio is shown. */
export const whenOpen = (): Promise<void> =>
  raster === undefined ? new Promise(resolve => waiting.push(resolve)) : Promise.resolve()

/** @throws Error while no stage is open */
export function stage(): Raster {
  if (raster === undefined) throw new Error('The canvas is not open.')
  return raster
}

export const stageIfOpen = (): Raster | undefined => raster

/** The size that the next picture is worked at. */
export function nextSize(): Size | undefined {
  const { fields, model } = formNow()
  return frameSize(fields, useStudio.getState().draft, model)
}

/** The document as it is shown. */
export const documentNow = (): StudioDocument => previewed(inForce(keptDocument(), nextSize()), useCanvas.getState())

export const activeNow = (): Layer | undefined => activeOf(documentNow().layers, useCanvas.getState().active)

/** Does something with the fine pixels of layers: at once where they are in memory, else as soon as they are back. */
export function withPixels(layers: readonly (Pick<Layer, 'id'> | undefined)[], work: () => void): void {
  const { store } = stage()
  const away = layers.filter(layer => layer !== undefined && !store.isLoaded(layer.id))
  if (away.length === 0) work()
  else void Promise.all(away.map(layer => store.fine(layer?.id ?? ''))).then(work, sayFailure)
}

/** Brings the stage up to date at once, for what cannot wait until the page is drawn. */
export const showNow = (): void => stageIfOpen()?.show(documentNow(), activeNow()?.id)
