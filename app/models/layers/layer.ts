import { constant, type Graph, type Value } from '../../graph/graph.ts'
import { cast, gather } from '../../graph/ops/index.ts'
import type { Shape } from '../../tensor/tensor.ts'

/** Where a network's parameters come from: files, or graph inputs when they are trained. */
export interface ParameterSource {
  /** @param key state-dict key; @param shape as the state dict has it; @param use shape for the graph, of as many elements;
   *  @param anchor a value that is computed shortly before the parameter is used: just-in-time casts wait for it
   *  @throws Problem naming the key, what was found and what was expected */
  parameter(graph: Graph, key: string, shape: Shape, use: Shape, anchor: Value | undefined): Value
  /** A table that few rows are taken from: in the type that it is stored in, so that only those rows are cast. Same errors. */
  table(graph: Graph, key: string, shape: Shape): Value
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

  /** A parameter, e.g. `weight`. @param options.use another shape of as many elements, as the graph wants it */
  parameter(name: string, shape: Shape, options: { use?: Shape; anchor?: Value } = {}): Value {
    return this.#source.parameter(this.graph, this.at(name).path, shape, options.use ?? shape, options.anchor)
  }

  /** Rows of a stored table [rows, width]: indices [..] -> [.., width], in the type that is computed with.
   *  @param axis of the table that is counted, where it has other axes before */
  rows(name: string, shape: Shape, indices: Value, axis = 0): Value {
    const table = this.#source.table(this.graph, this.at(name).path, shape)
    return cast(gather(table, indices, axis), this.graph.target.compute)
  }

  /** A float32 list as a constant. */
  numbers(shape: Shape, values: Iterable<number>): Value {
    return constant(this.graph, 'float32', shape, values)
  }
}
