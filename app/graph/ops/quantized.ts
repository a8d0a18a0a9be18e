import type { Shape } from '../../tensor/tensor.ts'
import { integers, type Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import type { Places } from './shape.ts'

/** A value in 8 bits: x is about scale * (values - zeroPoint). */
export interface Quantized {
  /** uint8, of x's shape. */
  readonly values: Value
  /** float32 [] */
  readonly scale: Value
  /** uint8 [] */
  readonly zeroPoint: Value
}

const dynamicQuantizeLinearOp = defineOp<undefined>({
  name: 'DynamicQuantizeLinear',
  infer: ([x]) => [
    { type: 'uint8', shape: x.shape },
    { type: 'float32', shape: [] },
    { type: 'uint8', shape: [] },
  ],
  gradient: 'none',
})
/** x in 8 bits, with one scale for all of it, which is found at run time: its range, zero included, in 255 steps. */
export function dynamicQuantizeLinear(x: Value): Quantized {
  const [values, scale, zeroPoint] = dynamicQuantizeLinearOp([x], undefined)
  return { values, scale, zeroPoint }
}

const matMulIntegerToFloatOp = defineOp<undefined>({
  name: 'MatMulIntegerToFloat',
  domain: 'com.microsoft',
  infer: ([a, b]) => {
    if (b.shape.length !== 2 || a.shape.at(-1) !== b.shape[0])
      throw a.graph.problem(`An 8-bit product cannot multiply ${shown(a)} by ${shown(b)}.`)
    return [{ type: 'float32', shape: a.shape.with(-1, b.shape[1]) }]
  },
  gradient: 'none',
})
/** x [.., in] times weight (int8 [in, out], a scale [out] for each column) plus bias [out] -> float32 [.., out]. ONNX's MatMulInteger, with the
 *  scales and the bias in the same pass. */
export const matMulIntegerToFloat = (x: Quantized, weight: Value, scales: Value, bias?: Value): Value =>
  matMulIntegerToFloatOp([x.values, weight, x.scale, scales, x.zeroPoint, undefined, bias], undefined)[0]

const matMulNBitsOp = defineOp<{ inside: number; out: number; block: number }>({
  name: 'MatMulNBits',
  domain: 'com.microsoft',
  infer: ([x, weight], { inside, out, block }) => {
    const blocks = Math.ceil(inside / block)
    if (x.shape.at(-1) !== inside || String(weight.shape) !== String([out, blocks, block / 2]))
      throw x.graph.problem(`A 4-bit product with weight ${shown(weight)} cannot take ${shown(x)}.`)
    return [{ type: 'float32', shape: x.shape.with(-1, out) }]
  },
  gradient: 'none',
  emit: ({ inside, out, block }) => ({
    K: { int: inside },
    N: { int: out },
    bits: { int: 4 },
    block_size: { int: block },
  }),
})
/** x [.., in] times weight (uint8 [out, blocks of `in`, block / 2], two values a byte, low half first; a scale [out x blocks] for each block;
 *  a value is scale * (q - 8)) plus bias [out] -> [.., out]. */
export const matMulNBits = (
  x: Value,
  weight: Value,
  scales: Value,
  options: { out: number; block: number; bias?: Value },
): Value =>
  matMulNBitsOp([x, weight, scales, undefined, undefined, options.bias], {
    inside: x.shape[x.shape.length - 1],
    out: options.out,
    block: options.block,
  })[0]

const padAroundOp = defineOp<{ shape: Shape }>({
  name: 'Pad',
  infer: ([x], { shape }) => [{ type: x.type, shape }],
  gradient: 'none',
})
/** Frames pictures [batch, height, width, channels] with `width` places of a value [] on all four sides. */
export function padAround(x: Value, width: number, value: Value): Value {
  if (width === 0) return x
  const [batch, height, across, channels] = x.shape
  const sides = integers(x.graph, [0, width, width, 0, 0, width, width, 0])
  return padAroundOp([x, sides, value], { shape: [batch, height + 2 * width, across + 2 * width, channels] })[0]
}

const placesOp = defineOp<Places>({
  name: 'Slice',
  infer: ([x], { top, left, height, width, step }) => {
    const [batch, rows, columns, channels] = x.shape
    if (top + (height - 1) * step >= rows || left + (width - 1) * step >= columns)
      throw x.graph.problem(`${shown(x)} has no ${height} x ${width} places from ${top}, ${left} on.`)
    return [{ type: x.type, shape: [batch, height, width, channels] }]
  },
  gradient: 'none',
})
/** Places of pictures [batch, height, width, channels]. */
export function placesOf(x: Value, places: Places): Value {
  if (places.step === 1 && places.height === x.shape[1] && places.width === x.shape[2]) return x
  const { top, left, height, width, step } = places
  const ends = [top + (height - 1) * step + 1, left + (width - 1) * step + 1]
  const lists = [[top, left], ends, [1, 2], [step, step]]
  return placesOp([x, ...lists.map(list => integers(x.graph, list))], places)[0]
}
