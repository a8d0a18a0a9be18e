import { Graph } from '../graph/graph.ts'
import { LEARNED_ROWS, type LearnedTable, strengthInput, withLearnedRows, withLoras } from '../models/additions.ts'
import { type Family, parseConfig } from '../models/family.ts'
import { Layer } from '../models/layers/layer.ts'
import { storedParameters } from '../models/parameters.ts'
import { Problem } from '../problem.ts'
import { tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/diffusers-folder.ts'
import type { FittedLora } from '../weights/lora.ts'
import type { WeightFiles } from '../weights/weight-files.ts'
import type { Runtime } from './runtime.ts'
import type { Feeds, Session } from './session.ts'

/** What is added to a network beside its own weights. */
export interface NetworkAdditions {
  readonly loras?: readonly StrongLora[]
  readonly learned?: LearnedTable & { readonly values: Float32Array }
}

/** An adapter fitted to a network, and how strongly it acts: 0 not at all, 1 as it was trained; negative turns it round. */
export interface StrongLora {
  readonly fitted: FittedLora
  readonly strength: number
}

/** What can be run: a session, or one that is also fed what was added to its network. */
export type Runnable = Pick<Session, 'run'>

/** One network of a checkpoint: a family, with a config and weights. Sessions are opened for the sizes that are asked for. */
export class Network<Config, Sizes> {
  readonly config: Config
  readonly #family: Family<Config, Sizes>
  readonly #component: Component
  readonly #runtime: Runtime
  readonly #loras: readonly StrongLora[]
  readonly #learned: NetworkAdditions['learned']
  #checked = false

  /** @throws Problem MODEL_CONFIG */
  constructor(runtime: Runtime, family: Family<Config, Sizes>, component: Component, additions: NetworkAdditions = {}) {
    this.#loras = additions.loras ?? []
    this.#learned = additions.learned
    this.#runtime = runtime
    this.#family = family
    this.#component = component
    this.config = parseConfig(family, component.config, component.configPath)
  }

  /** The session of one of the family's graphs at the given sizes. Strengths of adapters and learned rows are fed, so another
   *  network with other ones shares it.
   *  @throws Problem WEIGHTS_*, GRAPH_SHAPE, SESSION_OPEN */
  async session(graphName: string, sizes: Sizes): Promise<Runnable> {
    const network = `${this.#component.folder} ${graphName}`
    const added = [
      ...this.#loras.map(({ fitted }) => fitted.lora.identity),
      ...(this.#learned ? [`rows ${this.#learned.first} ${this.#learned.rows}`] : []),
    ]
    const key = [JSON.stringify(sizes), ...added].join(' ')
    const session = await this.#runtime.session(network, key, () => this.build(graphName, sizes))
    return added.length === 0 ? session : { run: feeds => session.run({ ...feeds, ...this.#fedAdditions() }) }
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
    const loras = this.#loras.map(({ fitted }) => fitted)
    const stored = storedParameters(find)
    const adapted = loras.length === 0 ? stored : withLoras(stored, graph, loras)
    const source = this.#learned ? withLearnedRows(adapted, graph, this.#learned) : adapted
    this.#family.graphs[graphName](new Layer(graph, source), this.config, sizes)
    if (this.#family.usesAllWeights && !this.#checked) this.#refuseLeftOver(weights, used)
    this.#checked = true
    return graph
  }

  #fedAdditions(): Feeds {
    const strengths = this.#loras.map(
      ({ strength }, place) => [strengthInput(place), tensor([1], Float32Array.of(strength))] as const,
    )
    const learned = this.#learned
    return {
      ...Object.fromEntries(strengths),
      ...(learned && { [LEARNED_ROWS]: tensor([learned.rows, learned.width], learned.values) }),
    }
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
