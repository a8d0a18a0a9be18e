import { combine } from '../tensor/arithmetic.ts'
import { joinBatches, splitBatches } from '../tensor/batches.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'

/** Where words look, over the calls of a run that are done: the mean over layers, heads and calls, as DAAM draws it (Tang et al. 2022,
 *  arXiv:2210.04885, section 3). */
export class WordMaps {
  /** Sums by size of the layers, each [pictures, places, tokens]. */
  readonly #sums = new Map<string, Tensor>()

  /** Takes the maps of one call: `maps/HxW` [pictures, places, tokens]. */
  add(maps: Readonly<Record<string, Tensor>>): void {
    for (const [name, map] of Object.entries(maps)) {
      if (!name.startsWith(PREFIX)) continue
      const size = name.slice(PREFIX.length)
      const known = this.#sums.get(size)
      this.#sums.set(size, known ? combine(known, map, (sum, value) => sum + value) : map)
    }
  }

  get isEmpty(): boolean {
    return this.#sums.size === 0
  }

  /** How much the places of a picture look at some tokens together, at the size of the latents; the most is 1.
   *  @param picture its number among the wanted ones  @returns [1, 1, height, width] */
  of(picture: number, tokens: readonly number[], [, , height, width]: Shape): Tensor {
    const sum = new Float32Array(height * width)
    for (const [size, maps] of this.#sums) {
      const [rows, columns] = size.split('x').map(Number)
      const [own] = splitBatches(maps, maps.shape[0]).slice(picture)
      const together = Float32Array.from({ length: rows * columns }, (_, place) =>
        tokens.reduce((total, token) => total + own.data[place * own.shape[2] + token], 0),
      )
      const largest = Math.max(...together, Number.MIN_VALUE)
      for (let k = 0; k < sum.length; k++) {
        const [y, x] = [Math.floor(k / width), k % width]
        sum[k] +=
          smooth(together, { rows, columns }, ((y + 0.5) * rows) / height - 0.5, ((x + 0.5) * columns) / width - 0.5) /
          largest
      }
    }
    const most = Math.max(...sum, Number.MIN_VALUE)
    return tensor(
      [1, 1, height, width],
      sum.map(value => value / most),
    )
  }
}

const PREFIX = 'maps/'

/** A value between places, linear in both directions; edges go on as they are. */
function smooth(
  values: Float32Array,
  { rows, columns }: { rows: number; columns: number },
  y: number,
  x: number,
): number {
  const at = (row: number, column: number) =>
    values[Math.min(Math.max(row, 0), rows - 1) * columns + Math.min(Math.max(column, 0), columns - 1)]
  const [top, left] = [Math.floor(y), Math.floor(x)]
  const [down, right] = [y - top, x - left]
  const row = (k: number) => at(k, left) * (1 - right) + at(k, left + 1) * right
  return row(top) * (1 - down) + row(top + 1) * down
}

/** Which words a change keeps to. */
export interface Focus {
  /** Of the words, in the source and in the edited prompt. */
  readonly tokens: readonly [readonly number[], readonly number[]]
  /** What counts as looking, 0 to 1. */
  readonly above: number
}

/** Where some words look, in the source or in the edited picture: 0 and 1 [1, 1, height, width]. @param latents their shape */
export function placesOfWords(maps: WordMaps, { tokens, above }: Focus, latents: Shape): Tensor {
  const looks = tokens.flatMap((places, k) => (places.length === 0 ? [] : [grown(maps.of(k, places, latents))]))
  const [{ shape, data }] = looks
  return tensor(
    shape,
    data.map((_, place) => (looks.some(({ data }) => data[place] > above) ? 1 : 0)),
  )
}

/** Local blend (Hertz et al. 2022, arXiv:2208.01626, section 3.2): outside of where some words look, the edited latents are the source's.
 *  @param from the call, from 1, from which on it holds  @returns the hook `after` of THE denoising loop, for a source and a picture that follows it */
export const keptToWords =
  (maps: WordMaps, focus: Focus, from: number) =>
  (latents: Tensor, call: number): Tensor => {
    if (call < from || maps.isEmpty) return latents
    const { data: inside } = placesOfWords(maps, focus, latents.shape)
    const [source, edited] = splitBatches(latents, 2)
    const kept = tensor(
      edited.shape,
      edited.data.map((value, k) => (inside[k % inside.length] > 0 ? value : source.data[k])),
    )
    return joinBatches([source, kept])
  }

/** Each place takes the largest of its neighbours, as the authors' program pools maps. */
function grown({ shape, data }: Tensor): Tensor {
  const [, , height, width] = shape
  return tensor(
    shape,
    data.map((_, k) => {
      const [y, x] = [Math.floor(k / width), k % width]
      let most = 0
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++)
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++)
          most = Math.max(most, data[row * width + column])
      return most
    }),
  )
}
