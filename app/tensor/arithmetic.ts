import { Problem } from '../problem.ts'
import { type Tensor, tensor } from './tensor.ts'

/** A weighted sum of tensors of one shape: `mix([a, x], [b, y])` is a·x + b·y. Weights, products and sums are rounded to
 *  float32 one after the other, as in torch: samples of high noise are thousands of times larger than pictures, so what is
 *  rounded away there shows in the picture. */
export function mix(...terms: readonly (readonly [weight: number, tensor: Tensor])[]): Tensor {
  const [[firstWeight, first], ...rest] = terms
  const weight = Math.fround(firstWeight)
  const sums = first.data.map(value => weight * value)
  for (const [weight, each] of rest) {
    mustAgree(first, each)
    const rounded = Math.fround(weight)
    for (let i = 0; i < sums.length; i++) sums[i] += Math.fround(rounded * each.data[i])
  }
  return tensor(first.shape, sums)
}

/** Element by element; `f` rounds after each operation but the last, where it follows torch. */
export function combine(a: Tensor, b: Tensor, f: (a: number, b: number) => number): Tensor {
  mustAgree(a, b)
  return tensor(
    a.shape,
    a.data.map((value, i) => f(value, b.data[i])),
  )
}

/** Every value moved into [low, high]. */
export function clamp({ shape, data }: Tensor, low: number, high: number): Tensor {
  return tensor(
    shape,
    data.map(value => Math.min(Math.max(value, low), high)),
  )
}

/** The value below which a share q (0 to 1) of the values lies, linear between neighbours (torch.quantile). */
export function quantile(values: ArrayLike<number>, q: number): number {
  const sorted = Float64Array.from(values).sort()
  const rank = q * (sorted.length - 1)
  const below = Math.floor(rank)
  const above = Math.min(below + 1, sorted.length - 1)
  return sorted[below] + (sorted[above] - sorted[below]) * (rank - below)
}

/** n evenly spaced numbers from start to stop, both included; n = 1 gives start (numpy.linspace). */
export function linearSpace(start: number, stop: number, n: number): number[] {
  const step = (stop - start) / Math.max(n - 1, 1)
  return Array.from({ length: n }, (_, i) => (i > 0 && i === n - 1 ? stop : i * step + start))
}

/** torch.linspace: the same in float32 steps, counted from the nearer end. */
export function linearSpaceFloat32(start: number, stop: number, n: number): Float32Array {
  const round = Math.fround
  const [first, last] = [round(start), round(stop)]
  const step = round(round(last - first) / Math.max(n - 1, 1))
  return Float32Array.from({ length: n }, (_, i) => (i < n / 2 ? first + step * i : last - step * (n - 1 - i)))
}

/** The nearest whole number; halves go to the even one (numpy.round). */
export function roundHalfToEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

function mustAgree(a: Tensor, b: Tensor): void {
  if (`${a.shape}` === `${b.shape}`) return
  throw new Problem('TENSOR_SHAPE', `Tensors of shapes [${a.shape}] and [${b.shape}] cannot be combined.`)
}
