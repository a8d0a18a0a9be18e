import type { Shape } from '../../tensor/tensor.ts'
import { type Optimiser, type OptimiserState, remembered, withGradients } from './optimiser.ts'

/** Settings of Adafactor; the reference's defaults, but for the rate: it is given at each step unless `isRelative`. */
export interface AdafactorOptions {
  /** Added to squared gradients, and the least scale of a parameter. */
  readonly epsilons?: readonly [number, number]
  /** Updates are held to this root mean square. */
  readonly clipThreshold?: number
  /** Exponent of how fast old squares are forgotten. */
  readonly decayRate?: number
  /** Momentum; absent: none is kept. */
  readonly beta1?: number
  readonly weightDecay?: number
  /** The rate is multiplied by the parameter's own root mean square. */
  readonly scalesParameter?: boolean
  /** The rate follows from the step alone; the one that is given is not looked at. */
  readonly isRelative?: boolean
  /** With `isRelative`: the rate grows from 0 at first. */
  readonly warmsUp?: boolean
}

/** Adafactor (Shazeer & Stern 2018, arXiv:1804.04235, algorithms 4 to 6) as transformers has it: squares of a matrix are kept as one
 *  number a row and one a column. @param shapes of the parameters, by name */
export const adafactor = (shapes: ReadonlyMap<string, Shape>, options: AdafactorOptions = {}): Optimiser => {
  const { epsilons = [1e-30, 1e-3], clipThreshold = 1, decayRate = -0.8, beta1, weightDecay = 0 } = options
  const { scalesParameter = true, isRelative = true, warmsUp = false } = options
  return function step(state, parameters, gradients, learningRate, shares) {
    state.steps++
    const relative = Math.min(warmsUp ? 1e-6 * state.steps : 1e-2, 1 / Math.sqrt(state.steps))
    const kept = 1 - state.steps ** decayRate
    for (const { name, data, gradient, share } of withGradients(parameters, gradients, shares)) {
      const scale = scalesParameter ? Math.max(epsilons[1], rootMeanSquare(data)) : 1
      const rate = scale * share * (isRelative ? relative : learningRate)
      const squares = gradient.map(value => value * value + epsilons[0])
      const update = factors(state, name, shapes.get(name) ?? [], squares, kept).map(
        (factor, i) => factor * gradient[i],
      )
      const divisor = Math.max(1, rootMeanSquare(update) / clipThreshold)
      const momentum = beta1 === undefined ? undefined : remembered(state, `mean/${name}`, data.length)
      for (let i = 0; i < data.length; i++) {
        let change = (update[i] / divisor) * rate
        if (momentum !== undefined && beta1 !== undefined) {
          momentum[i] = beta1 * momentum[i] + (1 - beta1) * change
          change = momentum[i]
        }
        data[i] = data[i] * (1 - weightDecay * rate) - change
      }
    }
  }
}

/** What a gradient is multiplied by: one over the root of its remembered square. */
function factors(state: OptimiserState, name: string, shape: Shape, squares: Float32Array, kept: number): Float32Array {
  if (shape.length < 2) {
    const square = remembered(state, `square/${name}`, squares.length)
    for (let i = 0; i < square.length; i++) square[i] = kept * square[i] + (1 - kept) * squares[i]
    return square.map(value => 1 / Math.sqrt(value))
  }
  // Matrices of the last two dimensions, one for each of the outer ones.
  const [rows, columns] = shape.slice(-2)
  const matrices = squares.length / (rows * columns)
  const rowSquares = remembered(state, `rows/${name}`, matrices * rows)
  const columnSquares = remembered(state, `columns/${name}`, matrices * columns)
  const result = new Float32Array(squares.length)
  for (let m = 0; m < matrices; m++) {
    const [row, column] = [
      rowSquares.subarray(m * rows, (m + 1) * rows),
      columnSquares.subarray(m * columns, (m + 1) * columns),
    ]
    const at = m * rows * columns
    averageInto(row, columns, kept, (i, k) => squares[at + i * columns + k])
    averageInto(column, rows, kept, (i, k) => squares[at + k * columns + i])
    const mean = row.reduce((sum, value) => sum + value, 0) / rows
    for (let i = 0; i < rows; i++) {
      const rowFactor = 1 / Math.sqrt(row[i] / mean)
      for (let k = 0; k < columns; k++) result[at + i * columns + k] = rowFactor / Math.sqrt(column[k])
    }
  }
  return result
}

/** Mixes the mean of `count` values into each remembered number. */
function averageInto(into: Float32Array, count: number, kept: number, value: (i: number, k: number) => number): void {
  for (let i = 0; i < into.length; i++) {
    let sum = 0
    for (let k = 0; k < count; k++) sum += value(i, k)
    into[i] = kept * into[i] + (1 - kept) * (sum / count)
  }
}

function rootMeanSquare(values: Float32Array): number {
  let sum = 0
  for (const value of values) sum += value * value
  return Math.sqrt(sum / values.length)
}
