import type { Point } from './viewport.ts'

interface Doing {
  readonly pan: (dx: number, dy: number) => void
  readonly zoom: (factor: number, at: Point) => void
  /** Two or three fingers touched and left at once. */
  readonly tapped: (fingers: number) => void
}

const TAP = 300
const STILL = 10

/** Fingers on the stage: one moves the canvas, two pinch it, a short tap of two or three means undo and redo. */
export class Touches {
  readonly #doing: Doing
  readonly #fingers = new Map<number, Point>()
  #most = 0
  #began = 0
  #travelled = 0

  constructor(doing: Doing) {
    this.#doing = doing
  }

  down(id: number, point: Point, time: number): void {
    if (this.#fingers.size === 0) [this.#most, this.#began, this.#travelled] = [0, time, 0]
    this.#fingers.set(id, point)
    this.#most = Math.max(this.#most, this.#fingers.size)
  }

  move(id: number, point: Point): void {
    const before = this.#fingers.get(id)
    if (before === undefined) return
    const others = [...this.#fingers].filter(([each]) => each !== id).map(([, each]) => each)
    this.#fingers.set(id, point)
    this.#travelled += Math.hypot(point.x - before.x, point.y - before.y)
    const [other] = others
    // While it may still be a tap, nothing moves.
    if (this.#travelled < STILL) return
    const share = 1 / (others.length + 1)
    this.#doing.pan((point.x - before.x) * share, (point.y - before.y) * share)
    if (other === undefined || others.length > 1) return
    const [was, is] = [before, point].map(each => Math.hypot(each.x - other.x, each.y - other.y))
    if (was !== undefined && is !== undefined && was > 0) {
      this.#doing.zoom(is / was, { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 })
    }
  }

  up(id: number, time: number): void {
    if (!this.#fingers.delete(id) || this.#fingers.size > 0) return
    if (this.#most > 1 && time - this.#began < TAP && this.#travelled < STILL) this.#doing.tapped(this.#most)
  }
}
