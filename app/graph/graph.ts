import { Problem } from '../problem.ts'
import { type ElementType, type Shape, sizeOf } from '../tensor/tensor.ts'
import type { Target } from './targets.ts'

/** Element type and shape: what is known of a value before anything runs. */
export interface ValueType {
  readonly type: ElementType
  readonly shape: Shape
}

/** One value of a graph: an input, an initializer, or an output of a node. Graphs are in single-assignment form. */
export interface Value extends ValueType {
  readonly graph: Graph
  /** Unique in its graph. */
  readonly name: string
}

/** An attribute of a node, in ONNX's kinds. */
export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly string: string }
  | { readonly ints: readonly number[] }

/** An operation applied to values. `undefined` among the inputs is an optional input that is left out. */
export interface Operation {
  readonly op: string
  /** '' is ONNX's own; 'com.microsoft' are ONNX Runtime's fused operations; 'com.microsoft.nchwc' those on channels in blocks. */
  readonly domain: '' | 'com.microsoft' | 'com.microsoft.nchwc'
  readonly inputs: readonly (Value | undefined)[]
  readonly attributes: Readonly<Record<string, Attribute>>
  /** The way back through it (gradient.ts). */
  readonly backward: Backward
}

/** One operation in a graph. */
export interface Node extends Operation {
  readonly outputs: readonly Value[]
  /** Path of the layer that it was built in. */
  readonly layer: string
  /** The block that it was built in, where it is in one. */
  readonly block: Block | undefined
  /** Built by `brief`: a backward part computes it again at each use. */
  readonly isBrief: boolean
}

/** Nodes that a backward part can compute again from what went into them, so that nothing inside has to be held until then. */
export interface Block {
  readonly path: string
}

/** How gradients go back through an operation: what to compute for each of its inputs, called only for those that are wanted; undefined where
 *  none goes back (whole numbers, comparisons). 'none': there is no way back, and to ask for it is an error. */
export type Backward = 'none' | ((step: BackwardStep) => readonly ((() => Value) | undefined)[])

/** One operation on the way back. */
export interface BackwardStep {
  /** The gradient of its first output. */
  readonly gradient: Value
  /** Of each output; undefined: the loss does not depend on it. */
  readonly gradients: readonly (Value | undefined)[]
  /** Whether an optional input is there. */
  has(place: number): boolean
  /** What is known of an input without computing it. */
  typeOf(place: number): ValueType
  /** An input as a backward part may use it: held, or computed again. */
  input(place: number): Value
  /** An output likewise. */
  output(place?: number): Value
}

/** Bytes of a tensor that stay where they are: a range of a `.safetensors` file. */
export interface ExternalBytes {
  readonly file: string
  /** First byte, counted from the file's begin. */
  readonly offset: number
  readonly length: number
}

/** A constant of a graph. `overridable` initializers are also graph inputs (not fed), so that ONNX Runtime does not fold them. */
export interface Initializer {
  readonly value: Value
  readonly content: ExternalBytes | Uint8Array
  readonly overridable: boolean
}

/** A graph under construction. It does no input or output and runs nothing: a graph is a value; only app/runtime runs one.
 *  Equal nodes (same operation, inputs and attributes) are built once. */
export class Graph {
  readonly target: Target
  readonly nodes: Node[] = []
  readonly inputs: Value[] = []
  readonly outputs: Value[] = []
  readonly initializers = new Map<string, Initializer>()
  /** What each layer computed, by the layer's path, e.g. `down_blocks.0.resnets.0`; to compare with the reference's hooks. */
  readonly results = new Map<string, Value>()
  /** Set where the nodes should run in the order in which they were built: a graph with gradients would else hold more at once. */
  runsInOrder = false
  readonly #existing = new Map<string, readonly Value[]>()
  readonly #layers: string[] = []
  #part: { inputs: Readonly<Record<string, Value>>; prefix: string; outputs: Record<string, Value> } | undefined
  #block: Block | undefined
  #isBrief = false
  #names = 0

  constructor(target: Target) {
    this.target = target
  }

  /** Path of the layer that is being built, for names and errors. */
  get layer(): string {
    return this.#layers.at(-1) ?? ''
  }

  /** Builds inside a layer; remembers what it computed in `results`. */
  within(path: string, build: () => Value): Value {
    const value = this.inside(path, build)
    this.results.set(path, value)
    return value
  }

  /** Builds inside a layer, for names and errors. */
  inside<Result>(path: string, build: () => Result): Result {
    this.#layers.push(path)
    try {
      return build()
    } finally {
      this.#layers.pop()
    }
  }

  /** Builds a block; a block inside another belongs to the outer one. */
  block<Result>(build: () => Result): Result {
    if (this.#block !== undefined) return build()
    this.#block = { path: this.layer }
    try {
      return build()
    } finally {
      this.#block = undefined
    }
  }

  /** Builds what comes from stored bytes and is better computed twice than held: a weight in the type that is computed with. */
  brief<Result>(build: () => Result): Result {
    const before = this.#isBrief
    this.#isBrief = true
    try {
      return build()
    } finally {
      this.#isBrief = before
    }
  }

  /** A value that is fed at each run. In a part: the value that the part was given under that name. */
  input(name: string, type: ElementType, shape: Shape): Value {
    const given = this.#part?.inputs[name]
    if (given !== undefined) {
      const fits = given.type === type && String(given.shape) === String(shape)
      if (fits) return given
      throw this.problem(`The input "${name}" takes ${type} [${shape}], but is given ${given.type} [${given.shape}].`)
    }
    const value = { graph: this, name: `${this.#part?.prefix ?? ''}${name}`, type, shape }
    if (this.#hasInput(value.name) || this.initializers.has(value.name)) {
      throw this.problem(`Two inputs or weights are named "${value.name}".`)
    }
    this.inputs.push(value)
    return value
  }

  /** Builds a part: inputs that it declares are the given values, or inputs of the whole graph with a prefix before their names.
   *  @returns what it declares as outputs, which are none of the whole graph's */
  part(given: { inputs: Readonly<Record<string, Value>>; prefix: string }, build: () => void): Record<string, Value> {
    const outputs: Record<string, Value> = {}
    this.#part = { ...given, outputs }
    try {
      build()
      return outputs
    } finally {
      this.#part = undefined
    }
  }

  /** Declares a value as output under a name of its own; half precision leaves the graph as float32. */
  output(name: string, value: Value): void {
    if (this.#part !== undefined) {
      this.#part.outputs[name] = value
      return
    }
    const operation = value.type === 'float16' ? widened : identity
    const result = { type: value.type === 'float16' ? 'float32' : value.type, shape: value.shape } as const
    const [renamed] = this.#add({ ...operation, inputs: [value] }, [result], [name])
    this.outputs.push(renamed)
  }

  /** A constant held in the graph itself; equal constants are stored once. @param bytes little-endian, row-major */
  constant(type: ElementType, shape: Shape, bytes: Uint8Array): Value {
    const key = `constant:${type}:${shape}:${bytes.length > 4096 ? `#${this.#names}` : Buffer.from(bytes).toString('latin1')}`
    const [value] = this.#once(key, () => {
      const created: Value = { graph: this, name: this.#name('constant'), type, shape }
      this.initializers.set(created.name, { value: created, content: bytes, overridable: false })
      return [created]
    })
    return value
  }

  /** A constant whose bytes stay in a file. */
  external(
    name: string,
    type: ElementType,
    shape: Shape,
    content: ExternalBytes,
    options: { overridable: boolean } = { overridable: false },
  ): Value {
    const own = `${this.#part?.prefix ?? ''}${name}`
    const [value] = this.#once(`external:${own}:${shape}:${content.file}:${content.offset}`, () => {
      // The same bytes may be declared in two shapes, and two networks may have a layer of one name; names stay unique.
      const unique = this.initializers.has(own) || this.#hasInput(own) ? this.#name(own) : own
      const created: Value = { graph: this, name: unique, type, shape }
      this.initializers.set(unique, { value: created, content, overridable: options.overridable })
      return [created]
    })
    return value
  }

  /** Adds an operation, or finds the equal one that exists. Called by op definitions (op.ts), and to compute a node again from other inputs. */
  apply(operation: Operation, outputs: readonly ValueType[]): readonly Value[] {
    const { domain, op, inputs, attributes } = operation
    const key = `${domain}:${op}(${inputs.map(input => input?.name ?? '')})${JSON.stringify(attributes)}`
    return this.#once(key, () => this.#add(operation, outputs))
  }

  /** Nodes that the outputs (or the given values) depend on, in an order in which they can run. */
  needed(values: readonly Value[] = this.outputs): Node[] {
    const producers = new Map(this.nodes.flatMap(node => node.outputs.map(output => [output.name, node] as const)))
    const wanted = new Set<Node>()
    const open = values.map(value => value.name)
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
      const node = producers.get(name)
      if (node === undefined || wanted.has(node)) continue
      wanted.add(node)
      for (const input of node.inputs) if (input !== undefined) open.push(input.name)
    }
    return this.nodes.filter(node => wanted.has(node))
  }

  /** A problem with what is being built, named after the layer. */
  problem(message: string): Problem {
    return new Problem('GRAPH_SHAPE', this.layer === '' ? message : `${this.layer}: ${message}`)
  }

  #add(operation: Operation, outputs: readonly ValueType[], names?: readonly string[]): readonly Value[] {
    const { op, domain, inputs, attributes, backward } = operation
    const values = outputs.map(
      ({ type, shape }, index): Value => ({ graph: this, name: names?.[index] ?? this.#name(op), type, shape }),
    )
    const place = { layer: this.layer, block: this.#block, isBrief: this.#isBrief }
    this.nodes.push({ op, domain, inputs, outputs: values, attributes, backward, ...place })
    return values
  }

  #once(key: string, create: () => readonly Value[]): readonly Value[] {
    const existing = this.#existing.get(key)
    if (existing !== undefined) return existing
    const created = create()
    this.#existing.set(key, created)
    return created
  }

  #hasInput(name: string): boolean {
    return this.inputs.some(input => input.name === name)
  }

  #name(hint: string): string {
    return `${this.layer}/${hint}_${this.#names++}`
  }
}

const identity = {
  op: 'Identity',
  domain: '',
  attributes: {},
  backward: ({ gradient }: BackwardStep) => [() => gradient],
} as const

/** To float32, which ONNX writes as 1. */
const widened = { ...identity, op: 'Cast', attributes: { to: { int: 1 } } } as const

const arrays = {
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  int8: Int8Array,
} as const

/** A constant of numbers. @throws Problem GRAPH_SHAPE when their count does not fit the shape */
export function constant(
  graph: Graph,
  type: 'float16' | 'float32' | 'float64' | 'int32' | 'int64' | 'uint8' | 'int8',
  shape: Shape,
  numbers: Iterable<number>,
): Value {
  const values = [...numbers]
  if (values.length !== sizeOf(shape)) {
    throw graph.problem(`A constant of shape [${shape}] cannot hold ${values.length} values.`)
  }
  const array = type === 'int64' ? BigInt64Array.from(values, BigInt) : arrays[type].from(values)
  return graph.constant(type, shape, new Uint8Array(array.buffer))
}

/** A scalar. */
export const scalar = (graph: Graph, value: number, type: 'float32' | 'float16' = 'float32'): Value =>
  constant(graph, type, [], [value])

/** A scalar to compute with beside a value: in half precision where that is, else float32. */
export const scalarBeside = ({ graph, type }: Value, value: number): Value =>
  scalar(graph, value, type === 'float16' ? type : 'float32')

/** A list of int64 numbers: shapes, axes, starts and ends. */
export const integers = (graph: Graph, values: readonly number[]): Value =>
  constant(graph, 'int64', [values.length], values)
