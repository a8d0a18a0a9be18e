import type { Value } from '../../graph/graph.ts'
import { reshape, transpose } from '../../graph/ops/index.ts'

/** [batch, channels, height, width] -> [batch, height x width, channels], row by row. */
export function toTokens(picture: Value): Value {
  const [batch, channels, height, width] = picture.shape
  return reshape(transpose(picture, [0, 2, 3, 1]), [batch, height * width, channels])
}

/** [batch, height x width, channels] -> [batch, channels, height, width] */
export function toPicture(tokens: Value, height: number, width: number): Value {
  const [batch, , channels] = tokens.shape
  return transpose(reshape(tokens, [batch, height, width, channels]), [0, 3, 1, 2])
}
