import type { ElementType } from '../tensor/tensor.ts'
import { sizeOf } from '../tensor/tensor.ts'
import type { Graph, Node, Value } from './graph.ts'

const bytesPerElement: Readonly<Record<ElementType, number>> = {
  float64: 8,
  int64: 8,
  float32: 4,
  int32: 4,
  float16: 2,
  bfloat16: 2,
  uint8: 1,
  int8: 1,
  float8e4m3fn: 1,
  float8e5m2: 1,
  bool: 1,
}

/** Bytes of a value. */
export const bytesOf = ({ type, shape }: Value): number => sizeOf(shape) * bytesPerElement[type]

/** Operations whose result is the input's memory under another shape. */
export const views = new Set(['Reshape', 'Identity'])

/** Operations that may write over an input that nobody needs any more. */
const inPlace = new Set(['Add', 'Sub', 'Mul', 'Div', 'Sigmoid', 'QuickGelu', 'Gelu', 'Tanh', 'Sqrt', 'Softmax', 'Clip'])

/** Bytes of the values that live at once at the worst moment of a run. Values are followed in the order in which the nodes were built, which ONNX
 *  Runtime keeps nearly: each lives from the node that makes it to the last one that takes it.
 *  @param counts which sizes of values are looked at; absent: all */
export function largestLive(
  graph: Graph,
  nodes: readonly Node[] = graph.needed(),
  counts: (bytes: number) => boolean = () => true,
): number {
  const sumOf = (values: readonly Value[]) =>
    values
      .map(bytesOf)
      .filter(counts)
      .reduce((sum, bytes) => sum + bytes, 0)
  const owners = ownersOf(nodes)
  const ownerOf = (value: Value) => owners.get(value.name) ?? value
  const lastUse = new Map<string, Node>()
  for (const node of nodes) for (const input of present(node)) lastUse.set(ownerOf(input).name, node)
  // Outputs stay to the end, whoever takes them before.
  const kept = new Set([...graph.inputs, ...graph.outputs.map(ownerOf)].map(({ name }) => name))
  let live = sumOf(graph.inputs)
  let most = live
  for (const node of nodes) {
    if (views.has(node.op)) continue
    const made = sumOf(node.outputs)
    const ended = [...new Set(present(node).map(ownerOf))].filter(
      ({ name }) => lastUse.get(name) === node && !graph.initializers.has(name) && !kept.has(name),
    )
    const reused = inPlace.has(node.op) && ended.some(value => bytesOf(value) === made) ? made : 0
    most = Math.max(most, live + made - reused + scratchOf(node, sumOf))
    live += made - sumOf(ended)
  }
  return most
}

const present = (node: Node): Value[] => node.inputs.filter(input => input !== undefined)

/** The value whose memory a view shows. */
function ownersOf(nodes: readonly Node[]): Map<string, Value> {
  const owners = new Map<string, Value>()
  for (const { op, inputs, outputs } of nodes) {
    const [first] = inputs
    if (views.has(op) && first) owners.set(outputs[0].name, owners.get(first.name) ?? first)
  }
  return owners
}

/** What an operation takes while it runs: the fused attention lays queries, keys and values out by heads; a transposed convolution holds what each
 *  place gives to all places under the kernel before it adds them up. */
function scratchOf(node: Node, sumOf: (values: readonly Value[]) => number): number {
  const [x, weight] = present(node)
  if (node.op === 'MultiHeadAttention') return sumOf(present(node))
  if (node.op !== 'ConvTranspose') return 0
  return (bytesOf(x) / x.shape[1]) * sizeOf(weight.shape.slice(1))
}
