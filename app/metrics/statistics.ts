import { EigenvalueDecomposition, Matrix } from 'ml-matrix'
import { Problem } from '../problem.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** Features [pictures, width] as a matrix in double precision. @throws Problem METRIC_FEATURES for another number of axes */
export function matrixOf({ shape, data }: Tensor): Matrix {
  if (shape.length !== 2) throw new Problem('METRIC_FEATURES', `Features are rows [pictures, width], not [${shape}].`)
  const [rows, width] = shape
  return new Matrix(Array.from({ length: rows }, (_, row) => data.subarray(row * width, (row + 1) * width)))
}

/** Two sets of features that can be compared. @throws Problem METRIC_FEATURES where widths differ, METRIC_FEW for less than two pictures */
export function comparable(a: Tensor, b: Tensor): readonly [Matrix, Matrix] {
  const [first, second] = [matrixOf(a), matrixOf(b)]
  if (first.columns !== second.columns) {
    throw new Problem(
      'METRIC_FEATURES',
      `Features of ${first.columns} and ${second.columns} numbers cannot be compared.`,
    )
  }
  if (Math.min(first.rows, second.rows) < 2) {
    throw new Problem('METRIC_FEW', `Sets of ${first.rows} and ${second.rows} pictures cannot be compared.`, {
      hint: 'Use at least two pictures in each; some thousands give a figure that others can compare with.',
    })
  }
  return [first, second]
}

/** Mean and covariance of rows: numpy's `mean(axis=0)` and `cov(rowvar=False)`, which divides by n - 1. */
export function momentsOf(features: Matrix): { readonly mean: readonly number[]; readonly covariance: Matrix } {
  const { mean, deviations } = centred(features)
  return { mean, covariance: product(deviations.transpose(), deviations.transpose()).div(features.rows - 1) }
}

/** Rows less their mean. */
export function centred(features: Matrix): { readonly mean: readonly number[]; readonly deviations: Matrix } {
  const mean = features.mean('column')
  return { mean, deviations: features.clone().subRowVector(mean) }
}

/** a times the transpose of b: both are read along their rows, which is several times as fast as along columns. */
export function product(a: Matrix, b: Matrix): Matrix {
  const others = b.to2DArray().map(row => Float64Array.from(row))
  const result = Matrix.zeros(a.rows, b.rows)
  for (let i = 0; i < a.rows; i++) {
    const row = Float64Array.from(a.getRow(i))
    others.forEach((other, j) => {
      result.set(i, j, dot(row, other))
    })
  }
  return result
}

/** Four sums at once: one would wait for each addition. */
function dot(a: Float64Array, b: Float64Array, length = a.length): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  const even = length - (length % 4)
  for (let k = 0; k < even; k += 4) {
    s0 += a[k] * b[k]
    s1 += a[k + 1] * b[k + 1]
    s2 += a[k + 2] * b[k + 2]
    s3 += a[k + 3] * b[k + 3]
  }
  for (let k = even; k < length; k++) s0 += a[k] * b[k]
  return s0 + s1 + (s2 + s3)
}

/** Eigenvalues of a symmetric matrix without negative ones, without the negative values that only roundings make. */
export const symmetricEigenvalues = (matrix: Matrix): readonly number[] =>
  new EigenvalueDecomposition(matrix, { assumeSymmetric: true }).realEigenvalues.map(value => Math.max(value, 0))

/** The lower triangular L with L Lᵀ = matrix (Cholesky), for a symmetric matrix without negative eigenvalues. What depends on columns before
 *  it (a feature that is always the same) leaves a column of zeros. @returns rows */
export function choleskyRows(matrix: Matrix): readonly Float64Array[] {
  const size = matrix.rows
  const smallest = size * Number.EPSILON * Math.max(...matrix.diagonal())
  const rows = Array.from({ length: size }, () => new Float64Array(size))
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const rest = matrix.get(i, j) - dot(rows[i], rows[j], j)
      if (i === j) rows[i][i] = rest > smallest ? Math.sqrt(rest) : 0
      else rows[i][j] = rows[j][j] > 0 ? rest / rows[j][j] : 0
    }
  }
  return rows
}
