import type { Value } from '../graph/graph.ts'
import { mean, multiply, subtract } from '../graph/ops/index.ts'
import type { Feeds } from '../runtime/session.ts'
import type { Training } from '../runtime/trainable.ts'
import { joinBatches } from '../tensor/batches.ts'
import { tensor } from '../tensor/tensor.ts'
import type { Question } from './noising.ts'

/** The loss of every trainer: the mean square error, with a weight for each example. Declares the inputs target, of the prediction's shape
 *  [batch, channels, height, width], and weight [batch, 1, 1, 1]. */
export function weightedError(training: Training, prediction: Value): Value {
  const [batch] = prediction.shape
  const target = training.input('target', 'float32', prediction.shape)
  const weight = training.input('weight', 'float32', [batch, 1, 1, 1])
  const difference = subtract(prediction, target)
  return mean(multiply(multiply(difference, difference), weight))
}

/** What a graph with that loss is fed of a batch. Each sample has a batch of 1. */
export const fedQuestions = (questions: readonly Question[]): Feeds => ({
  sample: joinBatches(questions.map(({ sample }) => sample)),
  timestep: tensor(
    [questions.length],
    Float32Array.from(questions, ({ timestep }) => timestep),
  ),
  target: joinBatches(questions.map(({ target }) => target)),
  weight: tensor(
    [questions.length, 1, 1, 1],
    Float32Array.from(questions, ({ weight }) => weight),
  ),
})

/** What that loss would be of a network that answers zeros. */
export const lossOfSilence = (questions: readonly Question[]): number =>
  questions.reduce((sum, { target, weight }) => sum + weight * meanSquare(target), 0) / questions.length

function meanSquare({ data }: Question['target']): number {
  let sum = 0
  for (const value of data) sum += value * value
  return sum / data.length
}
