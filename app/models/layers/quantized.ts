import type { Value } from '../../graph/graph.ts'
import {
  type ConvolutionWindow,
  concat,
  dynamicQuantizeLinear,
  matMulIntegerToFloat,
  matMulNBits,
  padAround,
  placesOf,
  reshape,
  transpose,
} from '../../graph/ops/index.ts'
import type { QuantizedWeight } from './layer.ts'

/** A linear layer with a weight of few bits: rows [n, in] -> [n, out]. With 8 bits the rows are quantised too, with one scale for all. */
export function quantizedLinear(rows: Value, weight: QuantizedWeight, bias: Value | undefined): Value {
  const { values, scales, out } = weight
  return weight.bits === 4
    ? matMulNBits(rows, values, scales, { out, block: weight.block, bias })
    : matMulIntegerToFloat(dynamicQuantizeLinear(rows), values, scales, bias)
}

/** A convolution with a weight of 8 bits: x [batch, in, height, width] -> [batch, out, height', width'], as one product: the places under
 *  each tap of the kernel lie beside each other, `in` of each, in the order (row, column, channel). */
export function quantizedConvolution(
  x: Value,
  weight: QuantizedWeight & { readonly bits: 8 },
  bias: Value | undefined,
  { stride, padding, kernel }: ConvolutionWindow & { readonly kernel: number },
): Value {
  const [batch] = x.shape
  const [height, width] = x.shape.slice(2).map(size => Math.floor((size + 2 * padding - kernel) / stride) + 1)
  const quantized = dynamicQuantizeLinear(x)
  const padded = padAround(transpose(quantized.values, [0, 2, 3, 1]), padding, quantized.zeroPoint)
  const taps = Array.from({ length: kernel * kernel }, (_, tap) =>
    placesOf(padded, { top: Math.floor(tap / kernel), left: tap % kernel, height, width, step: stride }),
  )
  const joined = kernel === 1 ? taps[0] : concat(taps, 3)
  const rows = { ...quantized, values: reshape(joined, [batch * height * width, joined.shape[3]]) }
  const product = matMulIntegerToFloat(rows, weight.values, weight.scales, bias)
  return transpose(reshape(product, [batch, height, width, weight.out]), [0, 3, 1, 2])
}
