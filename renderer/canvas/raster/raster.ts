import type { Layer, StudioDocument } from '../../../app/api/documents.ts'
import { tileSize } from '../../../app/api/documents.ts'
import type { Size, View } from '../viewport.ts'
import { bounds, identity, inverse } from './affine.ts'
import { Compositor } from './compositor.ts'
import type { Dab } from './dab.ts'
import { LayerStore } from './layer-store.ts'
import { type Branch, isPicture, treeOf, visible } from './layer-tree.ts'
import { finePart } from './painter.ts'
import { grown, intersection, isEmpty, outward, type Rectangle, scaled, union } from './rectangle.ts'
import { type MaskLook, Screen } from './screen.ts'
import { type Ink, Stroke } from './stroke.ts'
import { dropSurface, type Surface } from './surface.ts'
import { LAST_LEVEL } from './tiled-layer.ts'
import { fontsReady, hasFonts, isVector } from './vector.ts'

const nothing: Rectangle = { x: 0, y: 0, width: 0, height: 0 }
/** Milliseconds of a frame that composing may take; a stroke's own pixels come on top. */
const WORK = 5
/** Milliseconds after which a view that has not moved is drawn as well as it goes. */
const REST = 120

/** Bytes of fine pixels in memory beside those that are looked at or painted on: three full layers of 4096 x 4096. */
const BUDGET = 256 * 2 ** 20
const EVERYWHERE: Rectangle = { x: -1e7, y: -1e7, width: 2e7, height: 2e7 }

export interface RasterOptions {
  readonly canvas: HTMLCanvasElement
  readonly load: (hash: string) => Promise<ImageBitmap>
  readonly failed: (error: unknown) => void
  /** Pixels of a layer have changed; a stroke says so when it ends. */
  readonly changed: (id: string) => void
}

interface Painting {
  readonly layer: Layer
  readonly stroke: Stroke
  readonly dabs: Dab[]
}

/** The pixels of the open document on the screen. It draws once a frame at most, and only what has changed. */
export class Raster {
  readonly store: LayerStore
  readonly #options: RasterOptions
  readonly #screen: Screen
  #document: StudioDocument | undefined
  #active: string | undefined
  #layers: readonly Layer[] = []
  #compositor: Compositor | undefined
  #masks: Surface | undefined
  #painting: Painting | undefined
  #dirty: Rectangle = nothing
  #isMoved = true
  #frame = 0
  #resting: ReturnType<typeof setTimeout> | undefined

  constructor(options: RasterOptions) {
    this.#options = options
    this.#screen = new Screen(options.canvas)
    this.store = new LayerStore({
      load: options.load,
      failed: options.failed,
      budget: BUDGET,
      wanted: id => this.#wanted(id),
      woken: (id, part) => this.#stale(id, part),
      changed: (id, part) => {
        this.#stale(id, part)
        options.changed(id)
      },
    })
  }

  /** Shows a document. @param active the layer that is painted on */
  show(document: StudioDocument, active: string | undefined): void {
    const before = this.#document
    this.#document = document
    this.store.follow(document)
    this.#screen.paper = [{ x: 0, y: 0, width: document.width, height: document.height }, document.frame]
    const isPlaced =
      before?.width === document.width && before.height === document.height && before.frame === document.frame
    if (!isPlaced) this.#isMoved = true
    if (active !== this.#active || looksOf(document.layers) !== looksOf(this.#layers)) {
      this.#active = active
      this.#layers = document.layers
      this.#showTree()
    }
    this.#layers = document.layers
    this.store.tend()
    if (!hasFonts(document.layers)) void fontsReady(document.layers).then(() => this.#showTree())
    this.#wake()
  }

  #showTree(): void {
    this.#compositor?.show(visible(treeOf(this.#layers)), this.#active)
    this.#wake()
  }

  /** Where it is seen from. @param ratio pixels of the screen for one CSS pixel */
  look(view: View, stage: Size, ratio: number): void {
    const { size } = this.#screen
    if (size.width !== Math.round(stage.width * ratio) || size.height !== Math.round(stage.height * ratio)) {
      this.#screen.resize(stage, ratio)
    }
    this.#screen.view = view
    this.#screen.isMoving = true
    clearTimeout(this.#resting)
    this.#resting = setTimeout(() => {
      this.#screen.isMoving = false
      this.#isMoved = true
      this.#wake()
    }, REST)
    this.#isMoved = true
    this.#wake()
  }

  style({ isSharp, maskLook }: { isSharp: boolean; maskLook: MaskLook }): void {
    if (this.#screen.isSharp === isSharp && this.#screen.look === maskLook) return
    this.#screen.isSharp = isSharp
    this.#screen.look = maskLook
    this.#isMoved = true
    this.#wake()
  }

  get document(): StudioDocument | undefined {
    return this.#document
  }

  /** What is visible of the picture, lowest first. */
  get tree(): readonly Branch[] {
    return visible(treeOf(this.#layers))
  }

  // ---- Strokes ---------------------------------------------------------------------------------------------------------

  /** Begins a stroke on a layer whose pixels are all there. */
  begin(layer: Layer, ink: Ink): void {
    this.#screen.isPainting = true
    this.#painting = { layer, stroke: new Stroke(this.store.begin(layer.id), ink), dabs: [] }
  }

  /** @param dabs in the layer's own pixels */
  dab(dabs: readonly Dab[]): void {
    this.#painting?.dabs.push(...dabs)
    this.#wake()
  }

  /** Ends the stroke. Returns the keys of the layer's tiles that it touched. */
  end(): readonly string[] {
    const painting = this.#painting
    if (painting === undefined) return []
    this.#paint()
    this.#painting = undefined
    this.#unpainted()
    const keys = painting.stroke.end(this.#level)
    this.#options.changed(painting.layer.id)
    return keys
  }

  /** Takes back the stroke under the hand. */
  cancel(): void {
    const painting = this.#painting
    if (painting === undefined) return
    this.#painting = undefined
    this.#unpainted()
    const { touched } = painting.stroke
    painting.stroke.cancel()
    this.#stale(painting.layer.id, touched)
  }

  /** The hand has left: a mask is its outline alone again. */
  #unpainted(): void {
    this.#screen.isPainting = false
    if (this.#screen.look === 'outline') this.#isMoved = true
    this.#wake()
  }

  /** Brings the dabs that wait into the picture. */
  #paint(): void {
    const painting = this.#painting
    if (painting === undefined || painting.dabs.length === 0) return
    painting.stroke.stamp(painting.dabs.splice(0))
    const part = painting.stroke.merge(this.#level)
    this.#refresh(painting.layer, part)
  }

  #refresh(layer: Layer, part: Rectangle): void {
    const compositor = this.#compositor
    if (compositor === undefined || isEmpty(part)) return
    const changed = this.#atLevel(layer, part, compositor.level)
    if (!isPicture(layer)) this.#paintMasks(changed)
    else if (layer.id === this.#active) compositor.refresh(changed)
    else compositor.stale(changed)
    this.#dirty = union(this.#dirty, scaled(changed, 2 ** compositor.level))
  }

  #atLevel(layer: Layer, part: Rectangle, level: number): Rectangle {
    const margin = layer.transform === identity ? 0 : 2
    return outward(grown(scaled(bounds(layer.transform, part), 1 / 2 ** level), margin))
  }

  #stale(id: string, part: Rectangle): void {
    const layer = this.#layers.find(each => each.id === id) ?? this.#document?.layers.find(each => each.id === id)
    const compositor = this.#compositor
    if (layer === undefined || compositor === undefined) return
    compositor.stale(this.#atLevel(layer, part, compositor.level))
    this.#wake()
  }

  /** All of a layer's pixels may have changed. */
  touched(id: string): void {
    const tiles = this.store.get(id)
    if (tiles !== undefined) this.#stale(id, tiles.bounds())
    this.#options.changed(id)
  }

  /** Where a layer's fine pixels are wanted: all over where it is painted on, else where they are looked at. */
  #wanted(id: string): Rectangle | undefined {
    if (id === this.#active || id === this.#painting?.layer.id) return EVERYWHERE
    const layer = this.#layers.find(each => each.id === id)
    const compositor = this.#compositor
    if (layer?.isVisible !== true || compositor === undefined) return undefined
    const size = 2 ** compositor.level
    return finePart(layer, scaled(compositor.region, size), size)
  }

  // ---- Frames ----------------------------------------------------------------------------------------------------------

  #wake(): void {
    this.#frame ||= requestAnimationFrame(this.#draw)
  }

  readonly #draw = (): void => {
    this.#frame = 0
    if (this.#document === undefined || this.#screen.size.width === 0) return
    this.#place()
    const compositor = this.#compositor
    if (compositor === undefined) return
    this.#paint()
    const seen = outward(scaled(this.#screen.seen, 1 / 2 ** compositor.level))
    for (const cell of compositor.isStale ? compositor.work(seen, performance.now() + WORK) : []) {
      this.#paintMasks(cell)
      this.#dirty = union(this.#dirty, scaled(cell, 2 ** compositor.level))
    }
    const part = this.#isMoved ? this.#screen.seen : this.#dirty
    this.#isMoved = false
    this.#dirty = nothing
    if (!isEmpty(part))
      this.#screen.present(
        {
          ...compositor,
          composed: compositor.composed,
          region: compositor.region,
          level: compositor.level,
          masks: this.#masks,
        },
        part,
      )
    if (compositor.isStale) this.#wake()
  }

  get #level(): number {
    return this.#compositor?.level ?? 0
  }

  /** Composes at the level and in the region that the view needs. */
  #place(): void {
    const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(Math.log2(1 / this.#screen.scale) + 1e-9)))
    const size = 2 ** level
    const paper = outward(scaled(this.#screen.paper.reduce(union, nothing), 1 / size), tileSize)
    const needed = intersection(outward(scaled(this.#screen.seen, 1 / size), tileSize), paper)
    const before = this.#compositor
    if (before !== undefined && before.level === level && (isEmpty(needed) || covers(before.region, needed, paper)))
      return
    const region = isEmpty(needed)
      ? { ...paper, width: tileSize, height: tileSize }
      : intersection(grown(needed, tileSize), paper)
    const compositor = new Compositor(level, region, id => this.store.get(id))
    compositor.show(this.tree, this.#active)
    if (before !== undefined) seed(compositor, before)
    before?.release()
    this.#compositor = compositor
    if (this.#masks !== undefined) dropSurface(this.#masks)
    this.#masks = undefined
    this.#paintMasks(region)
    this.#isMoved = true
    this.store.tend()
  }

  /** Draws the visible masks again, inside a part of the level. */
  #paintMasks(part: Rectangle): void {
    const compositor = this.#compositor
    if (compositor === undefined) return
    // A region and a control are seen while they are worked on.
    const isShown = ({ id, kind }: Layer) =>
      kind === 'mask' || (id === this.#active && (kind === 'region' || kind === 'control'))
    const masks = this.#layers.filter(layer => layer.isVisible && isShown(layer))
    if (masks.length === 0 && this.#masks === undefined) return
    this.#masks ??= compositor.painter.surface()
    const within = intersection(part, compositor.region)
    compositor.painter.clear(this.#masks, within)
    for (const layer of masks) compositor.painter.layer(this.#masks, layer, within)
  }

  /** A point of the document in a layer's own pixels is `inverse(layer.transform)` of it; this says how much larger it is there. */
  static scaleInto(layer: Layer): number {
    const [a, b, c, d] = inverse(layer.transform)
    return Math.sqrt(Math.abs(a * d - b * c))
  }

  release(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#resting)
    this.store.release()
    this.#compositor?.release()
    this.#compositor = undefined
  }
}

/** Shows what was there before until the new cells are composed. */
function seed(compositor: Compositor, before: Compositor): void {
  const { context } = compositor.composed
  const scale = 2 ** (before.level - compositor.level)
  context.setTransform(scale, 0, 0, scale, -compositor.region.x, -compositor.region.y)
  context.drawImage(before.composed.canvas, before.region.x, before.region.y)
  context.resetTransform()
}

const covers = (region: Rectangle, needed: Rectangle, paper: Rectangle): boolean => {
  const held = intersection(region, paper)
  return (
    needed.x >= held.x &&
    needed.y >= held.y &&
    needed.x + needed.width <= held.x + held.width &&
    needed.y + needed.height <= held.y + held.height
  )
}

/** What of the layers decides how they are composed, apart from their pixels. */
const looksOf = (layers: readonly Layer[]): string =>
  JSON.stringify(
    layers.map(({ id, kind, parent, isVisible, opacity, blend, transform, settings }) => [
      id,
      kind,
      parent,
      isVisible,
      opacity,
      blend,
      transform,
      isVector({ kind }) ? settings : null,
    ]),
  )
