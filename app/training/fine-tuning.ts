import { z } from 'zod'
import type { Footprint } from '../runtime/footprint.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import type { OptimiserChoice } from './optimisers/index.ts'

/** Parts of a UNet that can be trained alone; cross-attention is where the words come in (Kumari et al. 2022, arXiv:2212.04488). */
export const fineTunedLayers = z.enum(['all', 'attention', 'cross-attention'])

const patterns: Readonly<Record<z.output<typeof fineTunedLayers>, RegExp>> = {
  all: /./,
  attention: /\.attn[12]\./,
  'cross-attention': /\.attn2\./,
}

/** Whether a parameter learns, by its state-dict key. */
export const isFineTuned =
  (layers: z.output<typeof fineTunedLayers>) =>
  (key: string): boolean =>
    patterns[layers].test(key)

/** Bytes that optimisers keep for each number of a parameter, at most. */
const stateBytes: Readonly<Record<OptimiserChoice['name'], number>> = {
  ...{ SGD: 4, Adam: 8, AdamW: 8, AdamW8bit: 2.1, Adafactor: 0.1, Prodigy: 16 },
}

/** What training parameters takes beside the frozen weights: their numbers, gradients, a moving average and the optimiser's state, in float32, and
 *  what a step computes. @param footprint of the graph */
export function trainingFootprint(
  footprint: Footprint,
  shapes: Iterable<Shape>,
  optimiser: OptimiserChoice['name'],
  keepsAverage: boolean,
): Footprint {
  const numbers = [...shapes].reduce((sum, shape) => sum + sizeOf(shape), 0)
  const each = 4 + 4 + (keepsAverage ? 4 : 0) + stateBytes[optimiser]
  return { weights: footprint.weights, activations: footprint.activations + numbers * each }
}
