import type { Box } from './masks.ts'
import type { TorchGenerator } from './random.ts'
import { type Tensor, tensor } from './tensor.ts'

/** Square parts of a picture at one size, as products of matrices: rows [cuts, 1, side, height] x picture x columns [cuts, 1, width, side]. */
export interface CutOuts {
  readonly rows: Tensor
  readonly columns: Tensor
}

/** Draws parts at random, as large as the picture's shorter side to as small as they are seen (MakeCutouts of Crowson's CLIP guided diffusion, with a
 *  cut_pow of 1); the first is always the largest one in the middle.
 *  @param side that they are seen at  @param count at least 1  @param within where they are taken; absent: anywhere */
export function cutOuts(
  generator: TorchGenerator,
  { width, height }: { readonly width: number; readonly height: number },
  side: number,
  count: number,
  within: Box = { left: 0, top: 0, right: width, bottom: height },
): CutOuts {
  const { left, top } = within
  const [columnsIn, rowsIn] = [within.right - left, within.bottom - top]
  const largest = Math.min(columnsIn, rowsIn)
  const smallest = Math.min(largest, side)
  const rows = new Float32Array(count * side * height)
  const columns = new Float32Array(count * width * side)
  for (let cut = 0; cut < count; cut++) {
    const [size, across, down] = generator.uniform([3]).data
    const length = cut === 0 ? largest : Math.floor(smallest + size * (largest - smallest + 1))
    const place = (share: number, whole: number) =>
      cut === 0 ? 0.5 * (whole - length) : Math.floor(share * (whole - length + 1))
    fill(top + place(down, rowsIn), length, side, height, (at, from, weight) => {
      rows[(cut * side + at) * height + from] = weight
    })
    fill(left + place(across, columnsIn), length, side, width, (at, from, weight) => {
      columns[(cut * width + from) * side + at] = weight
    })
  }
  return { rows: tensor([count, 1, side, height], rows), columns: tensor([count, 1, width, side], columns) }
}

/** Weights of a triangle filter that is as wide as a pixel of the result, at least one of the source. */
function fill(
  start: number,
  length: number,
  side: number,
  whole: number,
  set: (at: number, from: number, weight: number) => void,
): void {
  const scale = length / side
  const support = Math.max(scale, 1)
  for (let at = 0; at < side; at++) {
    const centre = start + (at + 0.5) * scale
    const [first, last] = [Math.max(0, Math.floor(centre - support)), Math.min(whole - 1, Math.ceil(centre + support))]
    const weights: [number, number][] = []
    for (let from = first; from <= last; from++) {
      const weight = 1 - Math.abs(from + 0.5 - centre) / support
      if (weight > 0) weights.push([from, weight])
    }
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [from, weight] of weights) set(at, from, weight / total)
  }
}
