import type { Value } from '../../graph/graph.ts'
import { add, concat, multiply, reshape, split, subtract } from '../../graph/ops/index.ts'
import { attend } from './attention.ts'
import { linear, rmsNorm } from './basic.ts'
import { inFull } from './half.ts'
import type { Layer } from './layer.ts'
import { addFeedForward, modulate, modulations, plainLayerNorm } from './modulation.ts'

/* Transformers whose picture and text attend to each other, each with weights of its own (Esser et al. 2024, arXiv:2403.03206, figure 2). */

/** Cosines and sines of the angles that positions turn pairs of numbers by (Su et al. 2021, arXiv:2104.09864):
 *  each [tokens, head size / 2]. */
export interface Rotation {
  readonly cosines: Value
  readonly sines: Value
}

/** How attention between picture and text is written. */
export interface JointAttentionOptions {
  readonly heads: number
  /** Whether queries and keys are normalised head by head. */
  readonly hasNorm: boolean
  readonly rotation?: Rotation
}

/** How a block is written. */
export interface JointBlockOptions extends JointAttentionOptions {
  /** Which of both comes first where they are joined. */
  readonly first: 'places' | 'text'
  /** The last block, after which the text is no longer needed. */
  readonly endsText: boolean
  /** A second attention, of the picture to itself (Stable Diffusion 3.5). */
  readonly hasSecondAttention: boolean
}

// The reference writes this constant into these transformers.
const EPSILON = 1e-6

/** What passes through a block: tokens of the picture [batch, places, width] and of the text [batch, tokens, width]. */
export interface Streams {
  readonly places: Value
  readonly text: Value
}

/** The reference's `JointTransformerBlock` and `FluxTransformerBlock`. @param embedding of time and pooled text [batch, width] */
export function jointBlock(
  block: Layer,
  { places, text }: Streams,
  embedding: Value,
  options: JointBlockOptions,
): Streams {
  const width = places.shape[2]
  const said = modulations(block.at('norm1', 'linear'), embedding, width, options.hasSecondAttention ? 9 : 6)
  const [shift, scale, gate, ...rest] = said
  const normal = plainLayerNorm(block.at('norm1', 'norm'), places)
  const textSaid = modulations(block.at('norm1_context', 'linear'), embedding, width, options.endsText ? 2 : 6)
  // Where the text ends, its scale comes before its shift.
  const [textShift, textScale] = options.endsText ? textSaid.toReversed() : textSaid
  const textNormal = plainLayerNorm(block.at('norm1_context', 'norm'), text)
  const normals = { places: modulate(normal, scale, shift), text: modulate(textNormal, textScale, textShift) }
  const attended = jointAttention(block.at('attn'), normals, options)

  let hidden = add(places, multiply(gate, attended.places))
  if (options.hasSecondAttention) {
    const [shift2, scale2, gate2] = rest.slice(3)
    const second = block.at('attn2')
    const itself = selfAttention(second, modulate(normal, scale2, shift2), options)
    hidden = add(hidden, multiply(gate2, linear(second.at('to_out', 0), itself, width)))
  }
  const drawn = fedForward(block, '', hidden, rest)
  if (options.endsText) return { places: drawn, text }
  const [, , textGate, ...textRest] = textSaid
  return { places: drawn, text: fedForward(block, '_context', add(text, multiply(textGate, attended.text)), textRest) }
}

function fedForward(block: Layer, suffix: string, x: Value, [shift, scale, gate]: readonly Value[]): Value {
  const normal = plainLayerNorm(block.at(`norm2${suffix}`), x)
  return addFeedForward(block.at(`ff${suffix}`), x, normal, { shift, scale, gate, form: 'gelu-approximate' })
}

/** Attention of tokens [batch, tokens, width] to each other, before the last projection. */
export function selfAttention(layer: Layer, tokens: Value, options: JointAttentionOptions): Value {
  const { heads, rotation } = options
  const [query, key] = (['q', 'k'] as const).map(name =>
    rotated(projected(layer, `to_${name}`, `norm_${name}`, tokens, options), heads, rotation),
  )
  return attend(query, key, linear(layer.at('to_v'), tokens, tokens.shape[2]), { heads })
}

function jointAttention(layer: Layer, { places, text }: Streams, options: JointBlockOptions): Streams {
  const { heads, rotation, first, endsText } = options
  const width = places.shape[2]
  const joined = (one: Value, other: Value) => concat(first === 'places' ? [one, other] : [other, one], 1)
  const [query, key] = (['q', 'k'] as const).map(name => {
    const own = projected(layer, `to_${name}`, `norm_${name}`, places, options)
    const added = projected(layer, `add_${name}_proj`, `norm_added_${name}`, text, options)
    return rotated(joined(own, added), heads, rotation)
  })
  const value = joined(linear(layer.at('to_v'), places, width), linear(layer.at('add_v_proj'), text, width))
  const parts = split(attend(query, key, value, { heads }), 1, joinedSizes(places, text, first))
  const [own, added] = first === 'places' ? parts : parts.toReversed()
  return {
    places: linear(layer.at('to_out', 0), own, width),
    text: endsText ? text : linear(layer.at('to_add_out'), added, width),
  }
}

function joinedSizes(places: Value, text: Value, first: 'places' | 'text'): number[] {
  const sizes = [places.shape[1], text.shape[1]]
  return first === 'places' ? sizes : sizes.reverse()
}

/** Queries or keys of tokens [batch, tokens, width], normalised where asked for. */
function projected(
  layer: Layer,
  projection: string,
  norm: string,
  tokens: Value,
  options: JointAttentionOptions,
): Value {
  const [batch, count, width] = tokens.shape
  const { heads, hasNorm } = options
  const plain = linear(layer.at(projection), tokens, width)
  if (!hasNorm) return plain
  const normal = rmsNorm(layer.at(norm), reshape(plain, [batch, count, heads, width / heads]), EPSILON)
  return reshape(normal, [batch, count, width])
}

/** Turns each pair of numbers of each head by its position's angles: x [batch, tokens, width] keeps its shape. */
function rotated(x: Value, heads: number, rotation: Rotation | undefined): Value {
  if (rotation === undefined) return x
  const [batch, tokens, width] = x.shape
  const pairs = width / heads / 2
  const angles = (table: Value) => reshape(table, [1, tokens, 1, pairs, 1])
  const [cosines, sines] = [angles(rotation.cosines), angles(rotation.sines)]
  const [one, other] = split(reshape(inFull(x), [batch, tokens, heads, pairs, 2]), 4, [1, 1])
  const turned = [
    subtract(multiply(one, cosines), multiply(other, sines)),
    add(multiply(other, cosines), multiply(one, sines)),
  ]
  return reshape(concat(turned, 4), x.shape)
}
