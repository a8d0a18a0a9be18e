import { Graph } from '../graph/graph.ts'
import { type Family, parseConfig } from '../models/family.ts'
import { Layer } from '../models/layers/layer.ts'
import { storedParameters } from '../models/parameters.ts'
import { Problem } from '../problem.ts'
import type { Component } from '../weights/diffusers-folder.ts'
import type { WeightFiles } from '../weights/weight-files.ts'
import type { Runtime } from './runtime.ts'
import type { Session } from './session.ts'

/** One network of a checkpoint: a family, with a config and weights. Sessions are opened for the sizes that are asked for. */
export class Network<Config, Sizes> {
  readonly config: Config
  readonly #family: Family<Config, Sizes>
  readonly #component: Component
  readonly #runtime: Runtime
  #checked = false

  /** @throws Problem MODEL_CONFIG */
  constructor(runtime: Runtime, family: Family<Config, Sizes>, component: Component) {
    this.#runtime = runtime
    this.#family = family
    this.#component = component
    this.config = parseConfig(family, component.config, component.configPath)
  }

  /** The session of one of the family's graphs at the given sizes.
   *  @throws Problem WEIGHTS_*, GRAPH_SHAPE, SESSION_OPEN */
  session(graphName: string, sizes: Sizes): Promise<Session> {
    const network = `${this.#component.folder} ${graphName}`
    return this.#runtime.session(network, JSON.stringify(sizes), () => this.build(graphName, sizes))
  }

  /** One of the family's graphs at the given sizes, not opened. */
  build(graphName: string, sizes: Sizes): Graph {
    const { weights } = this.#component
    const graph = new Graph(this.#runtime.target)
    const used = new Set<string>()
    const find = (key: string, shape: readonly number[]) => {
      const { file, entry } = weights.require(key, shape)
      used.add(entry.name)
      const { dtype, offset, length, arrangement } = entry
      return { path: file.path, dtype, offset, length, arrangement }
    }
    this.#family.graphs[graphName](new Layer(graph, storedParameters(find)), this.config, sizes)
    if (this.#family.usesAllWeights && !this.#checked) this.#refuseLeftOver(weights, used)
    this.#checked = true
    return graph
  }

  /** Weights that no layer takes: the config describes a smaller network than the file holds, and pictures would be wrong. */
  #refuseLeftOver(weights: WeightFiles, used: ReadonlySet<string>): void {
    const left = [...weights.keys()].find(key => !used.has(key))
    if (left === undefined) return
    throw new Problem(
      'WEIGHTS_LEFT',
      `"${left}" in ${weights.label} belongs to no layer that ${this.#component.configPath} describes.`,
      {
        hint: 'The weights and the config.json beside them do not belong together: download the model again.',
      },
    )
  }
}
