import { isOfKind, type Layer, type StudioDocument } from '../../../app/api/documents.ts'
import { bounds } from '../raster/affine.ts'
import { encodePng } from '../raster/encoder.ts'
import { type Branch, treeOf, visible } from '../raster/layer-tree.ts'
import { finePart, Painter } from '../raster/painter.ts'
import { isEmpty, outward, type Rectangle, scaled } from '../raster/rectangle.ts'
import { dropSurface, makeSurface, type Surface } from '../raster/surface.ts'
import { LAST_LEVEL, type TiledLayer } from '../raster/tiled-layer.ts'
import { fontsReady } from '../raster/vector.ts'
import { type Size, sizeWithin } from '../viewport.ts'
import { contentBox } from './content-box.ts'
import { layPlaced } from './placed-on-layer.ts'
import { documentNow, stage } from './stage.ts'

/** Draws layers as they lie in a rectangle of the document, at another size. @param tiles the pixels of a layer; those of the stage if not said
 *  @returns a surface that is the caller's */
export function drawn(
  branches: readonly Branch[],
  area: Rectangle,
  size: Size,
  tiles: (id: string) => TiledLayer | undefined = id => stage().store.get(id),
): Surface {
  const shrink = Math.min(area.width / size.width, area.height / size.height)
  const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(Math.log2(shrink) + 1e-9)))
  const atLevel = scaled(area, 1 / 2 ** level)
  const region = outward(atLevel)
  const painter = new Painter(level, region, tiles)
  const own = painter.surface()
  painter.paint(own, branches, region)
  painter.release()
  const isSame = level === 0 && region.width === size.width && region.height === size.height
  if (isSame) return own
  const result = makeSurface(size.width, size.height)
  result.context.imageSmoothingQuality = 'high'
  result.context.scale(size.width / atLevel.width, size.height / atLevel.height)
  result.context.drawImage(own.canvas, region.x - atLevel.x, region.y - atLevel.y)
  result.context.resetTransform()
  dropSurface(own)
  return result
}

/** Rows that are drawn at once of a picture at its full size, so that not all fine pixels have to be in memory together. */
const BAND = 1024

/** Draws layers as they lie in a rectangle of the document, at its own size. @returns a surface that is the caller's */
export async function drawnWhole(branches: readonly Branch[], area: Rectangle): Promise<Surface> {
  const result = makeSurface(area.width, area.height)
  for (let top = 0; top < area.height; top += BAND) {
    const band = { ...area, y: area.y + top, height: Math.min(BAND, area.height - top) }
    await readyToDraw(band, band)
    const part = drawn(branches, band, band)
    result.context.drawImage(part.canvas, 0, top)
    dropSurface(part)
  }
  return result
}

/** What of a document is its picture. */
export const pictureTree = ({ layers }: Pick<StudioDocument, 'layers'>): readonly Branch[] => visible(treeOf(layers))

const pictureOf = (area: Rectangle, size: Size): Surface => drawn(pictureTree(documentNow()), area, size)

/** The picture in a rectangle of the document: RGBA, row by row. */
export function pixelsOf(area: Rectangle, size: Size): ImageData {
  const surface = pictureOf(area, size)
  const pixels = surface.context.getImageData(0, 0, size.width, size.height)
  dropSurface(surface)
  return pixels
}

export interface Region {
  /** PNG, with what is transparent in the document. */
  readonly picture: Uint8Array<ArrayBuffer>
  /** PNG: white what the visible masks cover, black what they do not; absent where no mask covers anything in it. */
  readonly mask: Uint8Array<ArrayBuffer> | undefined
}

async function encoded(surface: Surface): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const bytes = await encodePng(surface.canvas.transferToImageBitmap())
  dropSurface(surface)
  return bytes
}

/** The picture in a rectangle of the document as a PNG file, with what is transparent in it. */
export async function renderPicture(area: Rectangle, size: Size): Promise<Uint8Array<ArrayBuffer>> {
  await readyToDraw(area, size)
  return (await encoded(pictureOf(area, size))) ?? (await transparent(size))
}

/** A rectangle of the document (usually the frame) as a model reads it: the picture, and what of it is masked.
 *  @param size in pixels of the model  @param isExtended what is empty counts as masked, with an edge into the picture where both are joined */
export async function renderRegion(area: Rectangle, size: Size, { isExtended = false } = {}): Promise<Region> {
  await readyToDraw(area, size)
  const coverage = masksOf(area, size)
  const picture = pictureOf(area, size)
  if (isExtended) coverEmpty(coverage, picture)
  dropFaint(coverage)
  const isMasked = hasPixels(coverage)
  onBlack(coverage)
  // An encoder says nothing of a picture that is wholly transparent; here it is one all the same.
  const empty = hasPixels(picture) ? undefined : await transparent(size)
  return {
    picture: empty ?? (await encoded(picture)) ?? (await transparent(size)),
    mask: isMasked ? await encoded(coverage) : undefined,
  }
}

/** What the visible masks cover in the frame: white on black; undefined where they cover nothing. */
export async function renderMask(size: Size): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { frame } = documentNow()
  await readyToDraw(frame, size)
  const coverage = masksOf(frame, size)
  dropFaint(coverage)
  const isMasked = hasPixels(coverage)
  onBlack(coverage)
  if (isMasked) return encoded(coverage)
  dropSurface(coverage)
  return undefined
}

/** Resolves when the visible layers can be drawn as they lie in a rectangle of the document, at a size: where fine pixels are looked at they
 *  are in memory then. */
export async function readyToDraw(area: Rectangle, size: Size): Promise<void> {
  const { store } = stage()
  const layers = documentNow().layers.filter(({ isVisible }) => isVisible)
  const shrink = Math.min(area.width / size.width, area.height / size.height)
  const ready = layers.map(layer => {
    const part = finePart(layer, area, shrink)
    return part === undefined ? store.seen(layer.id) : store.fine(layer.id, part)
  })
  await Promise.all([fontsReady(layers), ...ready])
}

/** What the visible masks cover, white on nothing. */
export function masksOf(area: Rectangle, size: Size): Surface {
  const masks = documentNow().layers.filter(({ kind, isVisible }) => kind === 'mask' && isVisible)
  return drawn(
    masks.map(layer => ({ layer, children: [] })),
    area,
    size,
  )
}

const onBlack = (surface: Surface): void => onGround(surface, '#000000')

function onGround({ context, canvas }: Surface, colour: string): void {
  context.globalCompositeOperation = 'destination-over'
  context.fillStyle = colour
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.globalCompositeOperation = 'source-over'
}

/** Coverage that nobody sees, of 255: a soft brush leaves it around what was meant. */
const FAINT = 8

function dropFaint({ context, canvas }: Surface): void {
  const pixels = context.getImageData(0, 0, canvas.width, canvas.height)
  for (let k = 3; k < pixels.data.length; k += 4) if ((pixels.data[k] ?? 0) < FAINT) pixels.data[k] = 0
  context.putImageData(pixels, 0, 0)
}

/** Pixels of the picture that are drawn anew where it is joined to what was empty. */
const JOIN = 6

/** Adds what is empty in a picture, grown by a little, to what is covered. */
function coverEmpty(coverage: Surface, picture: Surface): void {
  const { width, height } = coverage.canvas
  const { data } = picture.context.getImageData(0, 0, width, height)
  const empty = makeSurface(width, height)
  const white = new ImageData(width, height)
  for (let k = 0; k < data.length; k += 4) if ((data[k + 3] ?? 0) < 250) white.data.fill(255, k, k + 4)
  empty.context.putImageData(white, 0, 0)
  for (let angle = 0; angle < 16; angle++) {
    const turn = (angle / 16) * 2 * Math.PI
    coverage.context.drawImage(empty.canvas, Math.round(JOIN * Math.cos(turn)), Math.round(JOIN * Math.sin(turn)))
  }
  coverage.context.drawImage(empty.canvas, 0, 0)
  dropSurface(empty)
}

/** What one layer covers in the frame: white on black. */
export async function renderLayerCoverage(layer: Layer, size: Size): Promise<Uint8Array<ArrayBuffer>> {
  await stage().store.loaded(layer.id)
  const coverage = drawn([{ layer: { ...layer, opacity: 1 }, children: [] }], documentNow().frame, size)
  const { context, canvas } = coverage
  context.globalCompositeOperation = 'source-in'
  context.fillStyle = '#ffffff'
  context.fillRect(0, 0, canvas.width, canvas.height)
  onBlack(coverage)
  return (await encoded(coverage)) ?? (await transparent(size))
}

/** What one layer shows in the frame, on black, as ControlNets are shown pictures; all that is on it, where it is fitted into the frame. */
export async function renderControl(layer: Layer, size: Size): Promise<Uint8Array<ArrayBuffer>> {
  await stage().store.loaded(layer.id)
  const picture = controlSurface(layer, size)
  return (await encoded(picture)) ?? (await transparent(size))
}

/** Longest side of a picture that is looked at as a whole; what looks at it sees far fewer pixels. */
const LOOKED_AT = 1024

/** All that one layer shows, wherever it lies, with what is transparent in it: as IP-Adapters are shown pictures.
 *  undefined where it shows nothing. */
export async function renderWholeLayer(layer: Layer): Promise<Uint8Array<ArrayBuffer> | undefined> {
  await stage().store.loaded(layer.id)
  const area = seenBox(layer)
  if (area === undefined) return undefined
  const whole = sizeWithin(area, LOOKED_AT)
  const picture = drawn([{ layer: { ...layer, opacity: 1, blend: 'normal' }, children: [] }], area, whole)
  return (await encoded(picture)) ?? (await transparent(whole))
}

/** The same at once, as far as its pixels are there. @param size of the frame for the model */
export function controlPixels(layer: Layer, size: Size): ImageData {
  const surface = controlSurface(layer, size)
  const { width, height } = surface.canvas
  const pixels = surface.context.getImageData(0, 0, width, height)
  dropSurface(surface)
  return pixels
}

/** The rectangle that holds all that is seen of a layer, in pixels of the document; undefined where nothing is. */
export function seenBox(layer: Layer): Rectangle | undefined {
  const box = contentBox(layer)
  return isEmpty(box) ? undefined : outward(bounds(layer.transform, box))
}

/** What of a document a control layer shows, at how many pixels: the frame; or all that is on the layer, fine enough to fill the frame. */
function lookedAt(layer: Layer, size: Size): { readonly area: Rectangle; readonly size: Size } {
  const { frame } = documentNow()
  const box = isOfKind(layer, 'control') && layer.settings.resize !== undefined ? seenBox(layer) : undefined
  if (box === undefined) return { area: frame, size }
  const scale = Math.min(1, Math.max(size.width / box.width, size.height / box.height))
  const side = (length: number) => Math.max(1, Math.round(length * scale))
  return { area: box, size: { width: side(box.width), height: side(box.height) } }
}

function controlSurface(layer: Layer, asked: Size): Surface {
  const { area, size } = lookedAt(layer, asked)
  const picture = drawn([{ layer: { ...layer, opacity: 1, blend: 'normal' }, children: [] }], area, size)
  const settings = isOfKind(layer, 'control') ? layer.settings : undefined
  const { prepare = 'none' } = settings ?? {}
  // What is drawn by hand or placed stands on black; a picture that is made into a control picture stands on white.
  onGround(picture, prepare === 'none' || settings?.scene !== undefined ? '#000000' : '#ffffff')
  if (settings !== undefined) layPlaced(picture, settings, area)
  return picture
}

/** Pixels of the longer side of a glance. */
const GLANCE = 96
/** The share of a frame that may look empty at its edge, where it is only the scaling. */
const EDGE = 0.01

/** What is in a rectangle of the document, at first sight: whether there is a picture, all over it or in parts, and whether a mask covers any of it. */
export async function glanceAt(area: Rectangle): Promise<{ picture: 'none' | 'some' | 'all'; isMasked: boolean }> {
  const size = sizeWithin(area, GLANCE)
  await readyToDraw(area, size)
  const { data } = pixelsOf(area, size)
  let empty = 0
  for (let k = 3; k < data.length; k += 4) if ((data[k] ?? 0) < 128) empty++
  const count = size.width * size.height
  const masks = masksOf(area, size)
  const isMasked = hasPixels(masks)
  dropSurface(masks)
  return { picture: empty === count ? 'none' : empty > count * EDGE ? 'some' : 'all', isMasked }
}

const hasPixels = ({ canvas, context }: Surface): boolean =>
  new Uint32Array(context.getImageData(0, 0, canvas.width, canvas.height).data.buffer).some(pixel => pixel !== 0)

async function transparent({ width, height }: Size): Promise<Uint8Array<ArrayBuffer>> {
  const { canvas } = makeSurface(width, height)
  return new Uint8Array(await (await canvas.convertToBlob({ type: 'image/png' })).arrayBuffer())
}
