import { gradient } from '../graph/gradient.ts'
import { Graph, type Value } from '../graph/graph.ts'
import { blocksOf, chooseBlocks } from '../graph/recompute.ts'
import type { Target } from '../graph/targets.ts'
import type { Trained } from '../models/trained.ts'
import { type ElementType, type Shape, sizeOf, type Tensor, tensor } from '../tensor/tensor.ts'
import { type Footprint, footprintOf, liveBudget } from './footprint.ts'
import type { Network } from './network.ts'
import type { Runtime } from './runtime.ts'
import type { Feeds } from './session.ts'

/** A part of what is trained: one graph of a network. */
export interface Part<Config, Sizes> {
  readonly network: Network<Config, Sizes>
  /** Name of the family's graph, e.g. `predict`. */
  readonly graph: string
  readonly sizes: Sizes
  /** Inputs of that graph that are values of this one, by name, e.g. a text encoder's result as `encoder_hidden_states`. The others are
   *  fed at each run under `prefix` + their names. */
  readonly inputs?: Readonly<Record<string, Value>>
  /** What of it is fed instead of read from its file, and gets gradients; absent: nothing, all of it is frozen. */
  readonly trained?: Trained
  /** Put before the names of its inputs and parameters, where two parts share names. */
  readonly prefix?: string
}

/** What a loss is written with. */
export interface Training {
  readonly graph: Graph
  /** Declares something that is fed at each run and gets no gradient: noise, targets, weights of a loss. */
  input(name: string, type: ElementType, shape: Shape): Value
  /** Declares a float32 parameter of its own: it is fed at each run, and its gradient is returned. Latents under guidance, an embedding. */
  parameter(name: string, shape: Shape): Value
  /** Writes one graph of a network into the graph. @returns its outputs by name, e.g. `out_sample` */
  part<Config, Sizes>(part: Part<Config, Sizes>): Readonly<Record<string, Value>>
}

/** What a loss builder gives back. */
export interface Objective {
  /** float32 [] */
  readonly loss: Value
  /** Other float32 values that each run returns, e.g. the prediction, or the parts of a loss. */
  readonly outputs?: Readonly<Record<string, Value>>
}

/** Blocks whose activations are computed again in the backward part instead of being held: none, all, or as many as needed to keep the
 *  predicted activations within a budget in bytes. */
export type Recompute = 'none' | 'all' | { readonly budget: number }

/** What one run gives. */
export interface LossAndGradients {
  readonly loss: number
  readonly outputs: Readonly<Record<string, Tensor>>
  /** Of the loss, by parameter, in the order of `parameters`; of the parameter's size. Zeros where the loss does not depend on it. */
  readonly gradients: ReadonlyMap<string, Float32Array>
}

/** A graph of a loss and its gradients that can be run. One session computes all of it. */
export interface Trainable {
  /** What is trained: shapes by name, in the order in which the graph asks for them. Names are state-dict keys (`LAYER.weight`),
   *  `LAYER.lora_A.weight` [rank, in, ..kernel] and `LAYER.lora_B.weight` [out, rank, ..1] of low-rank factors (peft's names), `learned_rows`
   *  [rows, width] of a text encoder, and those of `Training.parameter`; each after its part's prefix. */
  readonly parameters: ReadonlyMap<string, Shape>
  /** What running it takes, as predicted. */
  readonly footprint: Footprint
  /** The stored value of a parameter that the model's file holds, as float32: where a fine-tuning begins; undefined for others.
   *  @throws Problem WEIGHTS_*, FILE_* */
  stored(name: string): Float32Array | undefined
  /** Computes the loss at the given parameters. Parameters are read while it runs, and not copied: they may be changed in place between runs.
   *  @param feeds the other inputs by name
   *  @throws Problem SESSION_OPEN, SESSION_RUN, MEMORY */
  run(feeds: Feeds, parameters: ReadonlyMap<string, Float32Array>): Promise<LossAndGradients>
  /** Closes the session. Another run opens it again. */
  release(): Promise<void>
}

/** Writes a loss with its gradients as one graph. The session is opened at the first run, in the runtime's memory budget.
 *  @param build writes the loss; it is called several times, and writes the same each time
 *  @throws Problem GRADIENT where an operation cannot be trained through, and whatever `build` throws */
export function openTrainable(
  runtime: Runtime,
  build: (training: Training) => Objective,
  options: { recompute?: Recompute } = {},
): Trainable {
  const written = chosenGraph(runtime.target, build, options.recompute ?? 'none')
  const { graph, parameters, additions, stored } = written
  const names = [...parameters.keys()]
  const key = `training ${counter++}`
  return {
    parameters,
    footprint: footprintOf(graph),
    stored: name => stored.get(name)?.(),
    async run(feeds, values) {
      const fed = names.map(name => [name, tensor(parameters.get(name) ?? [], given(values, name))] as const)
      const session = await runtime.session(key, '', () => graph, 'recomputing more blocks')
      const results = await session.run({ ...additions, ...feeds, ...Object.fromEntries(fed) })
      const outputs = Object.entries(results).filter(([name]) => name.startsWith(OUTPUT))
      const gradientOf = (name: string, shape: Shape) =>
        results[GRADIENT + name]?.data ?? new Float32Array(sizeOf(shape))
      return {
        loss: results.loss.data[0],
        outputs: Object.fromEntries(outputs.map(([name, value]) => [name.slice(OUTPUT.length), value])),
        gradients: new Map([...parameters].map(([name, shape]) => [name, gradientOf(name, shape)])),
      }
    },
    release: () => runtime.release(key),
  }
}

/** Tells the sessions of several trainings apart. */
let counter = 0

const OUTPUT = 'output/'
const GRADIENT = 'gradient/'

function given(values: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const value = values.get(name)
  if (value === undefined) throw new Error(`the trained parameter "${name}" was given no values`)
  return value
}

/** A graph with what is known of its inputs. */
interface Written {
  readonly graph: Graph
  readonly blocks: ReturnType<typeof blocksOf>
  readonly parameters: ReadonlyMap<string, Shape>
  /** Reads the stored values of parameters that files hold. */
  readonly stored: ReadonlyMap<string, () => Float32Array>
  /** What frozen additions of the networks are fed. */
  readonly additions: Feeds
}

function chosenGraph(target: Target, build: (training: Training) => Objective, recompute: Recompute): Written {
  const write = (isChosen: (place: number) => boolean) => writtenGraph(target, build, isChosen)
  if (recompute === 'none') return write(() => false)
  if (recompute === 'all') return write(() => true)
  return chooseBlocks(places => write(place => places.has(place)), liveBudget(recompute.budget))
}

function writtenGraph(
  target: Target,
  build: (training: Training) => Objective,
  isChosen: (place: number) => boolean,
): Written {
  const graph = new Graph(target)
  const values = new Map<string, Value>()
  const stored = new Map<string, () => Float32Array>()
  const additions: Record<string, Feeds[string]> = {}
  const { loss, outputs = {} } = build({
    graph,
    input: (name, type, shape) => graph.input(name, type, shape),
    parameter(name, shape) {
      const value = graph.input(name, 'float32', shape)
      values.set(name, value)
      return value
    },
    part({ network, graph: name, sizes, inputs = {}, trained, prefix = '' }) {
      for (const [added, value] of Object.entries(network.fedAdditions)) additions[prefix + added] = value
      return graph.part({ inputs, prefix }, () =>
        network.write(graph, name, sizes, trained, ({ value, key }) => {
          values.set(value.name, value)
          if (key !== undefined) stored.set(value.name, () => network.stored(key, value.shape))
        }),
      )
    },
  })
  const blocks = blocksOf(loss)
  const recompute = new Set(blocks.filter((_, place) => isChosen(place)))
  const gradients = gradient(loss, [...values.values()], { recompute })
  graph.output('loss', loss)
  for (const [name, value] of Object.entries(outputs)) graph.output(OUTPUT + name, value)
  // In the order in which the way back reaches them, so that none waits for the others.
  for (const [name, value] of [...values.keys()].map((name, k) => [name, gradients[k]] as const).toReversed()) {
    if (value !== undefined) graph.output(GRADIENT + name, value)
  }
  const parameters = new Map([...values].map(([name, { shape }]) => [name, shape]))
  return { graph, blocks, parameters, stored, additions }
}
