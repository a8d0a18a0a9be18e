import type { Graph, Value } from '../graph/graph.ts'
import type { FittedLora } from '../weights/lora.ts'
import type { LayerAdapter } from './layers/adapters.ts'
import type { ParameterSource } from './layers/layer.ts'
import { storedParameters } from './parameters.ts'

/** A table that got more rows: words of a text encoder that somebody learned. */
export interface LearnedTable {
  /** Key of the stored table. */
  readonly key: string
  /** Index of the first new row. */
  readonly first: number
  readonly rows: number
  readonly width: number
}

/** Name of the input [1] that holds the strength of the adapter at a place in the list. */
export const strengthInput = (place: number): string => `strength_${place}`

/** Name of the input [rows, width] that holds learned rows. */
export const LEARNED_ROWS = 'learned_rows'

/** Parameters with adapters beside them. Their factors stay in their files; their strengths are inputs of the graph. */
export function withLoras(source: ParameterSource, graph: Graph, loras: readonly FittedLora[]): ParameterSource {
  const adapters = loras.map(({ lora, deltas }, place) => {
    // Two files use the same keys: each has names of its own in the graph.
    const prefix = `lora_${place}:`
    const factors = storedParameters(name => {
      const entry = lora.file.tensors.get(name.slice(prefix.length))
      if (entry === undefined) throw new Error(`${lora.label} lost "${name}"`)
      const { dtype, offset, length, arrangement } = entry
      return { path: lora.file.path, dtype, offset, length, ...(arrangement && { arrangement }) }
    })
    const factor: LayerAdapter['factor'] = ({ key, shape }, use, anchor) =>
      factors.parameter(graph, prefix + key, shape, use, anchor)
    return { deltas, factor, strength: graph.input(strengthInput(place), 'float32', [1]) }
  })
  return {
    ...source,
    adapters: (_, path) =>
      adapters.flatMap(({ deltas, strength, factor }) => {
        const delta = deltas.get(path)
        return delta === undefined ? [] : [{ delta, strength, factor }]
      }),
  }
}

/** Parameters with learned rows behind one table; the rows are an input of the graph. @param onInput told that input */
export function withLearnedRows(
  source: ParameterSource,
  graph: Graph,
  table: LearnedTable,
  onInput: (rows: Value) => void = () => {},
): ParameterSource {
  const rows = graph.input(LEARNED_ROWS, 'float32', [table.rows, table.width])
  onInput(rows)
  return { ...source, learnedRows: (_, key) => (key === table.key ? { first: table.first, rows } : undefined) }
}
