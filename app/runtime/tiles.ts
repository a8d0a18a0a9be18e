import { type Tensor, tensor } from '../tensor/tensor.ts'

/** How a large picture, or its latents, are cut. */
export interface Tiling {
  /** Places on a side of a tile, as it is read and as it comes back. */
  readonly read: number
  readonly made: number
  /** What is larger than this on a side is cut; the rest is computed whole. */
  readonly from: number
}

/** Latents on a side from which pictures are decoded in tiles (96 at stride 8 is 768 pixels), and of a tile. */
const TILED_FROM = 96
const TILE = 64
/** Share of a tile that the next one covers too. */
const OVERLAP = 0.25

/** How latents are decoded, and how pixels are encoded. @param stride pixels per latent */
export const decodingTiles = (stride: number): Tiling => ({ read: TILE, made: TILE * stride, from: TILED_FROM })
export const encodingTiles = (stride: number): Tiling => ({
  read: TILE * stride,
  made: TILE,
  from: TILED_FROM * stride,
})

/** The size of what is computed at once, and how often that is. */
export function tilesOf(height: number, width: number, { read, from }: Tiling) {
  if (height <= from && width <= from) return { height, width, count: 1 }
  const step = Math.floor(read * (1 - OVERLAP))
  const count = Math.ceil(height / step) * Math.ceil(width / step)
  return { height: Math.min(height, read), width: Math.min(width, read), count }
}

/** Computes [batch, channels, height, width] whole or, where it is large, in overlapping tiles that are blended linearly, so that memory does not
 *  grow with the picture: the reference's AutoencoderKL with `enable_tiling`, tiled_decode and _tiled_encode, which differ in the sizes
 *  alone. A tile knows nothing of the rest of the picture, so tiles are kept large. */
export async function inTiles(
  whole: Tensor,
  { read, made, from }: Tiling,
  compute: (tile: Tensor) => Promise<Tensor>,
): Promise<Tensor> {
  const [, , height, width] = whole.shape
  if (height <= from && width <= from) return compute(whole)
  const step = Math.floor(read * (1 - OVERLAP))
  const blend = Math.floor(made * OVERLAP)
  const rows: Tensor[][] = []
  for (let top = 0; top < height; top += step) {
    const row: Tensor[] = []
    for (let left = 0; left < width; left += step) row.push(await compute(crop(whole, top, left, read, read)))
    rows.push(row)
  }
  return join(rows, blend, made - blend)
}

/** Rows of tiles to one picture; each tile is blended with the one above, then with the one at its left, in place. */
function join(rows: readonly (readonly Tensor[])[], blend: number, keep: number): Tensor {
  const joined: Tensor[] = rows.map((row, y) => {
    const kept = row.map((tile, x) => {
      if (y > 0) blendEdge(rows[y - 1][x], tile, blend, 'vertical')
      if (x > 0) blendEdge(row[x - 1], tile, blend, 'horizontal')
      return crop(tile, 0, 0, keep, keep)
    })
    return stack(kept, 'horizontal')
  })
  return stack(joined, 'vertical')
}

/** Mixes the end of `before` into the begin of `after`, over `extent` pixels. */
function blendEdge(before: Tensor, after: Tensor, extent: number, direction: 'vertical' | 'horizontal'): void {
  const [batch, channels, height, width] = after.shape
  const [, , beforeHeight, beforeWidth] = before.shape
  const along = direction === 'vertical' ? Math.min(height, beforeHeight, extent) : Math.min(width, beforeWidth, extent)
  const across = direction === 'vertical' ? width : height
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let k = 0; k < along; k++) {
      for (let other = 0; other < across; other++) {
        const [y, x] = direction === 'vertical' ? [k, other] : [other, k]
        const [fromY, fromX] =
          direction === 'vertical' ? [beforeHeight - along + k, other] : [other, beforeWidth - along + k]
        const from = before.data[(plane * beforeHeight + fromY) * beforeWidth + fromX]
        const at = (plane * height + y) * width + x
        after.data[at] = from * (1 - k / along) + after.data[at] * (k / along)
      }
    }
  }
}

/** A copy of at most height x width places from (top, left) on; less at the edges. */
function crop(whole: Tensor, top: number, left: number, height: number, width: number): Tensor {
  const [batch, channels, wholeHeight, wholeWidth] = whole.shape
  const rows = Math.min(height, wholeHeight - top)
  const columns = Math.min(width, wholeWidth - left)
  const part = tensor([batch, channels, rows, columns])
  for (let plane = 0; plane < batch * channels; plane++) {
    for (let y = 0; y < rows; y++) {
      const from = (plane * wholeHeight + top + y) * wholeWidth + left
      part.data.set(whole.data.subarray(from, from + columns), (plane * rows + y) * columns)
    }
  }
  return part
}

function stack(parts: readonly Tensor[], direction: 'vertical' | 'horizontal'): Tensor {
  const [batch, channels, firstHeight, firstWidth] = parts[0].shape
  const sum = (axis: number) => parts.reduce((total, part) => total + part.shape[axis], 0)
  const [height, width] = direction === 'vertical' ? [sum(2), firstWidth] : [firstHeight, sum(3)]
  const whole = tensor([batch, channels, height, width])
  let [top, left] = [0, 0]
  for (const part of parts) {
    const [, , rows, columns] = part.shape
    for (let plane = 0; plane < batch * channels; plane++) {
      for (let y = 0; y < rows; y++) {
        const row = part.data.subarray((plane * rows + y) * columns, (plane * rows + y + 1) * columns)
        whole.data.set(row, (plane * height + top + y) * width + left)
      }
    }
    if (direction === 'vertical') top += rows
    else left += columns
  }
  return whole
}
