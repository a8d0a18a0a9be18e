import { Problem } from '../problem.ts'
import { type BackwardStep, type Block, type Node, scalar, type Value } from './graph.ts'
import { add, after, expand } from './ops/index.ts'

/** How gradients are built. */
export interface GradientOptions {
  /** The gradient of `loss`, of its shape; absent: 1 for each of its elements. */
  readonly outputGradient?: Value
  /** Blocks whose values are computed again on the way back instead of being held. */
  readonly recompute?: ReadonlySet<Block>
}

/** Reverse-mode differentiation (Griewank & Walther 2008, chapter 3): the gradients of `loss` (a scalar, or the sum of its elements) with respect
 *  to some values, as values of the same graph. The nodes that are there stay as they are.
 *  @returns one for each of `wrt`, of its type and shape; undefined where the loss does not depend on it
 *  @throws Problem GRADIENT naming the operation and the layer that have no way back */
export function gradient(loss: Value, wrt: readonly Value[], options: GradientOptions = {}): (Value | undefined)[] {
  const { graph } = loss
  const nodes = graph.needed([loss])
  const wanted = dependents(nodes, wrt)
  const again = new Again(nodes, options.recompute ?? new Set())
  const gradients = new Map([[loss.name, options.outputGradient ?? expand(scalar(graph, 1), loss.shape)]])
  for (const node of nodes.toReversed()) {
    const ownGradients = node.outputs.map(output => gradients.get(output.name))
    const first = ownGradients.find(value => value !== undefined)
    if (first === undefined || !node.inputs.some(input => input && wanted.has(input.name))) continue
    graph.inside(node.layer, () => {
      const step = again.step(node, ownGradients, first)
      if (node.backward === 'none') throw withoutGradient(node)
      node.backward(step).forEach((contribution, place) => {
        const input = node.inputs[place]
        if (input === undefined || contribution === undefined || !wanted.has(input.name)) return
        const before = gradients.get(input.name)
        gradients.set(input.name, before === undefined ? contribution() : add(before, contribution()))
      })
    })
  }
  graph.runsInOrder = true
  return wrt.map(value => (wanted.has(value.name) ? gradients.get(value.name) : undefined))
}

function withoutGradient({ op, layer }: Node): Problem {
  const where = layer === '' ? '' : ` of the layer "${layer}"`
  return new Problem('GRADIENT', `The operation ${op}${where} cannot be trained through.`, {
    hint: 'Train with the weights as they are stored, or in fp32: 8 and 4 bits are for drawing alone.',
    details: { op, layer },
  })
}

const fractions = new Set(['float32', 'float16', 'bfloat16', 'float64'])

/** Names of the values that change continuously with some of the given ones. An operation without a way back passes the question on to those that
 *  take its result, so that it is not overlooked. */
function dependents(nodes: readonly Node[], values: readonly Value[]): ReadonlySet<string> {
  const names = new Set(values.map(({ name }) => name))
  for (const { inputs, outputs, backward } of nodes) {
    if (!inputs.some(input => input && names.has(input.name))) continue
    for (const { name, type } of outputs) if (fractions.has(type) || backward === 'none') names.add(name)
  }
  return names
}

/** Values of the forward part as a backward part may use them. */
class Again {
  readonly #recompute: ReadonlySet<Block>
  readonly #producers: ReadonlyMap<string, Node>
  /** What was computed again of each block, by the name of the value, and the gradient that it waited for. */
  readonly #blocks = new Map<Block, { readonly anchor: Value; readonly values: Map<string, Value> }>()

  constructor(nodes: readonly Node[], recompute: ReadonlySet<Block>) {
    this.#recompute = recompute
    this.#producers = new Map(nodes.flatMap(node => node.outputs.map(output => [output.name, node] as const)))
  }

  step(node: Node, gradients: readonly (Value | undefined)[], first: Value): BackwardStep {
    const there = (place: number) => {
      const value = node.inputs[place]
      if (value === undefined) throw new Error(`${node.op} has no input ${place}`)
      return value
    }
    return {
      gradients,
      gradient: gradients[0] ?? first,
      has: place => node.inputs[place] !== undefined,
      typeOf: there,
      input: place => this.#available(there(place), node, first),
      output: (place = 0) => this.#available(node.outputs[place], node, first),
    }
  }

  #available(value: Value, reader: Node, anchor: Value): Value {
    const producer = this.#producers.get(value.name)
    if (producer === undefined) return value
    if (producer.isBrief) return this.#brief(value, anchor)
    const { block } = producer
    return block !== undefined && block === reader.block && this.#recompute.has(block)
      ? this.#again(value, block, anchor)
      : value
  }

  /** What comes from stored bytes: computed again when `anchor` is there. */
  #brief(value: Value, anchor: Value): Value {
    const producer = this.#producers.get(value.name)
    const [first, shape] = producer?.inputs ?? []
    if (producer === undefined || first === undefined) return value
    // A shape that is computed waits for something: now for the anchor.
    const waits = producer.op === 'Reshape' && shape !== undefined && this.#producers.has(shape.name)
    if (waits) return after(first, anchor, value.shape)
    const inputs = producer.inputs.map(input => input && this.#brief(input, anchor))
    return built(producer, inputs, value)
  }

  /** A value inside a block, from what went into the block; that is held until the block's first gradient is there. */
  #again(value: Value, block: Block, anchor: Value): Value {
    const state = this.#blocks.get(block) ?? { anchor, values: new Map<string, Value>() }
    this.#blocks.set(block, state)
    const existing = state.values.get(value.name)
    if (existing !== undefined) return existing
    const made = this.#madeAgain(value, block, state.anchor)
    state.values.set(value.name, made)
    return made
  }

  #madeAgain(value: Value, block: Block, anchor: Value): Value {
    const producer = this.#producers.get(value.name)
    if (producer?.block === block) {
      const inputs = producer.inputs.map(input => input && this.#again(input, block, anchor))
      return built(producer, inputs, value)
    }
    if (producer?.isBrief) return this.#brief(value, anchor)
    // The constants of the graph need not wait; a scalar has no shape that could.
    return value.graph.initializers.has(value.name) || value.shape.length === 0 ? value : after(value, anchor)
  }
}

/** A node applied to other inputs; the result that stands where `value` stood. */
function built(node: Node, inputs: Node['inputs'], value: Value): Value {
  const { graph } = value
  const outputs = graph.inside(node.layer, () => graph.apply({ ...node, inputs }, node.outputs))
  return outputs[node.outputs.findIndex(({ name }) => name === value.name)]
}
