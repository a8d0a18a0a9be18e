import type { Value } from '../../graph/graph.ts'
import {
  blocksOf,
  blocksToPlaces,
  placesToBlocks,
  reshape,
  transpose,
  withWayIntoBlocks,
} from '../../graph/ops/index.ts'

/** [batch, channels, height, width] -> [batch, height x width, channels], row by row. */
export function toTokens(picture: Value): Value {
  const [batch, channels, height, width] = picture.shape
  const blocks = blocksOf(picture)
  const places = blocks ? blocksToPlaces(blocks) : transpose(picture, [0, 2, 3, 1])
  return reshape(places, [batch, height * width, channels])
}

/** [batch, height x width, channels] -> [batch, channels, height, width] */
export function toPicture(tokens: Value, height: number, width: number): Value {
  const [batch, , channels] = tokens.shape
  const places = reshape(tokens, [batch, height, width, channels])
  return withWayIntoBlocks(transpose(places, [0, 3, 1, 2]), () => placesToBlocks(places))
}
