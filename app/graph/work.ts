import { sizeOf } from '../tensor/tensor.ts'
import type { Graph, Node, Value } from './graph.ts'

/** Multiplications, each with its addition, of one run of a graph: those of products and convolutions, beside which the rest takes little time.
 *  A network has the same number in every precision. */
export function multiplyAdds(graph: Graph): number {
  return graph.needed().reduce((sum, node) => sum + (rules[node.op]?.(node) ?? 0), 0)
}

const shapeOf = (value: Value | undefined) => value?.shape ?? []

/** Results, times the numbers that are summed in each. */
const product = ({ inputs: [x], outputs: [out] }: Node): number => sizeOf(out.shape) * (shapeOf(x).at(-1) ?? 0)

const rules: Readonly<Partial<Record<string, (node: Node) => number>>> = {
  MatMul: product,
  Gemm: product,
  MatMulIntegerToFloat: product,
  MatMulNBits: product,
  // weight [out, in, kernel, kernel]
  Conv: ({ inputs: [, weight], outputs: [out] }) => sizeOf(out.shape) * sizeOf(shapeOf(weight).slice(1)),
  // weight [in, out, kernel, kernel]: each number that comes in is multiplied by all of its own
  ConvTranspose: ({ inputs: [x, weight] }) => sizeOf(shapeOf(x)) * sizeOf(shapeOf(weight).slice(1)),
  // queries [batch, queries, width], keys [batch, keys, width]: scores of all pairs, then sums of values
  MultiHeadAttention: ({ inputs: [queries, keys] }) => 2 * sizeOf(shapeOf(queries)) * (shapeOf(keys).at(-2) ?? 0),
}
