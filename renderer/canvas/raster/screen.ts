import type { Size, View } from '../viewport.ts'
import { grown, intersection, isEmpty, outward, type Rectangle } from './rectangle.ts'
import { dropSurface, makeSurface, type Surface } from './surface.ts'

/** How masks are shown over the picture. */
export type MaskLook = 'tint' | 'hatching' | 'outline' | 'black-and-white'

export interface Shown {
  readonly composed: Surface
  /** The coverage of the visible masks; absent when there is none. */
  readonly masks: Surface | undefined
  /** What the two surfaces show, in pixels of the level. */
  readonly region: Rectangle
  readonly level: number
}

/** What a person looks at: the composed picture scaled to the window. */
export class Screen {
  readonly #canvas: HTMLCanvasElement
  readonly #context: CanvasRenderingContext2D
  #tint: Surface | undefined
  #hatching: CanvasPattern | null | undefined
  #isOpaque = false
  #ratio = 1
  view: View = { scale: 1, x: 0, y: 0 }
  /** Parts of the document that are shown; nothing outside of them is. */
  paper: readonly Rectangle[] = []
  /** Whether enlarged pixels are shown as squares. */
  isSharp = false
  /** While the view moves, the plain filter is good enough. */
  isMoving = false
  look: MaskLook = 'tint'
  /** A stroke is under the hand: a mask that is only an outline is tinted meanwhile. */
  isPainting = false
  maskColour = '#ff4d6a'

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas
    const context = canvas.getContext('2d', { willReadFrequently: true })
    if (context === null) throw new Error('This window cannot draw: the browser gives no canvas.')
    this.#context = context
  }

  /** @param ratio pixels of the screen for one CSS pixel */
  resize({ width, height }: Size, ratio: number): void {
    this.#ratio = ratio
    this.#canvas.width = Math.round(width * ratio)
    this.#canvas.height = Math.round(height * ratio)
    if (this.#tint !== undefined) dropSurface(this.#tint)
    this.#tint = undefined
  }

  /** Pixels of the screen for one of the document. */
  get scale(): number {
    return this.view.scale * this.#ratio
  }

  get size(): Size {
    return { width: this.#canvas.width, height: this.#canvas.height }
  }

  /** What can be seen, in document pixels. */
  get seen(): Rectangle {
    const { x, y } = this.view
    const { width, height } = this.size
    return {
      x: (-x * this.#ratio) / this.scale,
      y: (-y * this.#ratio) / this.scale,
      width: width / this.scale,
      height: height / this.scale,
    }
  }

  #onScreen({ x, y, width, height }: Rectangle): Rectangle {
    const { scale } = this
    return {
      x: x * scale + this.view.x * this.#ratio,
      y: y * scale + this.view.y * this.#ratio,
      width: width * scale,
      height: height * scale,
    }
  }

  /** Draws a part of the document again. */
  present(shown: Shown, part: Rectangle): void {
    const screen: Rectangle = { x: 0, y: 0, ...this.size }
    const dirty = intersection(outward(grown(this.#onScreen(part), 2)), screen)
    if (isEmpty(dirty)) return
    const context = this.#context
    context.save()
    context.beginPath()
    context.rect(dirty.x, dirty.y, dirty.width, dirty.height)
    context.clip()
    context.clearRect(dirty.x, dirty.y, dirty.width, dirty.height)
    context.beginPath()
    for (const paper of this.paper) {
      const { x, y, width, height } = this.#onScreen(paper)
      context.rect(
        Math.round(x),
        Math.round(y),
        Math.round(x + width) - Math.round(x),
        Math.round(y + height) - Math.round(y),
      )
    }
    context.clip()
    this.#scaled(context, shown.composed, shown)
    const isOutline = this.look === 'outline' && !this.isPainting
    if (shown.masks !== undefined && !isOutline) this.#masks(context, shown.masks, shown, dirty)
    context.restore()
  }

  #scaled(
    context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
    from: Surface,
    { region, level }: Shown,
  ): void {
    const scale = this.scale * 2 ** level
    context.setTransform(scale, 0, 0, scale, this.view.x * this.#ratio, this.view.y * this.#ratio)
    context.imageSmoothingEnabled = !(this.isSharp && this.scale >= 4)
    // Enlarged with the best filter; made smaller, by less than half, with the plain one: the better ones would shrink the whole
    // picture again for every part that changes.
    context.imageSmoothingQuality = scale > 1 && !this.isMoving ? 'high' : 'low'
    context.drawImage(from.canvas, region.x, region.y)
    context.resetTransform()
  }

  #masks(context: CanvasRenderingContext2D, masks: Surface, shown: Shown, dirty: Rectangle): void {
    this.#tint ??= makeSurface(this.size.width, this.size.height)
    const { x, y, width, height } = dirty
    const tint = this.#tint.context
    tint.save()
    tint.beginPath()
    tint.rect(x, y, width, height)
    tint.clip()
    tint.clearRect(x, y, width, height)
    this.#scaled(tint, masks, shown)
    if (this.look === 'black-and-white') {
      tint.globalCompositeOperation = 'destination-over'
      tint.fillStyle = '#000'
      tint.fillRect(x, y, width, height)
    } else {
      tint.globalCompositeOperation = 'source-in'
      tint.fillStyle = this.look === 'hatching' ? 'transparent' : this.maskColour
      if (this.look !== 'hatching') tint.globalAlpha = 0.46
      const coverage = this.look === 'hatching' ? this.#hatch(tint) : tint.fillStyle
      tint.fillStyle = coverage
      tint.fillRect(x, y, width, height)
      tint.globalAlpha = 1
      if (this.look === 'tint') {
        tint.globalCompositeOperation = 'source-atop'
        tint.fillStyle = this.#hatch(tint)
        tint.fillRect(x, y, width, height)
      }
    }
    tint.restore()
    context.drawImage(this.#tint.canvas, x, y, width, height, x, y, width, height)
  }

  #hatch(context: OffscreenCanvasRenderingContext2D): CanvasPattern | string {
    const isOpaque = document.documentElement.dataset.contrast === 'more'
    if (this.#hatching === undefined || this.#isOpaque !== isOpaque) {
      this.#isOpaque = isOpaque
      this.#hatching = hatching(context, this.#ratio, isOpaque)
    }
    return this.#hatching ?? 'white'
  }
}

/** Light lines at 45 degrees, 8 CSS pixels apart: a mask is never told by its colour alone. With high contrast they hide what is
 *  below, and have dark lines beside them. */
function hatching(context: OffscreenCanvasRenderingContext2D, ratio: number, isOpaque: boolean): CanvasPattern | null {
  const side = Math.round(11 * ratio)
  const tile = makeSurface(side, side)
  for (const shift of [-side, 0, side]) {
    tile.context.moveTo(shift - 1, side + 1)
    tile.context.lineTo(shift + side + 1, -1)
  }
  const lines = isOpaque
    ? ([
        ['#000', 4],
        ['#fff', 2],
      ] as const)
    : ([['rgb(255 255 255 / 0.5)', 1.5]] as const)
  for (const [colour, width] of lines) {
    tile.context.strokeStyle = colour
    tile.context.lineWidth = width * ratio
    tile.context.stroke()
  }
  return context.createPattern(tile.canvas, 'repeat')
}
