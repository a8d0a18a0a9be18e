import { type Tensor, tensor } from './tensor.ts'

/** Resizes [batch, channels, height, width] as torch's `interpolate` in the modes "bicubic" (Keys 1981 with a = -3/4) and "bilinear", without
 *  align_corners: values are read at the centres of the new places, edges go on as they are, and nothing is widened where it shrinks. */
export function interpolate(
  whole: Tensor,
  { width, height }: { readonly width: number; readonly height: number },
  mode: 'bilinear' | 'bicubic',
): Tensor {
  const { shape, data } = whole
  const [batch, channels, rows, columns] = shape
  const across = taps(columns, width, mode)
  const down = taps(rows, height, mode)
  const resized = tensor([batch, channels, height, width])
  for (let plane = 0; plane < batch * channels; plane++) {
    const from = data.subarray(plane * rows * columns, (plane + 1) * rows * columns)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0
        for (const [row, weight] of down[y]) {
          let line = 0
          for (const [column, share] of across[x]) line += from[row * columns + column] * share
          sum += line * weight
        }
        resized.data[(plane * height + y) * width + x] = sum
      }
    }
  }
  return resized
}

/** For each new place, the old ones that it is made of and their weights. @param length of the old side */
export function taps(
  length: number,
  resized: number,
  mode: 'bilinear' | 'bicubic',
): [place: number, weight: number][][] {
  const reach = mode === 'bicubic' ? 2 : 1
  const kernel = mode === 'bicubic' ? keys : (distance: number) => Math.max(1 - distance, 0)
  return Array.from({ length: resized }, (_, k) => {
    const centre = ((k + 0.5) * length) / resized - 0.5
    // The bilinear mode reads nothing before the first place.
    const at = mode === 'bilinear' ? Math.max(centre, 0) : centre
    const first = Math.floor(at) - reach + 1
    return Array.from({ length: 2 * reach }, (_, n): [number, number] => [
      Math.min(Math.max(first + n, 0), length - 1),
      kernel(Math.abs(first + n - at)),
    ])
  })
}

function keys(x: number): number {
  const a = -0.75
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1
  if (x < 2) return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  return 0
}
