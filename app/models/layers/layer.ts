import { constant, type Graph, type Value } from '../../graph/graph.ts'
import { cast, gather, greater, reshape, subtract, where } from '../../graph/ops/index.ts'
import type { Shape } from '../../tensor/tensor.ts'
import type { LayerAdapter } from './adapters.ts'

/** A weight of few bits, laid out for the product that takes it. */
export type QuantizedWeight =
  /** values: int8 [taps x in, out]; scales: [out]. A weight is scale * value. */
  | { readonly bits: 8; readonly out: number; readonly values: Value; readonly scales: Value }
  /** values: uint8 [out, blocks, block / 2]; scales: [out x blocks]. A weight is scale * (value - 8). */
  | { readonly bits: 4; readonly out: number; readonly block: number; readonly values: Value; readonly scales: Value }

/** Where a network's parameters come from: files, or graph inputs when they are trained. */
export interface ParameterSource {
  /** @param key state-dict key; @param shape as the state dict has it; @param use shape for the graph, of as many elements;
   *  @param anchor a value that is computed shortly before the parameter is used: just-in-time casts wait for it
   *  @throws Problem naming the key, what was found and what was expected */
  parameter(graph: Graph, key: string, shape: Shape, use: Shape, anchor: Value | undefined): Value
  /** A table that few rows are taken from: in the type that it is stored in, so that only those rows are cast. Same errors. */
  table(graph: Graph, key: string, shape: Shape): Value
  /** The weight of a linear layer [out, in] or of a convolution [out, in, kernel, kernel] in few bits; undefined (or absent): it is computed
   *  with as `parameter` gives it. Same errors. */
  quantized?(graph: Graph, key: string, shape: Shape): QuantizedWeight | undefined
  /** Rows of a parameter, in their own right; undefined (or absent): it can only be had whole. Same errors. */
  part?(graph: Graph, key: string, shape: Shape, rows: RowRange, anchor: Value | undefined): Value | undefined
  /** The weight of a convolution [out, in, kernel, kernel] with its numbers in blocks (app/graph/ops/blocked.ts); undefined (or absent): it is
   *  computed with as `parameter` gives it. Same errors. */
  blocked?(graph: Graph, key: string, shape: Shape): Value | undefined
  /** What adapters add to the layer at a path; absent: nothing anywhere. */
  adapters?(graph: Graph, path: string): readonly LayerAdapter[]
  /** Rows beyond those of a table, that somebody learned; absent: none. */
  learnedRows?(graph: Graph, key: string): LearnedRows | undefined
}

/** Rows of a parameter that follow each other. */
export interface RowRange {
  readonly first: number
  readonly count: number
}

/** Rows that stand in for indices from `first` on: float32 [rows, width]. */
export interface LearnedRows {
  readonly first: number
  readonly rows: Value
}

/** A place in a network: a path of state-dict keys, with the graph that is being built and the source of parameters. */
export class Layer {
  readonly graph: Graph
  readonly path: string
  readonly #source: ParameterSource

  constructor(graph: Graph, source: ParameterSource, path = '') {
    this.graph = graph
    this.#source = source
    this.path = path
  }

  /** The layer below: `at('resnets', 0)` of `down_blocks.1` is `down_blocks.1.resnets.0`. */
  at(...names: readonly (string | number)[]): Layer {
    return new Layer(this.graph, this.#source, [...(this.path === '' ? [] : [this.path]), ...names].join('.'))
  }

  /** Builds what this layer computes; errors then name it, and the graph remembers its result. */
  build(body: () => Value): Value {
    return this.graph.within(this.path, body)
  }

  /** As `build`, for a part of a network that a training may compute again on the way back instead of holding what is inside. */
  block(body: () => Value): Value {
    return this.graph.inside(this.path, () => this.graph.block(() => this.build(body)))
  }

  /** Rows of a parameter, where the source has them apart. */
  part(name: string, shape: Shape, rows: RowRange, anchor: Value): Value | undefined {
    return this.#source.part?.(this.graph, this.at(name).path, shape, rows, anchor)
  }

  /** The weight of a convolution in blocks, where the source has it so. */
  blocked(name: string, shape: Shape): Value | undefined {
    return this.#source.blocked?.(this.graph, this.at(name).path, shape)
  }

  /** A parameter, e.g. `weight`. @param options.use another shape of as many elements, as the graph wants it */
  parameter(name: string, shape: Shape, options: { use?: Shape; anchor?: Value } = {}): Value {
    return this.#source.parameter(this.graph, this.at(name).path, shape, options.use ?? shape, options.anchor)
  }

  /** The weight of a linear layer or a convolution in few bits, where the source has it so. */
  quantized(name: string, shape: Shape): QuantizedWeight | undefined {
    return this.#source.quantized?.(this.graph, this.at(name).path, shape)
  }

  /** Rows of a stored table [rows, width]: indices [..] -> [.., width], in the type that is computed with.
   *  @param axis of the table that is counted, where it has other axes before */
  rows(name: string, shape: Shape, indices: Value, axis = 0): Value {
    const { graph } = this
    const key = this.at(name).path
    const rowsOf = (at: Value) => cast(gather(this.#source.table(graph, key, shape), at, axis), graph.target.compute)
    const learned = this.#source.learnedRows?.(graph, key)
    if (learned === undefined) return rowsOf(indices)
    // Each index is looked up in both tables, the wrong one at row 0: the stored table is neither copied nor made longer.
    const isLearned = greater(indices, constant(graph, 'int64', [], [learned.first - 1]))
    const zero = constant(graph, 'int64', [], [0])
    const stored = rowsOf(where(isLearned, zero, indices))
    const added = gather(
      cast(learned.rows, graph.target.compute),
      where(isLearned, subtract(indices, constant(graph, 'int64', [], [learned.first])), zero),
    )
    return where(reshape(isLearned, [...indices.shape, 1]), added, stored)
  }

  /** What adapters add to this layer. */
  adapters(): readonly LayerAdapter[] {
    return this.#source.adapters?.(this.graph, this.path) ?? []
  }

  /** A float32 list as a constant. */
  numbers(shape: Shape, values: Iterable<number>): Value {
    return constant(this.graph, 'float32', shape, values)
  }
}
