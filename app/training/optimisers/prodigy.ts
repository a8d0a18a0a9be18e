import { type Optimiser, type OptimiserState, remembered, withGradients } from './optimiser.ts'

/** Settings of Prodigy; the authors' defaults. The learning rate is a factor: leave it at 1. */
export interface ProdigyOptions {
  readonly betas?: readonly [number, number]
  /** How much of the estimate's sums is kept; default: the root of the second beta. */
  readonly beta3?: number
  readonly epsilon?: number
  /** Apart from the gradient, as in AdamW. */
  readonly weightDecay?: number
  /** Adam's correction for averages that began at zero. */
  readonly correctsBias?: boolean
  /** Takes the learning rate out of the estimate, so that a warm-up does not spoil it. */
  readonly safeguardsWarmUp?: boolean
  /** First guess of the distance. */
  readonly firstDistance?: number
  /** Factor of the estimate: 0.5 and 2 are sensible too. */
  readonly coefficient?: number
  /** The most that the estimate grows by in a step. */
  readonly growthRate?: number
}

/** Adam that finds its own step size: it estimates the distance from the start to the solution (Mishchenko & Defazio 2023,
 *  arXiv:2306.06101, algorithm 4) as the authors' prodigyopt has it: one rate for all parameters, whatever shares they are given. */
export const prodigy = (options: ProdigyOptions = {}): Optimiser => {
  const { betas = [0.9, 0.999], epsilon = 1e-8, weightDecay = 0, growthRate = Number.POSITIVE_INFINITY } = options
  const { beta3 = Math.sqrt(betas[1]), correctsBias = false, safeguardsWarmUp = false } = options
  const { firstDistance = 1e-6, coefficient = 1 } = options
  const [beta1, beta2] = betas
  return function step(state, parameters, gradients, learningRate) {
    const distance = state.numbers.get('distance') ?? firstDistance
    const next = state.steps + 1
    const correction = correctsBias ? Math.sqrt(1 - beta2 ** next) / (1 - beta1 ** next) : 1
    const rate = distance * learningRate * correction
    const relative = distance / firstDistance
    const sumsRate = relative * (safeguardsWarmUp ? distance : rate)
    const all = [...withGradients(parameters, gradients)].map(each => ({ ...each, ...memory(state, each) }))
    let [gained, divisor] = [0, 0]
    for (const { data, gradient, start, sums, mean, square } of all) {
      let along = 0
      for (let i = 0; i < data.length; i++) {
        const g = gradient[i]
        along += g * (start[i] - data[i])
        mean[i] = beta1 * mean[i] + distance * (1 - beta1) * g
        square[i] = beta2 * square[i] + distance * distance * (1 - beta2) * g * g
        sums[i] = beta3 * sums[i] + sumsRate * g
        divisor += Math.abs(sums[i])
      }
      gained += relative * rate * along
    }
    if (divisor === 0) return
    const numerator = beta3 * (state.numbers.get('numerator') ?? 0) + gained
    const grown = learningRate > 0 ? grow(state, distance, (coefficient * numerator) / divisor) : distance
    for (const { data, mean, square } of all) {
      for (let i = 0; i < data.length; i++) {
        data[i] = data[i] * (1 - weightDecay * rate) - (rate * mean[i]) / (Math.sqrt(square[i]) + grown * epsilon)
      }
    }
    state.numbers.set('distance', grown)
    state.numbers.set('numerator', numerator)
    state.steps = next
  }

  /** The estimate never shrinks. */
  function grow(state: OptimiserState, distance: number, estimate: number): number {
    const now = distance === firstDistance ? Math.max(distance, estimate) : distance
    const most = Math.max(state.numbers.get('largest') ?? firstDistance, estimate)
    state.numbers.set('largest', most)
    return Math.min(most, now * growthRate)
  }
}

/** What is remembered of one parameter: among it, where it began. */
function memory(state: OptimiserState, { name, data }: { readonly name: string; readonly data: Float32Array }) {
  if (!state.tensors.has(`start/${name}`)) state.tensors.set(`start/${name}`, data.slice())
  const slot = (what: string) => remembered(state, `${what}/${name}`, data.length)
  return { start: slot('start'), sums: slot('sums'), mean: slot('mean'), square: slot('square') }
}
