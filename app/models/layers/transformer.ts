import type { Value } from '../../graph/graph.ts'
import { add, addPicture, concat, gelu, multiply, reshape, slice } from '../../graph/ops/index.ts'
import { type AttentionOptions, attend } from './attention.ts'
import { activations, convolution, groupNormalization, layerNorm, linear, linearParts } from './basic.ts'
import { like } from './half.ts'
import type { Layer } from './layer.ts'
import { toPicture, toTokens } from './tokens.ts'

/** The reference's `Attention` as transformers use it: projections without bias, one output projection with bias.
 *  x [batch, tokens, width], context [batch, keys, contextWidth] (x itself: self-attention) -> [batch, tokens, width]. */
function crossAttention(
  layer: Layer,
  x: Value,
  context: Value,
  options: AttentionOptions,
  compute: typeof attend = attend,
  pictures: readonly ImagePromptContext[] = [],
): Value {
  return layer.build(() => {
    const width = x.shape[2]
    const project = (name: string, from: Value) => linear(layer.at(name), from, width, { bias: false })
    const query = project('to_q', x)
    const seen = compute(query, project('to_k', context), project('to_v', context), options)
    // The reference's IPAdapterAttnProcessor: pictures have keys and values of their own, for the same queries.
    const joined = pictures.reduce((sum, { path, tokens, scale }) => {
      const [key, value] = ['to_k', 'to_v'].map(name => project(`${path}.${name}`, tokens))
      return add(sum, multiply(attend(query, key, value, { heads: options.heads }), like(scale, sum)))
    }, seen)
    return linear(layer.at('to_out', 0), joined, width)
  })
}

/** Activations of feed-forward layers: geglu is gated (Shazeer 2020, arXiv:2002.05202). */
export type FeedForwardForm = 'geglu' | 'gelu' | 'gelu-approximate'

/** The reference's `FeedForward`: x [batch, tokens, width], four times the width inside. */
export function feedForward(layer: Layer, x: Value, form: FeedForwardForm = 'geglu'): Value {
  const [batch, tokens, width] = x.shape
  return layer.build(() => {
    const rows = inChunks(reshape(x, [batch * tokens, width]), chunk =>
      linear(layer.at('net', 2), activated(layer.at('net', 0, 'proj'), chunk, width * 4, form), width),
    )
    return reshape(rows, x.shape)
  })
}

/** Applies what treats each row by itself to as many rows [rows, width] at once as the target wants. */
function inChunks(rows: Value, apply: (chunk: Value) => Value): Value {
  const [count] = rows.shape
  const { rowsAtOnce } = rows.graph.target
  if (count <= rowsAtOnce) return apply(rows)
  const chunks = Array.from({ length: Math.ceil(count / rowsAtOnce) }, (_, k) =>
    apply(slice(rows, 0, k * rowsAtOnce, Math.min(count, (k + 1) * rowsAtOnce))),
  )
  return concat(chunks, 0)
}

function activated(layer: Layer, x: Value, out: number, form: FeedForwardForm): Value {
  if (form === 'gelu') return gelu(linear(layer, x, out))
  if (form === 'gelu-approximate') return activations.gelu_tanh(linear(layer, x, out))
  const [hidden, gate] = linearParts(layer, x, [out, out])
  return multiply(hidden, gelu(gate))
}

/** Which attention of a network is meant. */
export interface AttentionPlace {
  /** Path of its layer. */
  readonly layer: string
  /** Of the picture that its queries are the places of. */
  readonly height: number
  readonly width: number
}

/** How an attention is computed that somebody looks into or changes. */
export type Attend = (place: AttentionPlace, ...given: Parameters<typeof attend>) => Value

/** Pictures that an IP-Adapter reads, for attention of their own. */
export interface ImagePromptContext {
  /** Of the weights of their keys and values, below the attention's. */
  readonly path: string
  /** [batch, tokens, contextWidth] */
  readonly tokens: Value
  /** How strongly they act: [batch, 1, 1]. */
  readonly scale: Value
}

/** What a stack of transformer blocks attends to. */
export interface TransformerContext {
  /** [batch, keys, contextWidth] */
  readonly context: Value
  /** Added to the scores of cross-attention: [batch or 1, 1, 1, keys]. */
  readonly contextBias?: Value
  /** Told the probabilities [batch, heads, queries, keys] of each cross-attention, with the path of its layer. */
  readonly onProbabilities?: (layer: string, probabilities: Value) => void
  /** Pictures that are attended to beside the text, each by itself. */
  readonly imagePrompts?: readonly ImagePromptContext[] | undefined
  /** Computes the attention of places to places, and of places to the text; absent: as `attend` does. */
  readonly attention?: { readonly self: Attend; readonly cross: Attend } | undefined
}

/** The reference's `BasicTransformerBlock`: self-attention, cross-attention, feed-forward, each normalised and added. */
function transformerBlock(
  layer: Layer,
  x: Value,
  { context, contextBias, onProbabilities, attention, imagePrompts }: TransformerContext,
  options: { heads: number; onlyCrossAttention: boolean; height: number; width: number },
): Value {
  const { heads, onlyCrossAttention, height, width } = options
  const by = (inside: Layer, compute: Attend | undefined): typeof attend | undefined =>
    compute && ((...given) => compute({ layer: inside.path, height, width }, ...given))
  return layer.block(() => {
    const [own, cross] = [layer.at('attn1'), layer.at('attn2')]
    const first = layerNorm(layer.at('norm1'), x)
    // The mask of the context counts in the second attention alone, as in the reference.
    const seen = onlyCrossAttention
      ? crossAttention(own, first, context, { heads }, by(own, attention?.cross))
      : crossAttention(own, first, first, { heads }, by(own, attention?.self))
    const attended = add(seen, x)
    const second = layerNorm(layer.at('norm2'), attended)
    const told = {
      heads,
      bias: contextBias,
      onProbabilities: onProbabilities && ((probabilities: Value) => onProbabilities(cross.path, probabilities)),
    }
    const crossed = add(
      crossAttention(cross, second, context, told, by(cross, attention?.cross), imagePrompts),
      attended,
    )
    return add(feedForward(layer.at('ff'), layerNorm(layer.at('norm3'), crossed)), crossed)
  })
}

/** How a `Transformer2DModel` is written. */
export interface SpatialTransformerOptions {
  readonly heads: number
  readonly layers: number
  readonly groups: number
  /** Linear projections around the blocks instead of 1x1 convolutions (Stable Diffusion 2 and later). */
  readonly linearProjection: boolean
  readonly onlyCrossAttention: boolean
}

/** The reference's `Transformer2DModel` on pictures: x [batch, channels, height, width] as height x width tokens, and back. */
export function spatialTransformer(
  layer: Layer,
  x: Value,
  context: TransformerContext,
  options: SpatialTransformerOptions,
): Value {
  const body = () => {
    const [, channels, height, width] = x.shape
    const project = (name: string, picture: Value) =>
      options.linearProjection
        ? linear(layer.at(name), picture, channels)
        : convolution(layer.at(name), picture, channels, { kernel: 1 })

    const normal = groupNormalization(layer.at('norm'), x, options.groups, 1e-6)
    let tokens = options.linearProjection ? project('proj_in', toTokens(normal)) : toTokens(project('proj_in', normal))
    for (let k = 0; k < options.layers; k++) {
      tokens = transformerBlock(layer.at('transformer_blocks', k), tokens, context, { ...options, height, width })
    }
    const out = options.linearProjection
      ? toPicture(project('proj_out', tokens), height, width)
      : project('proj_out', toPicture(tokens, height, width))
    return addPicture(out, x)
  }
  // One block is computed again as a whole; of several, each by itself.
  return options.layers === 1 ? layer.block(body) : layer.build(body)
}
