import type { Layer } from '../../../app/api/documents.ts'
import { bounds, determinant, followed, inverse, isWhole, scaling } from './affine.ts'
import { type Branch, operationOf } from './layer-tree.ts'
import { grown, intersection, isEmpty, moved, outward, type Rectangle, scaled } from './rectangle.ts'
import { dropSurface, makeSurface, type Surface } from './surface.ts'
import { COARSE_LEVEL, LAST_LEVEL, type TiledLayer } from './tiled-layer.ts'
import { drawVector, isVector } from './vector.ts'

/** Draws branches of layers. Everything is drawn in document pixels divided by 2^level; a surface shows the part of that space
 *  which begins at the painter's origin. */
export class Painter {
  readonly level: number
  readonly #tiles: (id: string) => TiledLayer | undefined
  readonly #scratch: (Surface | undefined)[] = []
  #region: Rectangle

  /** @param region the part of the level's space that surfaces show, in whole pixels */
  constructor(level: number, region: Rectangle, tiles: (id: string) => TiledLayer | undefined) {
    this.level = level
    this.#region = region
    this.#tiles = tiles
  }

  get region(): Rectangle {
    return this.#region
  }

  surface(): Surface {
    return makeSurface(this.#region.width, this.#region.height)
  }

  /** Draws branches over what is on the surface, inside `part` of the level's space. */
  paint(target: Surface, branches: readonly Branch[], part: Rectangle, depth = 0): void {
    for (const branch of branches) this.#one(target, branch, part, depth)
  }

  /** Clears `part` of a surface. */
  clear({ context }: Surface, { x, y, width, height }: Rectangle): void {
    context.clearRect(x - this.#region.x, y - this.#region.y, width, height)
  }

  /** Lays `part` of another surface of this painter over the target, as the layer says. */
  lay({ context }: Surface, source: Surface, part: Rectangle, how?: Pick<Layer, 'opacity' | 'blend'>): void {
    const { x, y, width, height } = moved(part, -this.#region.x, -this.#region.y)
    if (how !== undefined) begin(context, how)
    context.drawImage(source.canvas, x, y, width, height, x, y, width, height)
    if (how !== undefined) end(context)
  }

  /** A surface to draw a group on, one for each depth of groups; cleared in `part`. */
  scratch(depth: number, part: Rectangle): Surface {
    const surface = this.#scratch[depth] ?? this.surface()
    this.#scratch[depth] = surface
    this.clear(surface, part)
    return surface
  }

  #one(target: Surface, { layer, children }: Branch, part: Rectangle, depth: number): void {
    if (layer.kind === 'group') {
      const group = this.scratch(depth, part)
      this.paint(group, children, part, depth + 1)
      this.lay(target, group, part, layer)
      return
    }
    this.layer(target, layer, part)
  }

  /** Draws one layer that is no group. */
  layer(target: Surface, layer: Layer, part: Rectangle): void {
    const tiles = isVector(layer) ? undefined : this.#tiles(layer.id)
    if (isVector(layer)) this.#vector(target, layer, part)
    else if (tiles !== undefined) this.#pixels(target, layer, tiles, part)
  }

  /** Draws a text or a shape: sharp at any size. */
  #vector({ context }: Surface, layer: Layer, part: Rectangle): void {
    const size = 2 ** this.level
    begin(context, layer)
    context.save()
    this.#clip(context, part)
    context.scale(1 / size, 1 / size)
    context.transform(...layer.transform)
    drawVector(context, layer)
    context.restore()
    end(context)
  }

  /** Keeps what is drawn inside `part`, and places it in the level's space. */
  #clip(context: OffscreenCanvasRenderingContext2D, part: Rectangle): void {
    context.beginPath()
    context.rect(part.x - this.#region.x, part.y - this.#region.y, part.width, part.height)
    context.clip()
    context.translate(-this.#region.x, -this.#region.y)
  }

  #pixels({ context }: Surface, layer: Layer, tiles: TiledLayer, part: Rectangle): void {
    const size = 2 ** this.level
    begin(context, layer)
    const { x, y } = this.#region
    const shift = moved({ x: layer.transform[4] / size, y: layer.transform[5] / size, width: 0, height: 0 }, -x, -y)
    if (isWhole(layer.transform) && Number.isInteger(shift.x) && Number.isInteger(shift.y)) {
      context.translate(shift.x, shift.y)
      tiles.draw(context, moved(part, -layer.transform[4] / size, -layer.transform[5] / size), this.level)
    } else this.#transformed(context, layer, tiles, part)
    context.resetTransform()
    end(context)
  }

  /** Tiles side by side first, then all of them turned or scaled at once: between tiles that were scaled one by one there would be
   *  seams. */
  #transformed(context: OffscreenCanvasRenderingContext2D, layer: Layer, tiles: TiledLayer, part: Rectangle): void {
    const toLevel = followed(layer.transform, scaling(1 / 2 ** this.level))
    const shrink = Math.sqrt(Math.abs(toLevel[0] * toLevel[3] - toLevel[1] * toLevel[2]))
    if (shrink < 1e-6) return
    const level = Math.min(LAST_LEVEL, Math.max(0, Math.floor(-Math.log2(shrink) + 1e-6)))
    const fromOwn = followed(scaling(2 ** level), toLevel)
    const own = outward(scaled(tiles.bounds(), 1 / 2 ** level))
    const seen = intersection(outward(grown(bounds(inverse(fromOwn), part), 2)), own)
    if (isEmpty(seen)) return
    const flat = makeSurface(seen.width, seen.height)
    flat.context.translate(-seen.x, -seen.y)
    tiles.draw(flat.context, seen, level)
    context.save()
    this.#clip(context, part)
    context.transform(...fromOwn)
    context.imageSmoothingQuality = 'medium'
    context.drawImage(flat.canvas, seen.x, seen.y)
    context.restore()
    dropSurface(flat)
  }

  release(): void {
    for (const surface of this.#scratch.splice(0)) if (surface !== undefined) dropSurface(surface)
  }
}

/** What of a layer is drawn from its fine pixels where a part of the document is drawn so many times smaller, in the layer's own space; undefined
 *  where coarse ones do. */
export function finePart(layer: Layer, part: Rectangle, shrink: number): Rectangle | undefined {
  const scale = Math.sqrt(Math.abs(determinant(layer.transform)))
  if (isVector(layer) || layer.kind === 'group' || scale < 1e-6) return undefined
  const level = Math.floor(Math.log2(shrink / scale) + 1e-6)
  return level >= COARSE_LEVEL ? undefined : outward(bounds(inverse(layer.transform), part))
}

function begin(context: OffscreenCanvasRenderingContext2D, { opacity, blend }: Pick<Layer, 'opacity' | 'blend'>): void {
  context.globalAlpha = opacity
  context.globalCompositeOperation = operationOf(blend)
}

function end(context: OffscreenCanvasRenderingContext2D): void {
  context.globalAlpha = 1
  context.globalCompositeOperation = 'source-over'
}
