import { Graph, type Value, type ValueType } from '../graph/graph.ts'
import { cast } from '../graph/ops/index.ts'
import { type Target, targets } from '../graph/targets.ts'
import { Session, type SessionOptions } from './session.ts'

/** Layers as WebGPU computes them in half precision, for a CPU to check. */
export const halfOnCpu: Target = { ...targets.webgpu, provider: 'cpu', compute: 'float16' }

/** A graph in half precision as one in single precision that rounds: every value that would be float16 is rounded to it as soon as it is computed,
 *  and each operation computes in single precision inside. What a processor makes of a graph in half precision is its own affair (ONNX Runtime joins
 *  operations and keeps single precision between them); this has each rounding once, where it stands. */
export function rounded(half: Graph): Graph {
  const graph = new Graph({ ...half.target, compute: 'float32' })
  const values = new Map<string, Value>()
  const round = (value: Value) => cast(cast(value, 'float16'), 'float32')
  const single = ({ type, shape }: ValueType): ValueType => ({ type: type === 'float16' ? 'float32' : type, shape })
  for (const { name, type, shape } of half.inputs) values.set(name, graph.input(name, type, shape))
  for (const { value, content } of half.initializers.values()) {
    const { name, type, shape } = value
    const own =
      content instanceof Uint8Array
        ? graph.constant(type, shape, content)
        : graph.external(name, type, shape, content, { overridable: false })
    values.set(name, type === 'float16' ? cast(own, 'float32') : own)
  }
  for (const node of half.needed()) {
    const inputs = node.inputs.map(input => input && values.get(input.name))
    const isWidening = node.op === 'Cast' && node.inputs[0]?.type === 'float16' && node.outputs[0].type === 'float32'
    const isNarrowing = node.op === 'Cast' && node.outputs[0].type === 'float16'
    const [first] = inputs
    if (isWidening && first !== undefined) {
      values.set(node.outputs[0].name, first)
    } else if (isNarrowing && first !== undefined) {
      values.set(node.outputs[0].name, round(cast(first, 'float32')))
    } else {
      const outputs = graph.apply({ ...node, inputs }, node.outputs.map(single))
      outputs.forEach((output, k) => {
        values.set(node.outputs[k].name, node.outputs[k].type === 'float16' ? round(output) : output)
      })
    }
  }
  for (const { name } of half.outputs) {
    const value = values.get(name)
    if (value !== undefined) graph.output(name, value)
  }
  return graph
}

/** Opens a graph in half precision as `rounded` has it. */
export const openRounded = (half: Graph, options: SessionOptions): Promise<Session> =>
  Session.open(rounded(half), { ...options, optimizes: false })
