import { z } from 'zod'
import { clipScores, cosines, directionalSimilarity } from '../../../app/metrics/clip-score.ts'
import { frechetDistance, traceOfRoot } from '../../../app/metrics/frechet-distance.ts'
import { inceptionScore } from '../../../app/metrics/inception-score.ts'
import { kernelDistance } from '../../../app/metrics/kernel-distance.ts'
import { meanAbsoluteError, meanSquaredError, psnr } from '../../../app/metrics/psnr.ts'
import { ssim } from '../../../app/metrics/ssim.ts'
import { matrixOf, momentsOf } from '../../../app/metrics/statistics.ts'
import type { RgbImage } from '../../../app/tensor/images.ts'
import type { Tensors, Variant } from '../goldens.ts'
import { list, type Replayer, unknownParameters } from './replayer.ts'

const nothing = z.strictObject({})

/** Distances of two sets of features. */
export const replayDistances: Replayer = ({ params, inputs, expected, tolerance }) => {
  const parsed = nothing.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const [x, y] = [inputs.tensor('x'), inputs.tensor('y')]
  const moments = Object.entries({ x, y }).flatMap(([name, features]) => {
    const { mean, covariance } = momentsOf(matrixOf(features))
    const { rows, columns } = covariance
    return [
      [`mu_${name}`, list(mean)],
      [`sigma_${name}`, { shape: [rows, columns], data: covariance.to1DArray() }],
    ] as const
  })
  return {
    outputs: Object.fromEntries(moments),
    expected: agreed(
      expected,
      {
        fid: frechetDistance(x, y),
        kid: kernelDistance(x, y),
        trace_sqrt: traceOfRoot(matrixOf(x), matrixOf(y)),
      },
      () => tolerance,
    ),
  }
}

export const replayInceptionScore: Replayer = ({ params, inputs, expected, tolerance }) => {
  const parsed = z.strictObject({ splits: z.int() }).safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { mean, deviation, parts } = inceptionScore(inputs.tensor('probs'), parsed.data.splits)
  return { outputs: { per_split: list(parts) }, expected: agreed(expected, { mean, std: deviation }, () => tolerance) }
}

export const replayClipScore: Replayer = ({ params, inputs, expected, tolerance }) => {
  const parsed = nothing.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const [image, text] = [inputs.tensor('image'), inputs.tensor('text')]
  const scores = clipScores(image, text)
  const direction = directionalSimilarity(
    { before: image, after: inputs.tensor('image_edit') },
    { before: text, after: inputs.tensor('text_edit') },
  )
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length
  return {
    outputs: {
      cosine: list(cosines(image, text)),
      score100: list(scores),
      score_w2_5: list(clipScores(image, text, 2.5)),
      directional_similarity: list(direction),
    },
    expected: agreed(expected, { mean_clip_score: mean }, () => tolerance),
  }
}

/** Differences of two pictures; the reference's notes ask for 1e-6 of each value. */
export const replayPictureMetrics: Replayer = ({ params, inputs, outputs, expected }) => {
  const parsed = nothing.safeParse(params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const [a, b] = [pictureOf(inputs, 'a_u8'), pictureOf(inputs, 'b_u8')]
  const gaussian = ssim(a, b)
  return {
    outputs: { ssim_map: { shape: outputs.shape('ssim_map'), data: gaussian.map } },
    expected: agreed(
      expected,
      {
        psnr: psnr(a.data, b.data),
        mse: meanSquaredError(a.data, b.data),
        mae: meanAbsoluteError(a.data, b.data),
        ssim_gaussian: gaussian.mean,
        ssim_uniform7: ssim(a, b, 'uniform').mean,
      },
      value => 1e-6 * Math.abs(value),
    ),
  }
}

/** [height, width] or [height, width, channels] */
function pictureOf(inputs: Tensors, name: string): RgbImage {
  const [height, width] = inputs.shape(name)
  return { width, height, data: Uint8Array.from(inputs.integers(name)) }
}

/** Our numbers, those that agree with the reference's written as the reference wrote them: expected values are compared exactly. */
function agreed(
  expected: Variant['expected'],
  ours: Readonly<Record<string, number>>,
  tolerance: (value: number) => number,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(ours).map(([name, value]) => {
      const theirs = expected[name]
      const isClose = typeof theirs === 'number' && Math.abs(value - theirs) <= tolerance(theirs)
      return [name, isClose ? theirs : value]
    }),
  )
}
