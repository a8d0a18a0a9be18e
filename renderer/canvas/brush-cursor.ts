import { toolNow, useTools } from '../state/tools.ts'
import { useView } from './view.ts'

/** Under this size in CSS pixels an outline cannot be seen: a cross stands in its place. */
const SMALLEST = 6

/** The outline of what a brush covers, at the pointer. It is moved by hand, not by React: it must not lag behind. */
export class BrushCursor {
  readonly #stage: HTMLElement
  readonly #outline: HTMLElement
  readonly #stops: (() => void)[]
  readonly #last: Record<string, string> = {}
  #place: { x: number; y: number } | undefined

  constructor(stage: HTMLElement, outline: HTMLElement) {
    this.#stage = stage
    this.#outline = outline
    this.#stops = [
      useTools.subscribe(() => this.#draw()),
      useView.subscribe((now, before) => now.view.scale !== before.view.scale && this.#draw()),
    ]
    this.#draw()
  }

  move(x: number, y: number): void {
    this.#place = { x, y }
    this.#draw()
  }

  hide(): void {
    this.#place = undefined
    this.#draw()
  }

  #draw(): void {
    const tool = toolNow()
    const isBrush = tool.cursor === 'brush'
    const size = Number(useTools.getState().values[tool.id]?.size ?? 0) * useView.getState().view.scale
    const shows = isBrush && size >= SMALLEST
    this.#set(this.#stage, 'cursor', isBrush ? (shows ? 'none' : 'crosshair') : tool.cursor)
    this.#set(this.#outline, 'display', shows && this.#place !== undefined ? 'block' : 'none')
    if (!shows || this.#place === undefined) return
    this.#set(this.#outline, 'width', `${size}px`)
    this.#set(this.#outline, 'height', `${size}px`)
    this.#set(this.#outline, 'transform', `translate(${this.#place.x - size / 2}px, ${this.#place.y - size / 2}px)`)
  }

  /** What is as it was is not touched: the page would be laid out again. */
  #set({ style }: HTMLElement, name: 'cursor' | 'display' | 'width' | 'height' | 'transform', value: string): void {
    if (this.#last[name] === value) return
    this.#last[name] = value
    style[name] = value
  }

  release(): void {
    for (const stop of this.#stops) stop()
  }
}
