import type { ExternalBytes, Graph, Value } from '../graph/graph.ts'
import { constant } from '../graph/graph.ts'
import { after, cast, concat, multiply, reshape, split, transpose } from '../graph/ops/index.ts'
import { Problem } from '../problem.ts'
import { type ElementType, type Shape, sizeOf } from '../tensor/tensor.ts'
import { block4 } from '../weights/quantize.ts'
import type { Arrangement } from '../weights/safetensors.ts'
import { suffixes } from '../weights/side-car.ts'
import type { ParameterSource, RowRange } from './layers/layer.ts'

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
  /** Set where the stored numbers must be multiplied by this to be the parameter's: one number, or one for each row. */
  readonly scale?: Float32Array
}

/** Finds tensors by state-dict key. @throws Problem naming key, file, found and expected shape */
export type FindTensor = (key: string, shape: Shape) => StoredTensor

const elementTypes: Readonly<Record<string, ElementType>> = {
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  F64: 'float64',
  F8_E4M3: 'float8e4m3fn',
  F8_E5M2: 'float8e5m2',
}

function typeOf(key: string, { dtype, path }: StoredTensor): ElementType {
  const type = elementTypes[dtype]
  if (type !== undefined) return type
  throw new Problem('WEIGHTS_TYPE', `"${key}" in ${path} is stored as ${dtype}, which cannot be computed with.`, {
    hint: 'Use a file in fp32, fp16, bf16 or fp8.',
  })
}

/** Parameters that stay where they are: byte ranges of `.safetensors` files, cast to the type that the target computes with. */
export function storedParameters(find: FindTensor): ParameterSource {
  return {
    parameter(graph, key, shape, use, anchor) {
      const stored = find(key, shape)
      return graph.brief(() => {
        const value =
          stored.arrangement === undefined
            ? inOrder(graph, key, stored, use, anchor)
            : reshape(rearranged(graph, key, stored, stored.arrangement, shape, anchor), use)
        return scaled(graph, value, shape, stored.scale)
      })
    },
    part(graph, key, shape, rows, anchor) {
      const stored = find(key, shape)
      if (stored.arrangement !== undefined || stored.scale !== undefined) return undefined
      const use = [rows.count, ...shape.slice(1)]
      return inOrder(graph, partName(key, rows), rowsOf(stored, shape, rows), use, anchor)
    },
    table(graph, key, shape) {
      const stored = find(key, shape)
      const { arrangement, scale } = stored
      if (arrangement !== undefined)
        return scaled(graph, rearranged(graph, key, stored, arrangement, shape, undefined), shape, scale)
      const table = graph.external(key, typeOf(key, stored), shape, bytesOf(stored))
      // A provider that holds the weights need not be able to look up half precision, and none looks up 8 bits.
      const isCast = graph.target.weights === 'held' || table.type.startsWith('float8') || scale !== undefined
      return isCast ? scaled(graph, cast(table, graph.target.compute), shape, scale) : table
    },
  }
}

const bytesOf = ({ path: file, offset, length }: StoredTensor): ExternalBytes => ({ file, offset, length })

/** Bytes of rows. */
function rowsOf(stored: StoredTensor, shape: Shape, { first, count }: RowRange): StoredTensor {
  const row = stored.length / shape[0]
  return { ...stored, offset: stored.offset + first * row, length: count * row }
}

const partName = (key: string, { first }: RowRange): string => `${key}[${first}]`

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

/** Where a tensor of a side-car lies: a parameter in single precision (no suffix, or in blocks), or what it was quantised to; undefined: it is not there.
 *  Called after the parameter itself was found. */
export type FindPrepared = (key: string, suffix: string) => (StoredTensor & { readonly shape: Shape }) | undefined

/** Parameters from a side-car (app/weights/side-car.ts); what it does not hold comes from the person's own files, and every parameter must be
 *  there. A weight that is wanted in another way than few bits or blocks allow is taken from those files too. */
export function preparedParameters(find: FindTensor, prepared: FindPrepared): ParameterSource {
  const stored = storedParameters(find)
  const place = (graph: Graph, key: string, suffix: string, type: ElementType, use: Shape) => {
    const found = prepared(key, suffix)
    return found && graph.external(`${key}${suffix}`, type, use, bytesOf(found))
  }
  return {
    parameter(graph, key, shape, use, anchor) {
      find(key, shape)
      return place(graph, key, '', 'float32', use) ?? stored.parameter(graph, key, shape, use, anchor)
    },
    part(graph, key, shape, rows, anchor) {
      find(key, shape)
      const found = prepared(key, '')
      if (found === undefined) return stored.part?.(graph, key, shape, rows, anchor)
      const use = [rows.count, ...shape.slice(1)]
      return graph.external(partName(key, rows), 'float32', use, bytesOf(rowsOf(found, shape, rows)))
    },
    table: stored.table,
    blocked(graph, key, shape) {
      find(key, shape)
      return place(graph, key, suffixes.blocked, 'float32', shape)
    },
    quantized(graph, key, shape) {
      find(key, shape)
      const [out, ...rest] = shape
      const blocks = prepared(key, suffixes.int4)?.shape[1] ?? 0
      const scales = place(graph, key, suffixes.scales, 'float32', blocks > 0 ? [out * blocks] : [out])
      const int8 = place(graph, key, suffixes.int8, 'int8', [sizeOf(rest), out])
      if (int8 && scales) return { bits: 8, out, values: int8, scales }
      const int4 = place(graph, key, suffixes.int4, 'uint8', [out, blocks, block4 / 2])
      return int4 && scales ? { bits: 4, out, block: block4, values: int4, scales } : undefined
    },
  }
}

/** Numbers of 8 bits are kept in a range that suits them. @param shape of the parameter; `value` may have another of as many elements */
function scaled(graph: Graph, value: Value, shape: Shape, scale: Float32Array | undefined): Value {
  if (scale === undefined) return value
  if (scale.length === 1) return multiply(value, scale[0])
  const perRow = constant(graph, graph.target.compute, [shape[0], ...shape.slice(1).map(() => 1)], scale)
  return reshape(multiply(reshape(value, shape), perRow), value.shape)
}

/** What was cast, by key and shape. */
const castAlready = new WeakMap<Graph, Map<string, Value>>()

/** Casts when `anchor` is there, not before: else ONNX Runtime casts all weights of the model first and holds them together.
 *  The initializer is overridable, so it is no constant and is not folded; its shape waits for a zero computed from the anchor.
 *  A weight that is used again is not cast again. */
function castLate(
  graph: Graph,
  key: string,
  type: ElementType,
  use: Shape,
  bytes: ExternalBytes,
  anchor: Value,
): Value {
  const casts = castAlready.get(graph) ?? new Map<string, Value>()
  castAlready.set(graph, casts)
  const name = `${key} ${use}`
  const existing = casts.get(name)
  if (existing !== undefined) return existing
  const stored = graph.external(key, type, use, bytes, { overridable: true })
  const value = cast(after(stored, anchor, use), graph.target.compute)
  casts.set(name, value)
  return value
}
