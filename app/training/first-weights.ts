import { Graph, type Value } from '../graph/graph.ts'
import { targets } from '../graph/targets.ts'
import type { Family } from '../models/family.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { type Shape, sizeOf } from '../tensor/tensor.ts'
import { streamOf } from './loop.ts'

/** The weights of a network that has learned nothing, as torch begins its layers: linear layers and convolutions uniform up to
 *  1 / sqrt(inputs), their biases too; normalisations at 1 and 0; tables standard normal.
 *  @param graph of the family  @param sizes any that the graph can be built for  @returns by state-dict key */
export function firstWeights<Config, Sizes>(
  family: Family<Config, Sizes>,
  graph: string,
  config: Config,
  sizes: Sizes,
  seed: bigint,
): Map<string, { readonly shape: Shape; readonly data: Float32Array }> {
  const { shapes, tables } = parametersOf(family, graph, config, sizes)
  return new Map(
    shapes.entries().map(([key, shape]) => {
      const random = streamOf(seed, `start of ${key}`)
      if (tables.has(key)) return [key, random.normal(shape)]
      const weight = shapes.get(key.replace(/bias$/, 'weight')) ?? shape
      if (weight.length < 2)
        return [key, { shape, data: new Float32Array(sizeOf(shape)).fill(key.endsWith('bias') ? 0 : 1) }]
      const high = 1 / Math.sqrt(sizeOf(weight.slice(1)))
      return [key, random.uniform(shape, { low: -high, high })]
    }),
  )
}

/** What a network asks for while it is written. */
function parametersOf<Config, Sizes>(family: Family<Config, Sizes>, name: string, config: Config, sizes: Sizes) {
  const shapes = new Map<string, Shape>()
  const tables = new Set<string>()
  const graph = new Graph(targets.cpu)
  const asked = (key: string, shape: Shape, use: Shape): Value => {
    shapes.set(key, shape)
    return graph.input(`${key} ${graph.inputs.length}`, 'float32', use)
  }
  const source: ParameterSource = {
    parameter: (_, key, shape, use) => asked(key, shape, use),
    table(_, key, shape) {
      tables.add(key)
      return asked(key, shape, shape)
    },
  }
  family.graphs[name](new Layer(graph, source), config, sizes)
  return { shapes, tables }
}
