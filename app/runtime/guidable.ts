import type { Value } from '../graph/graph.ts'
import { add, clip, concat, multiply } from '../graph/ops/index.ts'
import type { Runtime } from './runtime.ts'
import type { Training } from './trainable.ts'

/** A model that pictures can be guided with while it draws: what its samples show can be written into a graph that gradients go through. */
export interface Guidable {
  /** Where it computes. */
  readonly runtime: Runtime
  /** Writes what a clean sample [pictures, channels, height, width] of the network shows: [pictures, 3, height, width], in [0, 1]. */
  pictureOf(training: Training, sample: Value): Value
}

/** Pixels in [-1, 1] to [0, 1]; what lies beyond is cut off. Grey becomes three equal colours. */
export function unitPicture(pixels: Value): Value {
  const unit = clip(add(multiply(pixels, 0.5), 0.5), 0, 1)
  return unit.shape[1] === 1 ? concat([unit, unit, unit], 1) : unit
}
