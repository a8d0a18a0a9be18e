import { create } from 'zustand'
import type { Layer } from '../../app/api/documents.ts'
import { originXmp, XMP_KEYWORD } from '../../app/api/origin.ts'
import { settled } from '../canvas/actions/edits.ts'
import { drawnWhole } from '../canvas/actions/region.ts'
import { documentNow } from '../canvas/actions/stage.ts'
import { bounds } from '../canvas/raster/affine.ts'
import { treeOf, visible } from '../canvas/raster/layer-tree.ts'
import { outward, type Rectangle } from '../canvas/raster/rectangle.ts'
import { dropSurface, makeSurface, type Surface } from '../canvas/raster/surface.ts'
import { drawVector, isVector, vectorBounds } from '../canvas/raster/vector.ts'
import { t } from '../language/language.ts'
import type { Image } from '../state/api.ts'
import { loadTile } from '../state/document.ts'
import { engine, useEngine } from '../state/engine.ts'
import { say, sayFailure } from '../state/toasts.ts'
import { withJpegXmp, withPngTexts, withWebpXmp } from './metadata.ts'
import { type Provenance, provenanceOf, sourceOf } from './provenance.ts'
import type { DrawnPixels, PsdAnswer, PsdOrder } from './psd-worker.ts'

export type ExportFormat = 'png' | 'jpeg' | 'webp' | 'psd'

/** What is to be in the file. */
export interface ExportChoice {
  readonly format: ExportFormat
  readonly area: 'picture' | 'frame'
  /** 0 to 1, of formats that lose something. */
  readonly quality: number
  readonly withRecipe: boolean
  readonly saysOrigin: boolean
}

interface ExportState {
  readonly isOpen: boolean
  readonly isBusy: boolean
  readonly choice: ExportChoice
  readonly provenance: Provenance
}

export const useExport = create<ExportState>()(() => ({
  isOpen: false,
  isBusy: false,
  choice: { format: 'png', area: 'picture', quality: 0.9, withRecipe: true, saysOrigin: true },
  provenance: {},
}))

export const choose = (part: Partial<ExportChoice>): void =>
  useExport.setState(({ choice }) => ({ choice: { ...choice, ...part } }))

/** Opens the popover, and finds out what the picture is made of. */
export async function openExport(): Promise<void> {
  const saysOrigin = useEngine.getState().settings?.saysOrigin ?? true
  useExport.setState(({ choice }) => ({ isOpen: true, choice: { ...choice, saysOrigin } }))
  try {
    useExport.setState({ provenance: await findProvenance() })
  } catch (error) {
    sayFailure(error)
  }
}

async function findProvenance(): Promise<Provenance> {
  const api = await engine()
  const { layers } = documentNow()
  const ids = new Set(layers.map(sourceOf).filter(id => id !== undefined))
  const images = new Map<string, Image>()
  for (const id of ids) {
    // A picture that left the library tells nothing any more.
    const image = await api.images.get({ id }).catch(() => undefined)
    if (image !== undefined) images.set(id, image)
  }
  return provenanceOf(layers, images)
}

/** What of the document goes into the file. */
export function areaOf({ format, area }: Pick<ExportChoice, 'format' | 'area'>): Rectangle {
  const { width, height, frame } = documentNow()
  return area === 'frame' && format !== 'psd' ? frame : { x: 0, y: 0, width, height }
}

/** Writes the file and hands it to the person: where it goes is theirs to say. */
export async function exportNow(): Promise<void> {
  const { choice, isBusy } = useExport.getState()
  if (isBusy) return
  useExport.setState({ isBusy: true })
  try {
    await settled()
    const provenance = await findProvenance()
    const name = `${documentNow().name}.${choice.format === 'jpeg' ? 'jpg' : choice.format}`
    const bytes = choice.format === 'psd' ? await psdOf(choice, provenance) : await pictureOf(choice, provenance)
    download(new Blob([bytes]), name)
    useExport.setState({ isOpen: false })
    say(t('“{name}” is written.', { name }))
  } catch (error) {
    sayFailure(error)
  } finally {
    useExport.setState({ isBusy: false })
  }
}

export function download(file: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(file)
  link.download = name.replaceAll(/[/\\:*?"<>|]/g, '-')
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}

const xmpOf = ({ saysOrigin }: ExportChoice, { origin }: Provenance): string | undefined =>
  saysOrigin && origin !== undefined ? originXmp(origin, 'Sfumato') : undefined

/** The picture in a part of the document. */
const surfaceOf = (area: Rectangle): Promise<Surface> => drawnWhole(visible(treeOf(documentNow().layers)), area)

async function pictureOf(choice: ExportChoice, provenance: Provenance): Promise<Uint8Array<ArrayBuffer>> {
  const area = areaOf(choice)
  const surface = await surfaceOf(area)
  const { canvas, context } = surface
  if (choice.format === 'jpeg') {
    // It knows no transparency.
    context.globalCompositeOperation = 'destination-over'
    context.fillStyle = '#ffffff'
    context.fillRect(0, 0, canvas.width, canvas.height)
  }
  const blob = await canvas.convertToBlob({ type: `image/${choice.format}`, quality: choice.quality })
  dropSurface(surface)
  const bytes = new Uint8Array(await blob.arrayBuffer())
  const xmp = xmpOf(choice, provenance)
  if (choice.format === 'png') {
    const recipe = choice.withRecipe ? await recipeTexts(provenance.image) : []
    return withPngTexts(bytes, [...recipe, ...(xmp === undefined ? [] : [[XMP_KEYWORD, xmp] as const])])
  }
  if (xmp === undefined) return bytes
  return choice.format === 'jpeg' ? withJpegXmp(bytes, xmp) : withWebpXmp(bytes, xmp, area.width, area.height)
}

const recipeTexts = async (image: Image | undefined): Promise<readonly (readonly [string, string])[]> =>
  image === undefined ? [] : (await (await engine()).images.recipeTexts({ id: image.id })).texts

async function psdOf(choice: ExportChoice, provenance: Provenance): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, layers } = documentNow()
  const surface = await surfaceOf({ x: 0, y: 0, width, height })
  const picture = surface.context.getImageData(0, 0, width, height)
  dropSurface(surface)
  const withPixels = await Promise.all(
    layers.map(async layer => {
      const drawn = isVector(layer) ? drawnVector(layer) : undefined
      return { ...layer, tiles: await filesOf(layer.tiles), ...(drawn && { drawn }) }
    }),
  )
  const xmp = xmpOf(choice, provenance)
  return await writePsd({ width, height, picture, layers: withPixels, ...(xmp !== undefined && { xmp }) })
}

/** A text or a shape where it lies in the document; undefined where nothing of it can be seen. The letters are there: the whole picture was drawn. */
function drawnVector(layer: Layer): DrawnPixels | undefined {
  const { x, y, width, height } = outward(bounds(layer.transform, vectorBounds(layer)))
  if (width === 0 || height === 0) return undefined
  const surface = makeSurface(width, height)
  surface.context.translate(-x, -y)
  surface.context.transform(...layer.transform)
  drawVector(surface.context, layer)
  const picture = surface.context.getImageData(0, 0, width, height)
  dropSurface(surface)
  return { left: x, top: y, picture }
}

const filesOf = async (tiles: Readonly<Record<string, string>>): Promise<Record<string, Blob>> =>
  Object.fromEntries(
    await Promise.all(Object.entries(tiles).map(async ([key, hash]) => [key, await loadTile(hash)] as const)),
  )

function writePsd(order: PsdOrder): Promise<Uint8Array<ArrayBuffer>> {
  const worker = new Worker(new URL('./psd-worker.ts', import.meta.url), { type: 'module' })
  const written = new Promise<Uint8Array<ArrayBuffer>>((resolve, reject) => {
    worker.addEventListener('message', ({ data }: MessageEvent<PsdAnswer>) =>
      'bytes' in data ? resolve(data.bytes) : reject(new Error(`The file could not be written: ${data.problem}`)),
    )
    worker.addEventListener('error', ({ message }) => reject(new Error(`The file could not be written: ${message}`)))
  })
  worker.postMessage(order, [order.picture.data.buffer])
  return written.finally(() => worker.terminate())
}
