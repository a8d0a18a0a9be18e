import { constant, type Graph, type Value } from '../graph/graph.ts'
import { reshape } from '../graph/ops/index.ts'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { Factor } from '../weights/lora.ts'
import { type LearnedTable, withLearnedRows } from './additions.ts'
import type { LayerAdapter } from './layers/adapters.ts'
import type { ParameterSource } from './layers/layer.ts'

/** Low-rank factors that are trained beside one layer (Hu et al. 2021, arXiv:2106.09685): W x + scale * B A x. */
export interface TrainedFactors {
  readonly rank: number
  /** alpha / rank */
  readonly scale: number
}

/** What of a network is trained: it is fed as an input of the graph instead of read from the model's file. */
export interface Trained {
  /** Parameters themselves, chosen by state-dict key. */
  readonly parameters?: (key: string, shape: Shape) => boolean
  /** Those of them that the files do not hold: what they begin with is the caller's. Absent: none. */
  readonly isNew?: (key: string) => boolean
  /** Low-rank factors, by the path of the layer that they stand beside, e.g. `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`. */
  readonly factors?: ReadonlyMap<string, TrainedFactors>
  /** Rows behind a stored table: new words of a text encoder. Ids from `first` on mean them. */
  readonly rows?: LearnedTable
}

/** An input that stands for what is trained. */
export interface TrainedInput {
  readonly value: Value
  /** State-dict key of a parameter that the model's files hold; absent: it is new. */
  readonly key?: string
}

/** The network that something is trained in. */
interface TrainedNetwork {
  /** Layers that can have factors, with the shapes of their weights (`layersOf`). */
  readonly layers: ReadonlyMap<string, Shape>
  /** Checks that a parameter is in the files. @throws Problem WEIGHTS_* */
  readonly check: (key: string, shape: Shape) => void
}

/** Parameters of which some are inputs of the graph; each is declared when a layer asks for it, and told to `onInput` then.
 *  @throws Problem TRAINED_LAYER for factors beside a layer that is not there */
export function withTrained(
  source: ParameterSource,
  graph: Graph,
  trained: Trained,
  { layers, check }: TrainedNetwork,
  onInput: (input: TrainedInput) => void,
): ParameterSource {
  const inputs = new Map<string, Value>()
  const input = (name: string, shape: Shape, key?: string): Value => {
    const value = inputs.get(name) ?? graph.input(name, 'float32', shape)
    if (!inputs.has(name)) onInput({ value, ...(key !== undefined && { key }) })
    inputs.set(name, value)
    return value
  }
  const chosen = (key: string, shape: Shape): Value | undefined => {
    if (!trained.parameters?.(key, shape)) return undefined
    if (trained.isNew?.(key)) return input(key, shape)
    check(key, shape)
    return input(key, shape, key)
  }
  const own: ParameterSource = {
    ...source,
    parameter(_, key, shape, use, anchor) {
      const value = chosen(key, shape)
      return value ? reshape(value, use) : source.parameter(graph, key, shape, use, anchor)
    },
    table: (_, key, shape) => chosen(key, shape) ?? source.table(graph, key, shape),
    // What is trained is asked for as a whole.
    part: (_, key, shape, rows, anchor) =>
      trained.parameters?.(key, shape) ? undefined : source.part?.(graph, key, shape, rows, anchor),
    blocked: (_, key, shape) => (trained.parameters?.(key, shape) ? undefined : source.blocked?.(graph, key, shape)),
    quantized: (_, key, shape) =>
      trained.parameters?.(key, shape) ? undefined : source.quantized?.(graph, key, shape),
  }
  const factored = trained.factors ? withFactors(own, graph, adaptersOf(graph, trained.factors, layers, input)) : own
  if (trained.rows === undefined) return factored
  return withLearnedRows(factored, graph, trained.rows, rows => onInput({ value: rows }))
}

function withFactors(source: ParameterSource, graph: Graph, own: ReadonlyMap<string, LayerAdapter>): ParameterSource {
  return {
    ...source,
    adapters(_, path) {
      const adapter = own.get(path)
      return [...(source.adapters?.(graph, path) ?? []), ...(adapter === undefined ? [] : [adapter])]
    },
  }
}

/** Factors under peft's names: A [rank, in, ..kernel], B [out, rank, ..1]. */
function adaptersOf(
  graph: Graph,
  factors: NonNullable<Trained['factors']>,
  layers: ReadonlyMap<string, Shape>,
  input: (name: string, shape: Shape) => Value,
): ReadonlyMap<string, LayerAdapter> {
  return new Map(
    [...factors].map(([path, { rank, scale }]) => {
      const shape = layers.get(path)
      if (shape === undefined) {
        throw new Problem('TRAINED_LAYER', `This model has no layer "${path}" that a LoRA could be trained for.`)
      }
      const [out, ...inside] = shape
      const down: Factor = { key: `${path}.lora_A.weight`, shape: [rank, ...inside] }
      const up: Factor = { key: `${path}.lora_B.weight`, shape: [out, rank, ...inside.slice(1).map(() => 1)] }
      const adapter: LayerAdapter = {
        delta: { kind: 'low-rank', down, up, scale: 1 },
        strength: constant(graph, 'float32', [1], [scale]),
        factor: ({ key, shape: own }, use) => reshape(input(key, own), use),
      }
      return [path, adapter]
    }),
  )
}
