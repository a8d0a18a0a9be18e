import { tileSize } from '../../../app/api/documents.ts'
import { type Branch, type Cut, runs, wayTo } from './layer-tree.ts'
import { Painter } from './painter.ts'
import { cells, intersection, isEmpty, type Rectangle, scaled } from './rectangle.ts'
import { dropSurface, type Surface } from './surface.ts'
import { keyOf, type TiledLayer } from './tiled-layer.ts'

/** Pictures of what lies below and above the active layer at one depth of the groups. */
interface Caches {
  readonly cut: Cut
  readonly below: Surface
  readonly above: readonly { readonly surface: Surface; readonly branches: readonly Branch[] }[]
}

/** The composed picture of a part of a document at one level (sides of 1/2^level). What lies below the active layer and what
 *  lies above it is kept as pictures, so that a stroke composes three of them however many layers there are. It is made cell by
 *  cell, the cells that are looked at first, so that no frame waits for all of it. */
export class Compositor {
  readonly painter: Painter
  readonly composed: Surface
  #tree: readonly Branch[] = []
  #caches: readonly Caches[] = []
  readonly #stale = new Set<string>()

  /** @param region in pixels of the level, whole cells */
  constructor(level: number, region: Rectangle, tiles: (id: string) => TiledLayer | undefined) {
    this.painter = new Painter(level, region, tiles)
    this.composed = this.painter.surface()
  }

  get level(): number {
    return this.painter.level
  }

  get region(): Rectangle {
    return this.painter.region
  }

  /** Says what is to be composed: visible branches, and the layer that is worked on. */
  show(tree: readonly Branch[], active: string | undefined): void {
    for (const caches of this.#caches) drop(caches)
    this.#tree = tree
    this.#caches = wayTo(tree, active).map(cut => ({
      cut,
      below: this.painter.surface(),
      above: runs(cut.above).map(branches => ({ surface: this.painter.surface(), branches })),
    }))
    this.stale(this.region)
  }

  /** Something in this rectangle of the level's space has changed, in layers that are not the active one. */
  stale(part: Rectangle): void {
    for (const [column, row] of cells(intersection(part, this.region), tileSize)) this.#stale.add(keyOf(column, row))
  }

  get isStale(): boolean {
    return this.#stale.size > 0
  }

  /** The active layer has changed in `part`. Cells whose surroundings are not known yet are made whole.
   *  Returns what was composed again. */
  refresh(part: Rectangle): Rectangle {
    const within = intersection(part, this.region)
    if (isEmpty(within)) return within
    for (const [column, row] of cells(within, tileSize)) {
      const key = keyOf(column, row)
      if (this.#stale.has(key)) this.#remake(key)
    }
    this.#compose(within)
    return within
  }

  /** Composes stale cells until there is none or the time is over; those in `first` before the others.
   *  @param until a time of `performance.now()`  @returns the cells that were made, in pixels of the level */
  work(first: Rectangle, until: number): readonly Rectangle[] {
    const made: Rectangle[] = []
    for (const key of [...this.#stale].sort((a, b) => Number(inside(b, first)) - Number(inside(a, first)))) {
      if (made.length > 0 && performance.now() >= until) break
      made.push(this.#remake(key))
    }
    return made
  }

  #remake(key: string): Rectangle {
    this.#stale.delete(key)
    const cell = cellOf(key)
    for (const { cut, below, above } of this.#caches) {
      this.painter.clear(below, cell)
      this.painter.paint(below, cut.below, cell)
      for (const { surface, branches } of above) {
        this.painter.clear(surface, cell)
        const [only, ...others] = branches
        // What blends in a way of its own is laid so over the picture, and plainly into its cache.
        const plain =
          only !== undefined && others.length === 0
            ? [{ ...only, layer: { ...only.layer, blend: 'normal' as const, opacity: 1 } }]
            : branches
        this.painter.paint(surface, plain, cell)
      }
    }
    this.#compose(cell)
    return cell
  }

  #compose(part: Rectangle): void {
    this.painter.clear(this.composed, part)
    if (this.#caches.length === 0) this.painter.paint(this.composed, this.#tree, part)
    else this.#level(this.composed, 0, part)
  }

  #level(target: Surface, depth: number, part: Rectangle): void {
    const caches = this.#caches[depth]
    if (caches === undefined) return
    const { cut, below, above } = caches
    this.painter.lay(target, below, part)
    const { layer } = cut.branch
    if (depth < this.#caches.length - 1) {
      const group = this.painter.scratch(depth, part)
      this.#level(group, depth + 1, part)
      this.painter.lay(target, group, part, layer)
    } else if (layer.kind === 'group') this.painter.paint(target, [cut.branch], part, depth)
    else this.painter.layer(target, layer, part)
    for (const { surface, branches } of above) {
      const [only] = branches
      this.painter.lay(target, surface, part, branches.length === 1 ? only?.layer : undefined)
    }
  }

  release(): void {
    for (const caches of this.#caches) drop(caches)
    this.#caches = []
    this.painter.release()
    dropSurface(this.composed)
  }
}

function drop({ below, above }: Caches): void {
  dropSurface(below)
  for (const { surface } of above) dropSurface(surface)
}

function cellOf(key: string): Rectangle {
  const [column = 0, row = 0] = key.split(',').map(Number)
  return scaled({ x: column, y: row, width: 1, height: 1 }, tileSize)
}

const inside = (key: string, part: Rectangle): boolean => !isEmpty(intersection(part, cellOf(key)))
