import { type Optimiser, remembered, withGradients } from './optimiser.ts'

/** Settings of plain descent. */
export interface SgdOptions {
  /** Share of the last direction that is kept: 0 to 1. */
  readonly momentum?: number
  /** Looks ahead along the momentum (Nesterov 1983, as in Sutskever et al. 2013). */
  readonly nesterov?: boolean
  /** Pull towards zero, added to the gradient. */
  readonly weightDecay?: number
}

/** Stochastic gradient descent as torch.optim.SGD has it: the first momentum is the first gradient, no dampening. */
export const sgd = ({ momentum = 0, nesterov = false, weightDecay = 0 }: SgdOptions = {}): Optimiser =>
  function step(state, parameters, gradients, learningRate, shares) {
    for (const { name, data, gradient, share } of withGradients(parameters, gradients, shares)) {
      const buffer = momentum === 0 ? undefined : remembered(state, `momentum/${name}`, data.length)
      for (let i = 0; i < data.length; i++) {
        let direction = gradient[i] + weightDecay * data[i]
        if (buffer !== undefined) {
          buffer[i] = momentum * buffer[i] + direction // zeros at first
          direction = nesterov ? direction + momentum * buffer[i] : buffer[i]
        }
        data[i] -= learningRate * share * direction
      }
    }
    state.steps++
  }
