import { Graph } from '../graph/graph.ts'
import type { Target } from '../graph/targets.ts'
import { multiplyAdds } from '../graph/work.ts'
import { LEARNED_ROWS, type LearnedTable, strengthInput, withLearnedRows, withLoras } from '../models/additions.ts'
import { type Family, parseConfig } from '../models/family.ts'
import { Layer, type ParameterSource } from '../models/layers/layer.ts'
import { type FindTensor, preparedParameters, storedParameters } from '../models/parameters.ts'
import { type Trained, type TrainedInput, withTrained } from '../models/trained.ts'
import { Problem } from '../problem.ts'
import { type Shape, tensor } from '../tensor/tensor.ts'
import type { Component } from '../weights/diffusers-folder.ts'
import { type FittedLora, layersOf } from '../weights/lora.ts'
import type { Precision, PrecisionChoice } from '../weights/precision.ts'
import { SideCar } from '../weights/side-car.ts'
import { readParameter, type WeightFiles } from '../weights/weight-files.ts'
import { type Footprint, footprintOf } from './footprint.ts'
import type { Runnable, Runtime } from './runtime.ts'
import type { Feeds } from './session.ts'

/** What is added to a network beside its own weights. */
export interface NetworkAdditions {
  readonly loras?: readonly StrongLora[]
  readonly learned?: LearnedTable & { readonly values: Float32Array }
  /** What is being trained of it, as it is now. */
  readonly inTraining?: FedTraining | undefined
  /** Weights of layers that its own file does not have, by the names of those layers. */
  readonly others?: readonly WeightFiles[]
  /** Absent: weights as they are stored. */
  readonly precision?: PrecisionChoice | undefined
}

/** Parameters that are fed at each run, since a training changes them. */
export interface FedTraining {
  readonly trained: Trained
  /** Shapes of the parameters, by name. */
  readonly shapes: ReadonlyMap<string, Shape>
  /** Read at each run: they may be changed in place. */
  readonly numbers: ReadonlyMap<string, Float32Array>
  /** Tells the sessions of trainings apart. */
  readonly training: string
  /** The network that is trained, where it is not the model's own but made of it. */
  readonly component?: Component
}

/** An adapter fitted to a network, and how strongly it acts: 0 not at all, 1 as it was trained; negative turns it round. */
export interface StrongLora {
  readonly fitted: FittedLora
  readonly strength: number
}

/** What a run of a network takes. */
export interface Load {
  readonly footprint: Footprint
  /** Multiplications, each with its addition. */
  readonly work: number
}

/** What networks take that are asked one after the other at each step: all weights, and what the largest computes with. */
export const together = (loads: readonly Load[]): Load => ({
  footprint: {
    weights: loads.reduce((sum, { footprint }) => sum + footprint.weights, 0),
    packed: loads.reduce((sum, { footprint: { packed = 0 } }) => sum + packed, 0),
    activations: Math.max(...loads.map(({ footprint }) => footprint.activations)),
  },
  work: loads.reduce((sum, { work }) => sum + work, 0),
})

/** What drawing pictures takes, by the networks that do it. */
export interface DrawingLoads {
  /** One call of the network that draws. */
  readonly drawing: Load
  /** Everything that is done once for all pictures of a call: the text encoders, the autoencoder. */
  readonly others: readonly Load[]
}

/** How a graph is written. */
interface Writing {
  readonly sideCar: SideCar | undefined
  readonly trained?: Trained | undefined
  readonly onInput?: (input: TrainedInput) => void
}

/** One network of a checkpoint: a family, with a config and weights. Sessions are opened for the sizes that are asked for. */
export class Network<Config, Sizes> {
  readonly config: Config
  readonly #family: Family<Config, Sizes>
  readonly #component: Component
  readonly #runtime: Runtime
  readonly #loras: readonly StrongLora[]
  readonly #learned: NetworkAdditions['learned']
  readonly #inTraining: FedTraining | undefined
  readonly #others: readonly WeightFiles[]
  readonly #precision: Precision
  readonly #sideCar: SideCar | undefined
  /** Graphs that were written so far, and the names of the weights that they took. */
  readonly #written = new Set<string>()
  readonly #used = new Set<string>()
  /** Set when it gave something that is no number in half precision. */
  #overflowed = false

  /** @throws Problem MODEL_CONFIG, PRECISION_PROVIDER */
  constructor(runtime: Runtime, family: Family<Config, Sizes>, component: Component, additions: NetworkAdditions = {}) {
    const { loras = [], learned, inTraining, others = [], precision: choice } = additions
    this.#loras = loras
    this.#learned = learned
    this.#inTraining = inTraining
    this.#others = others
    this.#runtime = runtime
    this.#family = family
    this.#component = component
    this.config = parseConfig(family, component.config, component.configPath)
    this.#precision = choice?.precision ?? 'as stored'
    this.#sideCar = choice && sideCarFor(choice, runtime, component.weights)
  }

  /** The side-car that must be written before a session can be opened; undefined where nothing must be. */
  get missingSideCar(): SideCar | undefined {
    return this.#sideCar?.isMissing ? this.#sideCar : undefined
  }

  /** The session of one of the family's graphs at the given sizes. Strengths of adapters and learned rows are fed, so another
   *  network with other ones shares it.
   *  @throws Problem WEIGHTS_*, GRAPH_SHAPE, SESSION_OPEN */
  async session(graphName: string, sizes: Sizes): Promise<Runnable> {
    const network = `${this.#sessions}${graphName}`
    const added = [
      ...this.#loras.map(({ fitted }) => fitted.lora.identity),
      ...(this.#learned ? [`rows ${this.#learned.first} ${this.#learned.rows}`] : []),
      ...(this.#inTraining ? [this.#inTraining.training] : []),
    ]
    const key = [JSON.stringify(sizes), ...added].join(' ')
    const missing = this.missingSideCar
    // Before it is written: that takes longer than all that is refused later.
    if (missing) this.#runtime.refuse({ weights: missing.bytes, activations: 0 }, this.#lighter)
    const open = () => {
      const { target } = this
      // Under another key, so that the one in half precision is closed.
      const typed = target.compute === this.#runtime.target.compute ? key : `${key} in ${target.compute}`
      return this.#runtime.session(network, typed, () => this.build(graphName, sizes), this.#lighter)
    }
    const session = this.target.compute === 'float16' ? await this.#guarded(open) : await open()
    return added.length === 0 ? session : { run: feeds => session.run({ ...feeds, ...this.fedAdditions }) }
  }

  /** Closes its sessions until they are asked for again, where that spares much memory. */
  rest(): Promise<void> {
    return this.#runtime.rest(this.#sessions, this.#component.weights.parameterBytes)
  }

  /** How the names of its sessions begin. */
  get #sessions(): string {
    return `${this.#component.folder} ${this.#precision} `
  }

  /** How its layers are written: as the runtime wants it, but in single precision where half is too small for its numbers. In fp32, weights
   *  are laid out for products when a session opens: they are constants there, and it takes about a second. */
  get target(): Target {
    const { target: wanted } = this.#runtime
    const target: Target = this.#precision === 'fp32' ? { ...wanted, products: 'packed' } : wanted
    const isInFull = this.#overflowed || this.#family.computesInFull?.(this.config)
    return isInFull ? { ...target, compute: 'float32' } : target
  }

  /** A session in half precision, until a number grows beyond that: then, and from then on, in single precision. */
  async #guarded(open: () => Promise<Runnable>): Promise<Runnable> {
    let session = await open()
    let isHalf = true
    return {
      run: async feeds => {
        if (isHalf && !this.#overflowed) {
          const outputs = await session.run(feeds)
          if (Object.values(outputs).every(({ data }) => data.every(Number.isFinite))) return outputs
          this.#overflowed = true
          this.#runtime.note(
            `${this.#component.folder} has numbers that half precision cannot hold: it is computed in single precision from here on.`,
          )
        }
        if (isHalf) session = await open()
        isHalf = false
        return session.run(feeds)
      },
    }
  }

  /** What would take less memory, in words. */
  get #lighter(): string | undefined {
    const { fewBits } = this.#runtime.target
    return this.#precision === '8 bit' || this.#precision === '4 bit' || !fewBits ? undefined : 'the precision "8 bit"'
  }

  /** What running one of the family's graphs takes, also while its side-car is not written; nothing is written. */
  load(graphName: string, sizes: Sizes): Load {
    const missing = this.missingSideCar
    const graph = new Graph(this.target)
    this.#write(graph, graphName, sizes, { sideCar: missing === undefined ? this.#sideCar : undefined })
    const { weights, activations } = footprintOf(graph)
    return { footprint: { weights: missing?.bytes ?? weights, activations }, work: multiplyAdds(graph) }
  }

  /** One of the family's graphs at the given sizes, not opened. */
  build(graphName: string, sizes: Sizes): Graph {
    const graph = new Graph(this.target)
    this.write(graph, graphName, sizes)
    return graph
  }

  /** Writes one of the family's graphs into a graph, where it may be a part. @param trained what of it is fed; absent: what is being
   *  trained of it  @param onInput told each input that stands for what is trained
   *  @throws Problem WEIGHTS_*, GRAPH_SHAPE, TRAINED_LAYER */
  write(
    graph: Graph,
    graphName: string,
    sizes: Sizes,
    trained: Trained | undefined = this.#inTraining?.trained,
    onInput: (input: TrainedInput) => void = () => {},
  ): void {
    this.#write(graph, graphName, sizes, { sideCar: this.#sideCar, trained, onInput })
  }

  #write(graph: Graph, graphName: string, sizes: Sizes, { sideCar, trained, onInput = () => {} }: Writing): void {
    const { weights } = this.#component
    const used = this.#used
    const find = (key: string, shape: readonly number[]) => {
      const holder = this.#others.find(other => other.find(key) !== undefined) ?? weights
      const { file, entry, scale } = holder.require(key, shape)
      used.add(entry.name)
      const { dtype, offset, length, arrangement } = entry
      return { path: file.path, dtype, offset, length, arrangement, scale: scale?.() }
    }
    const source = this.#source(graph, find, sideCar)
    const whole = trained
      ? withTrained(source, graph, trained, { layers: layersOf(weights), check: find }, onInput)
      : source
    this.#family.graphs[graphName](new Layer(graph, whole), this.config, sizes)
    this.#written.add(graphName)
    if (this.#family.usesAllWeights && Object.keys(this.#family.graphs).every(name => this.#written.has(name)))
      this.#refuseLeftOver(weights, used)
  }

  /** The numbers of a parameter as the files hold them. @throws Problem WEIGHTS_MISSING, FILE_* */
  stored(key: string, shape: Shape): Float32Array {
    return readParameter(this.#component.weights.require(key, shape))
  }

  /** What its graphs are fed beside their own inputs: strengths of adapters, learned rows, what is being trained. */
  get fedAdditions(): Feeds {
    const strengths = this.#loras.map(
      ({ strength }, place) => [strengthInput(place), tensor([1], Float32Array.of(strength))] as const,
    )
    const learned = this.#learned
    const { shapes, numbers = new Map<string, Float32Array>() } = this.#inTraining ?? {}
    const trained = [...numbers].map(([name, data]) => [name, tensor(shapes?.get(name) ?? [], data)] as const)
    return {
      ...Object.fromEntries([...strengths, ...trained]),
      ...(learned && { [LEARNED_ROWS]: tensor([learned.rows, learned.width], learned.values) }),
    }
  }

  #source(graph: Graph, find: FindTensor, sideCar: SideCar | undefined): ParameterSource {
    const loras = this.#loras.map(({ fitted }) => fitted)
    const own = this.#ownSource(find, sideCar)
    const adapted = loras.length === 0 ? own : withLoras(own, graph, loras)
    return this.#learned ? withLearnedRows(adapted, graph, this.#learned) : adapted
  }

  #ownSource(find: FindTensor, sideCar: SideCar | undefined): ParameterSource {
    if (sideCar === undefined) return storedParameters(find)
    const file = sideCar.open()
    return preparedParameters(find, (key, suffix) => {
      const name = this.#component.weights.find(key)?.entry.name
      const entry = file.tensors.get(`${name}${suffix}`)
      return entry && { path: file.path, ...entry }
    })
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

/** A side-car is of use where weights are pages of their file: a provider that holds them casts them once anyway. */
function sideCarFor({ precision, cache, block }: PrecisionChoice, { target }: Runtime, weights: WeightFiles) {
  if (precision === 'fp16' && target.compute !== 'float16') {
    throw new Problem('PRECISION_PROVIDER', `Models in fp16 are computed on WebGPU alone, not on ${target.provider}.`, {
      hint: 'Choose the precision "as stored".',
    })
  }
  if (precision === 'as stored' || precision === 'fp16' || (precision === 'fp32' && target.weights === 'held'))
    return undefined
  if (precision !== 'fp32' && !target.fewBits) {
    throw new Problem(
      'PRECISION_PROVIDER',
      `Models in ${precision} are computed on the CPU alone, not on ${target.provider}.`,
      {
        hint: 'Choose the provider "cpu", or the precision "as stored".',
      },
    )
  }
  const sideCar = new SideCar(cache, weights, precision, block)
  return sideCar.isEmpty ? undefined : sideCar
}
