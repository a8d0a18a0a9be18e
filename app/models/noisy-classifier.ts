import { z } from 'zod'
import type { Value } from '../graph/graph.ts'
import { exp, log, multiply, reduceMean, reduceSum, reshape, subtract, tanh } from '../graph/ops/index.ts'
import type { Family } from './family.ts'
import { groupNormalization, linear, silu } from './layers/basic.ts'
import type { Layer } from './layers/layer.ts'
import { type UNet2DSizes, unet2D, wayDown } from './unet-2d.ts'

/** Of our own. */
const configSchema = z.object({
  /** What the classes are called, by their numbers. */
  labels: z.array(z.string()).min(2),
  /** Whose way down and middle see the picture. */
  encoder: unet2D.config,
})
export type NoisyClassifierConfig = z.output<typeof configSchema>

/** A classifier of noisy pictures: the way down of a UNet, and the mean of what it sees at all places (Dhariwal & Nichol 2021, arXiv:2105.05233, section 4).
 *  Inputs: sample [batch, 3, height, width], of variance 1; timestep [1 or batch]: how noisy it is, in a table of 1000 levels by the cosine (Nichol &
 *  Dhariwal 2021, arXiv:2102.09672). Output: log_probabilities [batch, classes]. */
export const noisyClassifier: Family<NoisyClassifierConfig, UNet2DSizes> = {
  className: 'NoisyClassifier',
  config: configSchema,
  graphs: { classify },
  usesAllWeights: true,
  computesInFull: () => true,
}

/** Surer than this no class may be told from another: exponentials stay finite. */
const SUREST = 30

function classify(layer: Layer, { labels, encoder }: NoisyClassifierConfig, sizes: UNet2DSizes): void {
  const { hidden } = wayDown(layer, encoder, sizes)
  const [batch, channels, height, width] = hidden.shape
  const normal = silu(groupNormalization(layer.at('norm_out'), hidden, encoder.norm_num_groups ?? 1, encoder.norm_eps))
  const seen = reshape(reduceMean(reshape(normal, [batch, channels, height * width]), 2), [batch, channels])
  const scores = linear(layer.at('classifier'), seen, labels.length)
  layer.graph.output('log_probabilities', logSoftmax(multiply(tanh(multiply(scores, 1 / SUREST)), SUREST)))
}

/** Of rows [batch, classes]. */
const logSoftmax = (x: Value): Value => subtract(x, log(reduceSum(exp(x), [1])))
