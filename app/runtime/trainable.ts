import type { Graph, Value } from '../graph/graph.ts'
import type { Trained } from '../models/trained.ts'
import type { ElementType, Shape, Tensor } from '../tensor/tensor.ts'
import type { Footprint } from './footprint.ts'
import type { Network } from './network.ts'
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
