import { constant, type Value } from '../../graph/graph.ts'
import { add, reshape, transpose } from '../../graph/ops/index.ts'
import { convolution } from './basic.ts'
import { like } from './half.ts'
import type { Layer } from './layer.ts'
import { toTokens } from './tokens.ts'

/** Rows and columns of square patches. */
export interface PatchGrid {
  readonly rows: number
  readonly columns: number
}

/** The reference's `PatchEmbed` without positions: x [batch, channels, height, width] -> [batch, rows x columns, width]. */
export const embedPatches = (layer: Layer, x: Value, width: number, size: number): Value =>
  layer.build(() => toTokens(convolution(layer.at('proj'), x, width, { kernel: size, stride: size, padding: 0 })))

/** Patches as tokens [batch, rows x columns, size x size x channels] -> [batch, channels, rows x size, columns x size] */
export function joinPatches(tokens: Value, { rows, columns }: PatchGrid, size: number): Value {
  const [batch, , width] = tokens.shape
  const channels = width / size ** 2
  const apart = reshape(tokens, [batch, rows, columns, size, size, channels])
  return reshape(transpose(apart, [0, 5, 1, 3, 2, 4]), [batch, channels, rows * size, columns * size])
}

/** Adds sinusoids of each patch's column and row to tokens [batch, rows x columns, width]: the reference's `get_2d_sincos_pos_embed`.
 *  @param base side of the grid that the model was trained with: other grids are stretched over it */
export function addSinusoidalPositions(tokens: Value, { rows, columns }: PatchGrid, base: number): Value {
  const width = tokens.shape[2]
  const positions = (count: number) =>
    Array.from({ length: count }, (_, k) => sinusoids(Math.fround(k / Math.fround(count / base)), width / 2))
  const [across, down] = [positions(columns), positions(rows)]
  const table = down.flatMap(row => across.flatMap(column => [...column, ...row]))
  return add(tokens, like(constant(tokens.graph, 'float32', [1, rows * columns, width], table), tokens))
}

/** Sines, then cosines of a position at falling frequencies. */
function sinusoids(position: number, width: number): number[] {
  const angles = Array.from({ length: width / 2 }, (_, k) => position / 10000 ** (k / (width / 2)))
  return [...angles.map(Math.sin), ...angles.map(Math.cos)]
}
