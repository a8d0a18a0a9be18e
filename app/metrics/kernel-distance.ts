import type { Matrix } from 'ml-matrix'
import type { Tensor } from '../tensor/tensor.ts'
import { comparable, product } from './statistics.ts'

/** Kernel distance of two sets of features (Bińkowski et al. 2018, arXiv:1801.01401, section 3; KID where they are Inception's): the unbiased
 *  estimate of the squared maximum mean discrepancy under the kernel (x·y / width + 1)³, over the whole sets. Unlike the Fréchet
 *  distance it does not grow where pictures are few; it can be a little below 0.
 *  @param a [pictures, width]  @param b [pictures, width]  @throws Problem METRIC_FEATURES, METRIC_FEW */
export function kernelDistance(a: Tensor, b: Tensor): number {
  const [x, y] = comparable(a, b)
  const [n, m] = [x.rows, y.rows]
  const between = kernel(x, y).sum() / (n * m)
  return withoutItself(kernel(x, x)) / (n * (n - 1)) + withoutItself(kernel(y, y)) / (m * (m - 1)) - 2 * between
}

function kernel(x: Matrix, y: Matrix): Matrix {
  const products = product(x, y)
  for (let i = 0; i < products.rows; i++) {
    for (let j = 0; j < products.columns; j++) products.set(i, j, (products.get(i, j) / x.columns + 1) ** 3)
  }
  return products
}

/** What each picture has in common with all others. */
const withoutItself = (matrix: Matrix): number => matrix.sum() - matrix.trace()
