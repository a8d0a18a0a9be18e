import { type Optimiser, remembered, withGradients } from './optimiser.ts'

/** Settings of Adam and its kin; torch's defaults. */
export interface AdamOptions {
  /** How much of the running averages of gradients and of their squares is kept at each step. */
  readonly betas?: readonly [number, number]
  /** Added to the divisor. */
  readonly epsilon?: number
  /** Pull towards zero. */
  readonly weightDecay?: number
}

/** Adam (Kingma & Ba 2014, arXiv:1412.6980, algorithm 1) as torch.optim.Adam has it: weight decay is added to the gradient. */
export const adam = (options: AdamOptions = {}): Optimiser => adamLike({ weightDecay: 0, ...options }, false)

/** AdamW (Loshchilov & Hutter 2017, arXiv:1711.05101, algorithm 2) as torch.optim.AdamW has it: weights decay apart from the
 *  gradient, by the learning rate. */
export const adamW = (options: AdamOptions = {}): Optimiser => adamLike({ weightDecay: 0.01, ...options }, true)

function adamLike(options: AdamOptions & { readonly weightDecay: number }, isDecoupled: boolean): Optimiser {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay } = options
  return function step(state, parameters, gradients, learningRate, shares) {
    state.steps++
    for (const { name, data, gradient, share } of withGradients(parameters, gradients, shares)) {
      const rate = learningRate * share
      const update = adamUpdate({ betas, epsilon, learningRate: rate, step: state.steps })
      const mean = remembered(state, `mean/${name}`, data.length)
      const square = remembered(state, `square/${name}`, data.length)
      if (isDecoupled) decay(data, rate * weightDecay)
      const added =
        isDecoupled || weightDecay === 0 ? gradient : gradient.map((value, i) => value + weightDecay * data[i])
      update(data, added, mean, square)
    }
  }
}

/** Weights pulled towards zero, rounded as torch rounds them. */
export function decay(data: Float32Array, share: number): void {
  const kept = 1 - share
  if (kept !== 1) for (let i = 0; i < data.length; i++) data[i] *= kept
}

/** Adam's formula over the elements of one parameter; the averages are corrected for having begun at zero. */
export function adamUpdate(options: {
  readonly betas: readonly [number, number]
  readonly epsilon: number
  readonly learningRate: number
  /** From 1. */
  readonly step: number
}): (data: Float32Array, gradient: Float32Array, mean: Float32Array, square: Float32Array) => void {
  const { betas, epsilon, learningRate, step } = options
  const [beta1, beta2] = betas
  const size = learningRate / (1 - beta1 ** step)
  const correction = Math.sqrt(1 - beta2 ** step)
  return (data, gradient, mean, square) => {
    for (let i = 0; i < data.length; i++) {
      const g = gradient[i]
      mean[i] += (1 - beta1) * (g - mean[i])
      square[i] = beta2 * square[i] + (1 - beta2) * g * g
      data[i] -= (size * mean[i]) / (Math.sqrt(square[i]) / correction + epsilon)
    }
  }
}
