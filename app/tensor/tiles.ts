import { type Shape, type Tensor, tensor } from './tensor.ts'

/** A part of [batch, channels, height, width]. */
export interface Tile {
  readonly top: number
  readonly left: number
  readonly height: number
  readonly width: number
}

/** Tiles of one size over the whole, each overlapping the next by some places at least; what is smaller than a tile is one.
 *  @param side of a tile @param overlap less than the side */
export function tilesOver({ height, width }: Pick<Tile, 'height' | 'width'>, side: number, overlap: number): Tile[] {
  const [rows, columns] = [Math.min(side, height), Math.min(side, width)]
  const lefts = startsOver(width, columns, overlap)
  return startsOver(height, rows, overlap).flatMap(top =>
    lefts.map(left => ({ top, left, height: rows, width: columns })),
  )
}

/** Where tiles begin on one side: evenly spread, the last one at the end. */
function startsOver(length: number, side: number, overlap: number): number[] {
  if (length === side) return [0]
  const count = Math.ceil((length - overlap) / (side - overlap))
  return Array.from({ length: count }, (_, k) => Math.round((k * (length - side)) / (count - 1)))
}

/** A copy of a part. */
export function tileOf({ shape, data }: Tensor, { top, left, height, width }: Tile): Tensor {
  const [batch, channels, rows, columns] = shape
  const part = tensor([batch, channels, height, width])
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let y = 0; y < height; y++) {
      const from = (plane * rows + top + y) * columns + left
      part.data.set(data.subarray(from, from + width), (plane * height + y) * width)
    }
  }
  return part
}

/** Puts tiles together: where they overlap each counts less towards its edge, so that no seam is seen. */
export class Mosaic {
  readonly #sum: Tensor
  readonly #weights: Float32Array
  readonly #fade: number

  /** @param shape of the whole  @param fade places from a tile's edge to where it counts fully */
  constructor(shape: Shape, fade: number) {
    this.#sum = tensor(shape)
    this.#weights = new Float32Array(shape[2] * shape[3])
    this.#fade = Math.max(fade, 1)
  }

  /** @param values of the tile's size */
  add({ top, left, height, width }: Tile, values: Tensor): void {
    const [batch, channels, rows, columns] = this.#sum.shape
    const share = (place: number, length: number) =>
      Math.min(1, (Math.min(place, length - 1 - place) + 0.5) / this.#fade)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const weight = share(y, height) * share(x, width)
        const at = (top + y) * columns + left + x
        this.#weights[at] += weight
        for (let plane = 0; plane < batch * channels; plane++) {
          this.#sum.data[plane * rows * columns + at] += weight * values.data[(plane * height + y) * width + x]
        }
      }
    }
  }

  /** The whole, when tiles have covered it. */
  get whole(): Tensor {
    const plane = this.#weights.length
    return tensor(
      this.#sum.shape,
      this.#sum.data.map((value, k) => value / this.#weights[k % plane]),
    )
  }
}
