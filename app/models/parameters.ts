import type { ExternalBytes, Graph, Value } from '../graph/graph.ts'
import { integers, scalar } from '../graph/graph.ts'
import { add, cast, concat, greater, reshape, reshapeBy, slice, split, transpose } from '../graph/ops/index.ts'
import { Problem } from '../problem.ts'
import { type ElementType, type Shape, sizeOf } from '../tensor/tensor.ts'
import type { Arrangement } from '../weights/safetensors.ts'
import type { ParameterSource } from './layers/layer.ts'

/** Where a tensor lies: what app/weights finds for a state-dict key. */
export interface StoredTensor {
  /** Path of the `.safetensors` file. */
  readonly path: string
  readonly dtype: string
  /** First byte in the file. */
  readonly offset: number
  readonly length: number
  /** Set where the bytes are in another order than the shape says. */
  readonly arrangement?: Arrangement
}

/** Finds tensors by state-dict key. @throws Problem naming key, file, found and expected shape */
export type FindTensor = (key: string, shape: Shape) => StoredTensor

const elementTypes: Readonly<Record<string, ElementType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
}

function typeOf(key: string, { dtype, path }: StoredTensor): ElementType {
  const type = elementTypes[dtype]
  if (type !== undefined) return type
  throw new Problem('WEIGHTS_TYPE', `"${key}" in ${path} is stored as ${dtype}, which cannot be computed with.`, {
    hint: 'Use a file in fp32, fp16 or bf16.',
  })
}

/** Parameters that stay where they are: byte ranges of `.safetensors` files, cast to the type that the target computes with. */
export function storedParameters(find: FindTensor): ParameterSource {
  return {
    parameter(graph, key, shape, use, anchor) {
      const stored = find(key, shape)
      if (stored.arrangement === undefined) return inOrder(graph, key, stored, use, anchor)
      return reshape(rearranged(graph, key, stored, stored.arrangement, shape, anchor), use)
    },
    table(graph, key, shape) {
      const stored = find(key, shape)
      if (stored.arrangement !== undefined) return rearranged(graph, key, stored, stored.arrangement, shape, undefined)
      const table = graph.external(key, typeOf(key, stored), shape, bytesOf(stored))
      // A provider that holds the weights need not be able to look up half precision.
      return graph.target.weights === 'held' ? cast(table, graph.target.compute) : table
    },
  }
}

const bytesOf = ({ path: file, offset, length }: StoredTensor): ExternalBytes => ({ file, offset, length })

/** A parameter whose bytes are in the order of its shape, in the type that the target computes with. */
function inOrder(graph: Graph, key: string, stored: StoredTensor, use: Shape, anchor: Value | undefined): Value {
  const type = typeOf(key, stored)
  const { compute, weights } = graph.target
  if (weights === 'held' || type === compute || anchor === undefined)
    return cast(graph.external(key, type, use, bytesOf(stored)), compute)
  return castLate(graph, key, type, use, bytesOf(stored), anchor)
}

/** A parameter that the file keeps transposed, or with its halves swapped: put in order by the graph. */
function rearranged(
  graph: Graph,
  key: string,
  stored: StoredTensor,
  arrangement: Arrangement,
  shape: Shape,
  anchor: Value | undefined,
): Value {
  if (arrangement === 'transposed') return transpose(inOrder(graph, key, stored, shape.toReversed(), anchor), [1, 0])
  const [second, first] = split(inOrder(graph, key, stored, shape, anchor), 0, [shape[0] / 2, shape[0] / 2])
  return concat([first, second], 0)
}

/** Casts when `anchor` is there, not before: else ONNX Runtime casts all weights of the model first and holds them together.
 *  The initializer is overridable, so it is no constant and is not folded; its shape waits for a zero computed from the anchor. */
function castLate(
  graph: Graph,
  key: string,
  type: ElementType,
  use: Shape,
  bytes: ExternalBytes,
  anchor: Value,
): Value {
  const stored = graph.external(key, type, use, bytes, { overridable: true })
  const first = slice(reshape(anchor, [sizeOf(anchor.shape)]), 0, 0, 1)
  const zero = cast(greater(first, scalar(graph, Number.POSITIVE_INFINITY)), 'int64')
  const dimensions = add(integers(graph, use), zero)
  return cast(reshapeBy(stored, dimensions, use), graph.target.compute)
}
