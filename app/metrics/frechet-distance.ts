import { Matrix } from 'ml-matrix'
import type { Tensor } from '../tensor/tensor.ts'
import { centred, choleskyRows, comparable, momentsOf, product, symmetricEigenvalues } from './statistics.ts'

/** Fréchet distance of two sets of features, each seen as a normal distribution (Heusel et al. 2017, arXiv:1706.08500, equation 6;
 *  FID where the features are Inception's): |m1 - m2|² + tr(S1) + tr(S2) - 2 tr((S1 S2)^½), in double precision.
 *  @param a [pictures, width]  @param b [pictures, width]  @returns 0 for equal distributions; few pictures make it larger
 *  @throws Problem METRIC_FEATURES, METRIC_FEW */
export function frechetDistance(a: Tensor, b: Tensor): number {
  const [first, second] = comparable(a, b)
  const [x, y] = [centred(first), centred(second)]
  const apart = x.mean.reduce((sum, value, k) => sum + (value - y.mean[k]) ** 2, 0)
  const spread = variance(x.deviations) + variance(y.deviations)
  return apart + spread - 2 * traceOfRoot(first, second)
}

/** The trace of a covariance. */
const variance = (deviations: Matrix): number =>
  deviations.to1DArray().reduce((sum, value) => sum + value * value, 0) / (deviations.rows - 1)

/** tr((S1 S2)^½). It is the sum of the roots of the eigenvalues of Lᵀ S2 L, where S1 = L Lᵀ, and also that of the singular values of X Yᵀ,
 *  where X and Y are the sets less their means: where one set has fewer pictures than features have numbers, that matrix is the smaller one. */
export function traceOfRoot(a: Matrix, b: Matrix): number {
  const isFew = Math.min(a.rows, b.rows) < a.columns
  const values = symmetricEigenvalues(isFew ? productByPictures(a, b) : productByFeatures(a, b))
  return values.reduce((sum, value) => sum + Math.sqrt(value), 0)
}

function productByPictures(a: Matrix, b: Matrix): Matrix {
  const [few, many] = a.rows <= b.rows ? [a, b] : [b, a]
  const both = product(centred(few).deviations, centred(many).deviations)
  return product(both, both).div((a.rows - 1) * (b.rows - 1))
}

function productByFeatures(a: Matrix, b: Matrix): Matrix {
  const upper = new Matrix([...choleskyRows(momentsOf(a).covariance)]).transpose()
  return product(product(upper, momentsOf(b).covariance), upper)
}
