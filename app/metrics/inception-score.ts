import { Problem } from '../problem.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The score of each part of a set, their mean and their spread (population standard deviation). */
export interface InceptionScore {
  readonly mean: number
  readonly deviation: number
  readonly parts: readonly number[]
}

/** Inception Score (Salimans et al. 2016, arXiv:1606.03498, section 4): exp of the mean KL divergence of each picture's classes from those of
 *  all, by parts of the set as numpy's `array_split` cuts it. 1: every picture looks the same, or says nothing; at most the number of classes.
 *  @param probabilities [pictures, classes], each row with the sum 1
 *  @throws Problem METRIC_FEATURES, METRIC_FEW where there are fewer pictures than parts */
export function inceptionScore({ shape, data }: Tensor, parts = 10): InceptionScore {
  if (shape.length !== 2) throw new Problem('METRIC_FEATURES', `Classes are rows [pictures, classes], not [${shape}].`)
  const [pictures, classes] = shape
  if (pictures < parts) {
    throw new Problem('METRIC_FEW', `${pictures} pictures cannot be cut into ${parts} parts.`, {
      hint: 'Use more pictures, or fewer parts.',
    })
  }
  const scores = splitPoints(pictures, parts).map(([first, end]) =>
    scoreOf(data.subarray(first * classes, end * classes), classes),
  )
  const mean = scores.reduce((sum, score) => sum + score, 0) / parts
  const deviation = Math.sqrt(scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / parts)
  return { mean, deviation, parts: scores }
}

/** First and end of each part; the first ones are longer by one where the count does not divide. */
function splitPoints(count: number, parts: number): [first: number, end: number][] {
  const [length, longer] = [Math.floor(count / parts), count % parts]
  const start = (part: number) => part * length + Math.min(part, longer)
  return Array.from({ length: parts }, (_, part) => [start(part), start(part + 1)])
}

function scoreOf(rows: Float32Array, classes: number): number {
  const pictures = rows.length / classes
  const shares = new Float64Array(classes)
  rows.forEach((probability, at) => {
    shares[at % classes] += probability / pictures
  })
  const divergence = rows.reduce(
    (sum, probability, at) => sum + (probability > 0 ? probability * Math.log(probability / shares[at % classes]) : 0),
    0,
  )
  return Math.exp(divergence / pictures)
}
