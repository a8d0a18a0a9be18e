import { type Tensor, tensor } from '../../tensor/tensor.ts'

/** States of the tokens of one chunk, each multiplied by its weight, then all of them by what brings back the mean over the chunk: the
 *  "original" emphasis of the AUTOMATIC1111 web UI (its modules/sd_emphasis.py). Weights of 1 change nothing.
 *
 *  It differs where the mean is nearly nothing beside the states, so that a few words may turn it round or multiply it: there it is left
 *  alone, as that program's "No norm" does. (Of 400 prompts with one weighted phrase on the embedded model, 7 would have been multiplied by
 *  less than 0 or more than 2, one by -18.7.)
 *  @param states [1, tokens, width]  @param weights of the tokens */
export function emphasise(states: Tensor, weights: readonly number[]): Tensor {
  if (weights.every(weight => weight === 1)) return states
  const [, , width] = states.shape
  const weighted = states.data.map((value, k) => value * weights[Math.floor(k / width)])
  const ratio = sum(states.data) / sum(weighted)
  const isMean = ratio > 1 / LARGEST_RATIO && ratio < LARGEST_RATIO
  return tensor(states.shape, isMean ? weighted.map(value => value * ratio) : weighted)
}

/** Weights of words, 0.5 to 1.5 mostly, on some of many tokens never change a mean so much. */
const LARGEST_RATIO = 2

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0)
