import { type AdamOptions, adamUpdate, decay } from './adam.ts'
import { BLOCK, type Bytewise, positiveBytes, signedBytes } from './blockwise.ts'
import { type Optimiser, type OptimiserState, remembered, withGradients } from './optimiser.ts'

/** Parameters with fewer numbers keep their averages in full: they take little memory, and matter much. */
const SMALLEST = 4096

/** AdamW whose running averages take a byte a number instead of four (Dettmers et al. 2021, arXiv:2110.02861), as bitsandbytes'
 *  AdamW8bit has it. */
export const adamW8Bit = (options: AdamOptions = {}): Optimiser => {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0.01 } = options
  return function step(state, parameters, gradients, learningRate, shares) {
    state.steps++
    for (const { name, data, gradient, share } of withGradients(parameters, gradients, shares)) {
      const rate = learningRate * share
      const update = adamUpdate({ betas, epsilon, learningRate: rate, step: state.steps })
      decay(data, rate * weightDecay)
      if (data.length < SMALLEST) {
        const mean = remembered(state, `mean/${name}`, data.length)
        update(data, gradient, mean, remembered(state, `square/${name}`, data.length))
        continue
      }
      const mean = stored(state, `mean/${name}`, data.length, signedBytes)
      const square = stored(state, `square/${name}`, data.length, positiveBytes)
      update(data, gradient, mean.values, square.values)
      mean.keep()
      square.keep()
    }
  }
}

/** Numbers that are kept in bytes between steps. */
function stored(state: OptimiserState, name: string, size: number, bytes: Bytewise) {
  const largest = remembered(state, `${name}/largest`, Math.ceil(size / BLOCK))
  const levels = state.tensors.get(`${name}/levels`) ?? new Uint8Array(size)
  state.tensors.set(`${name}/levels`, levels)
  if (!(levels instanceof Uint8Array)) throw new Error(`${name} is not in bytes`)
  const values = bytes.read(levels, largest)
  return { values, keep: () => bytes.write(values, levels, largest) }
}
