import { Problem } from '../problem.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** The cosine of each pair of rows, -1 to 1. @param a [n, width]  @param b [n, width]  @throws Problem METRIC_FEATURES */
export function cosines(a: Tensor, b: Tensor): number[] {
  mustPair(a, b)
  const [count, width] = a.shape
  const row = ({ data }: Tensor, k: number) => data.subarray(k * width, (k + 1) * width)
  return Array.from({ length: count }, (_, k) => cosine(row(a, k), row(b, k)))
}

function cosine(a: Float32Array, b: Float32Array): number {
  const along = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, k) => sum + value * y[k], 0)
  const length = Math.sqrt(along(a, a) * along(b, b))
  return length === 0 ? 0 : along(a, b) / length
}

/** How well each picture fits its text (Hessel et al. 2021, arXiv:2104.08718, equation 1): weight x max(cosine, 0).
 *  @param images embeddings of pictures [n, width]  @param texts of their texts [n, width]
 *  @param weight 2.5 in the paper; 100 is what most programs print  @throws Problem METRIC_FEATURES */
export const clipScores = (images: Tensor, texts: Tensor, weight = 100): number[] =>
  cosines(images, texts).map(cosine => weight * Math.max(cosine, 0))

/** Whether pictures changed as their texts did (Gal et al. 2021, arXiv:2108.00946, section 4.2): the cosine of the two directions, each pair.
 *  All are embeddings [n, width].  @throws Problem METRIC_FEATURES */
export function directionalSimilarity(
  images: { readonly before: Tensor; readonly after: Tensor },
  texts: { readonly before: Tensor; readonly after: Tensor },
): number[] {
  const direction = ({ before, after }: { readonly before: Tensor; readonly after: Tensor }): Tensor => {
    mustPair(before, after)
    return { shape: after.shape, data: after.data.map((value, k) => value - before.data[k]) }
  }
  return cosines(direction(images), direction(texts))
}

function mustPair(a: Tensor, b: Tensor): void {
  if (a.shape.length === 2 && String(a.shape) === String(b.shape)) return
  throw new Problem('METRIC_FEATURES', `Embeddings [${a.shape}] and [${b.shape}] do not go together one by one.`)
}
