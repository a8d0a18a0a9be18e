import { type Tensor, tensor } from '../../tensor/tensor.ts'

/** States of the tokens of one chunk, each multiplied by its weight, then all of them by what brings back the mean over the chunk: the
 *  "original" emphasis of the AUTOMATIC1111 web UI (its modules/sd_emphasis.py). Weights of 1 change nothing.
 *  @param states [1, tokens, width]  @param weights of the tokens */
export function emphasise(states: Tensor, weights: readonly number[]): Tensor {
  if (weights.every(weight => weight === 1)) return states
  const [, , width] = states.shape
  const weighted = states.data.map((value, k) => value * weights[Math.floor(k / width)])
  const ratio = sum(states.data) / sum(weighted)
  // States whose mean is nothing have no mean to bring back.
  return tensor(states.shape, Number.isFinite(ratio) ? weighted.map(value => value * ratio) : weighted)
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0)
