import type { Value } from '../../graph/graph.ts'
import { add, layerNormalization, multiply, reshape, split } from '../../graph/ops/index.ts'
import { embeddingLayers, linear, silu, timestepEmbedding } from './basic.ts'
import { computed, inFull } from './half.ts'
import type { Layer } from './layer.ts'
import { type FeedForwardForm, feedForward } from './transformer.ts'

/* Layers that an embedding of the whole picture scales, shifts and gates (Peebles & Xie 2022, arXiv:2212.09748, section 3.2). */

// The reference writes this constant into its adaptive layers.
const EPSILON = 1e-6

/** torch.nn.LayerNorm without weights over the last axis of x [.., width]. */
export function plainLayerNorm(layer: Layer, x: Value, epsilon = EPSILON): Value {
  return layer.build(() => {
    const width = x.shape[x.shape.length - 1]
    const ones = layer.numbers([width], new Array(width).fill(1))
    const zeros = layer.numbers([width], new Array(width).fill(0))
    return computed(layerNormalization(inFull(x), ones, zeros, epsilon))
  })
}

/** What an embedding [1 or batch, in] says to tokens: `count` values [1 or batch, 1, width]. */
export function modulations(layer: Layer, embedding: Value, width: number, count: number): readonly Value[] {
  const all = linear(layer, silu(embedding), width * count)
  return split(reshape(all, [embedding.shape[0], 1, width * count]), 2, new Array(count).fill(width))
}

/** x [batch, tokens, width] times 1 + scale, plus shift. */
export const modulate = (x: Value, scale: Value, shift: Value): Value => add(multiply(x, add(scale, 1)), shift)

/** How a modulated feed-forward is written. */
export interface ModulatedFeedForward {
  readonly shift: Value
  readonly scale: Value
  readonly gate: Value
  readonly form: FeedForwardForm
}

/** x plus the gated feed-forward of `normal`, which is x normalised. */
export function addFeedForward(layer: Layer, x: Value, normal: Value, options: ModulatedFeedForward): Value {
  const { shift, scale, gate, form } = options
  return add(x, multiply(gate, feedForward(layer, modulate(normal, scale, shift), form)))
}

/** The reference's `AdaLayerNormContinuous`, which ends its transformers: x [batch, tokens, width] keeps its shape. */
export function continuousNorm(layer: Layer, x: Value, embedding: Value): Value {
  return layer.build(() => {
    const [scale, shift] = modulations(layer.at('linear'), embedding, x.shape[2], 2)
    return modulate(plainLayerNorm(layer.at('norm'), x), scale, shift)
  })
}

/** The reference's `CombinedTimestepTextProjEmbeddings`, with guidance where it is given:
 *  timestep and guidance [1 or batch], pooled text [batch, in] -> [batch, width]. */
export function embedTimeAndText(
  layer: Layer,
  { timestep, pooled, guidance }: { timestep: Value; pooled: Value; guidance?: Value },
  width: number,
): Value {
  const options = { flipSinToCos: true, frequencyShift: 0 }
  const embedded = (name: string, value: Value) =>
    embeddingLayers(layer.at(name), timestepEmbedding(layer.at('time_proj'), value, 256, options), width)
  return layer.build(() => {
    const time = embedded('timestep_embedder', timestep)
    const guided = guidance === undefined ? time : add(time, embedded('guidance_embedder', guidance))
    return add(guided, embeddingLayers(layer.at('text_embedder'), pooled, width))
  })
}
